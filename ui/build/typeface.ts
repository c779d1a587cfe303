// The typeface as the page needs it: every letter that it comes with, in the weights that the page has.
// Thinner and heavier ones would be a third of its bytes, and of the first load an eighth.

import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
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

/** What a cut file depends on: where one of them is another one, it is cut anew. */
export function ingredients(): string[] {
  const knife = sourceOf("subset-font");
  return [
    import.meta.filename,
    join(dirname(knife), "package.json"),
    createRequire(knife).resolve("harfbuzzjs/dist/harfbuzz-subset.wasm"),
    ...Object.values(TYPEFACE).map(sourceOf),
  ];
}

/** Under its name a file is whole, also where a build was ended, or another one runs beside it. */
export async function keep(path: string, make: () => Promise<Buffer>): Promise<void> {
  if (existsSync(path)) return;
  const part = `${path}.${randomUUID()}`;
  const made = await make();
  try {
    writeFileSync(part, made);
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
}

/** Cuts what was not cut yet, and lets `typeface/` lead to it. */
export function typeface(): Plugin {
  return {
    name: "holdfast-typeface",
    async config() {
      const of = createHash("sha256");
      for (const path of ingredients()) of.update(readFileSync(path));
      const version = of.digest("hex").slice(0, 16);
      const folder = join(import.meta.dirname, "../node_modules/.cache/typeface", version);
      mkdirSync(folder, { recursive: true });
      for (const [name, source] of Object.entries(TYPEFACE)) {
        await keep(join(folder, name), () => cut(readFileSync(sourceOf(source))));
      }
      return { resolve: { alias: { typeface: folder } } };
    },
  };
}
