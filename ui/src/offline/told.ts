// What came of verifying, in the words that the recorder's own page has for it.

import { plainName } from "../api/name";
import { standingOf } from "../proof/standing";
import type { Checked } from "../proof/unpacked";
import { verdictTexts as words } from "../texts/en/verdict";
import { data, element, find } from "./data";

const OTHER_KEY = "Whole, but signed with another key than the one that this page names";
/** Of what was given, where that is not all of it: nothing whole was read. */
const PART = {
  whole: "What was given is as it was signed; the rest was not checked.",
  other:
    "What was given is as it was signed, but with another key than the one that this page names; the rest was not checked",
  unsigned:
    "What was given is as its list says, but neither the signature nor the rest was checked",
  unsignedHow:
    "Whether the recorder signed that list this browser cannot check: take a newer one, or use “holdfast verify”.",
};

function say(className: string, heading: string, detail = ""): void {
  find("verdict").append(element("strong", heading, className));
  if (detail) find("verdict").append(element("p", detail));
}

function list(lines: string[]): void {
  const all = element("ul");
  for (const line of lines) all.append(element("li", line));
  find("verdict").append(all);
}

function flaws({ signature, wrong, unsaid }: Checked): string[] {
  return [
    ...(signature === "bad" ? [words.badSignature] : []),
    ...wrong.map(({ file, what }) => words.wrong[what](plainName(file))),
    ...(unsaid > 0 ? [words.unsaid(unsaid)] : []),
  ];
}

export function tell(verdict: Checked): void {
  const { manifest, signature, left } = verdict;
  const standing = standingOf(verdict, data.publicKey);
  if (standing === "bad") {
    say("bad", words.badHeading);
    list(flaws(verdict));
  } else if (left.length > 0) {
    say("doubt", PART[standing], standing === "unsigned" ? PART.unsignedHow : "");
  } else if (standing === "unsigned") say("doubt", words.unsignedHeading, words.unsignedOld);
  else if (standing === "other") say("doubt", OTHER_KEY);
  else say("good", "Nothing was changed since it was signed.");
  if (manifest.id !== data.id) {
    say("doubt", `This is another export than that of this page: “${plainName(manifest.name)}”`);
  }
  if (left.length > 0) {
    find("verdict").append(element("p", "Not among the files, and not checked:"));
    list(left);
  }
  if (signature === "good") {
    find("verdict").append(element("p", `Signed with the key ${manifest.public_key}.`, "small"));
  }
}

export function tellNotOne(): void {
  say("bad", words.notOneHeading, words.notOne);
}

export function tellFailed(why: string): void {
  say("bad", words.failedHeading, why);
}
