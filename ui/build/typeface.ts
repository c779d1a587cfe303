// The typeface as the page needs it: every letter that it comes with, in the weights that the page has.
// Thinner and heavier ones would be a third of its bytes, and of the first load an eighth.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

/** Files as `app.css` names them, below `typeface/`, and what they are cut from. */
export const TYPEFACE = {
  "latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  "latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
};

/** From running text to what a browser makes of <strong>; `app.css` names the same. */
export const WEIGHT = { min: 400, max: 700 };
/** How letters stand beside each other, and figures of one width. Nobody here writes fractions. */
export const FEATURES = ["calt", "ccmp", "kern", "locl", "mark", "mkmk", "tnum"];

/** All that a file may have: what it has not is passed over. */
const LETTERS = Array.from({ length: 0x10000 }, (_, at) => at)
  // Half of a pair is none.
  .filter((at) => at < 0xd800 || at > 0xdfff)
  .map((at) => String.fromCharCode(at))
  .join("");

export function cut(whole: Buffer): Promise<Buffer> {
  return subsetFont(whole, LETTERS, {
    targetFormat: "woff2",
    variationAxes: { wght: WEIGHT },
    keepFeatures: FEATURES,
  });
}

export const sourceOf = (name: string) => createRequire(import.meta.url).resolve(name);

/** Cuts what was not cut yet, and lets `typeface/` lead to it. */
export function typeface(): Plugin {
  return {
    name: "holdfast-typeface",
    async config() {
      const made = createHash("sha256").update(readFileSync(import.meta.filename));
      const sources = Object.entries(TYPEFACE).map(
        ([name, source]) => [name, readFileSync(sourceOf(source))] as const,
      );
      for (const [, whole] of sources) made.update(whole);
      const version = made.digest("hex").slice(0, 16);
      const folder = join(import.meta.dirname, "../node_modules/.cache/typeface", version);
      mkdirSync(folder, { recursive: true });
      for (const [name, whole] of sources) {
        const path = join(folder, name);
        if (!existsSync(path)) writeFileSync(path, await cut(whole));
      }
      return { resolve: { alias: { typeface: folder } } };
    },
  };
}
