// The page's proof, held against the list of tampered exports.

import { expect, it } from "vitest";
import { bytesOfBlob } from "../src/proof/bytes";
import { verify } from "../src/proof/verify";
import { NotAnExport } from "../src/proof/zip";
import { cases, tampered } from "./tampered";

const source = (zip: Uint8Array) => bytesOfBlob(new Blob([new Uint8Array(zip)]));

it.each(cases)("finds $what", { timeout: 60_000 }, async (told) => {
  const found = await verify(source(tampered(told)), () => {}).then(
    ({ signature, wrong }) => [
      ...(signature === "good" ? [] : ["bad-signature"]),
      ...wrong.map(({ file, what }) => `${file} ${what}`),
    ],
    (error) => {
      if (error instanceof NotAnExport) return ["not-an-export"];
      throw error;
    },
  );
  expect(found).toEqual(told.page);
});
