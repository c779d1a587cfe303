import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { cut, FEATURES, sourceOf, TYPEFACE, WEIGHT } from "./typeface";

/** What cuts it reads it too. */
const harfbuzz = createRequire(sourceOf("subset-font"));
const { convert } = harfbuzz("fontverter");
const { Blob: Bytes, Face } = await import(harfbuzz.resolve("harfbuzzjs"));

async function read(font: Buffer) {
  const face = new Face(new Bytes(await convert(font, "sfnt")), 0);
  const tags = (table: string) => new Set<string>(face.getTableFeatureTags(table));
  return {
    bytes: font.length,
    letters: [...face.collectUnicodes()],
    weight: face.getAxisInfos().wght,
    /** How letters become shapes, and where they stand. */
    features: { GSUB: tags("GSUB"), GPOS: tags("GPOS") },
  };
}

type Font = Awaited<ReturnType<typeof read>>;

const wanted = (features: Set<string>) => FEATURES.filter((tag) => features.has(tag));

/** One after the other: what unpacks them has one memory for all. */
const files: { name: string; whole: Font; small: Font }[] = [];
for (const [name, source] of Object.entries(TYPEFACE)) {
  const bytes = readFileSync(sourceOf(source));
  files.push({ name, whole: await read(bytes), small: await read(await cut(bytes)) });
}

describe.each(files)("$name", ({ whole, small }) => {
  it("keeps every letter, in fewer bytes", () => {
    expect(whole.letters.length).toBeGreaterThan(200);
    expect(small.letters).toEqual(whole.letters);
    expect(small.bytes).toBeLessThan(0.75 * whole.bytes);
  });

  it("keeps what is wanted of how letters look and stand", () => {
    for (const table of ["GSUB", "GPOS"] as const) {
      expect(wanted(small.features[table])).toEqual(wanted(whole.features[table]));
    }
    expect(small.features.GSUB).toContain("tnum");
    expect(small.features.GPOS).toContain("kern");
  });

  it("has the weights that the page has", () => {
    expect(whole.weight).toMatchObject({ min: 100, max: 900 });
    expect(small.weight).toMatchObject(WEIGHT);
  });
});

it("is asked for nothing that it has not", () => {
  const has = (tag: string) =>
    files.some(({ whole }) => whole.features.GSUB.has(tag) || whole.features.GPOS.has(tag));
  expect(FEATURES.filter((tag) => !has(tag))).toEqual([]);
});

it("has the same weights in the style sheet", () => {
  const css = readFileSync(new URL("../src/app.css", import.meta.url), "utf8");
  const faces = css.match(/@font-face \{[^}]*\}/g) ?? [];
  expect(faces.length).toBe(files.length);
  for (const face of faces) {
    expect(face).toContain(`font-weight: ${WEIGHT.min} ${WEIGHT.max};`);
    expect(Object.keys(TYPEFACE).filter((name) => face.includes(`typeface/${name}`)).length).toBe(
      1,
    );
  }
  // No feature is named that the files were not cut for.
  expect(css).not.toContain("font-feature-settings");
});
