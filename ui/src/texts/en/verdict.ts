// English: what came of verifying an export. The page of the recorder and the one inside of exports
// say the same.

import { plurals } from "../format";

const plural = plurals("en");

export const verdictTexts = {
  notOneHeading: "This is no export as a recorder writes it",
  notOne:
    "It was changed, cut off or packed anew, or it is another file. Fetch the export again and compare.",
  failedHeading: "It could not be read",
  unsignedHeading: "Whole, but the signature was not checked",
  unsignedOld:
    "Every clip is the one that its list names. Whether the recorder signed that list this browser cannot check: take a newer one, or use “holdfast verify”.",
  badHeading: "It is not as it was exported",
  badSignature: "The list of what is inside does not bear its signature: it was changed.",
  wrong: {
    changed: (file: string) => `${file} was changed`,
    missing: (file: string) => `${file} is missing`,
    stray: (file: string) => `${file} does not belong to it`,
  },
  unsaid: (files: number) =>
    plural(files, { one: "# more file is not right", other: "# more files are not right" }),
};
