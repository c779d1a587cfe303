import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cut, FEATURES, ingredients, keep, sourceOf, TYPEFACE, WEIGHT } from "./typeface";

vi.mock("node:fs", async (actual) => {
  const fs = await actual<typeof import("node:fs")>();
  return { ...fs, writeFileSync: vi.fn(fs.writeFileSync) };
});

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

describe("a file that was cut", () => {
  let folder: string;
  let path: string;
  const make = vi.fn(async () => Buffer.from("a typeface"));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "typeface-"));
    path = join(folder, "latin.woff2");
    make.mockClear();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is cut once", async () => {
    await keep(path, make);
    await keep(path, make);
    expect(make).toHaveBeenCalledTimes(1);
    expect(readdirSync(folder)).toEqual(["latin.woff2"]);
  });

  it("is never there in part", async () => {
    vi.mocked(writeFileSync).mockImplementationOnce((to) => {
      writeFileSync(to, "a type");
      throw new Error("no space left on device");
    });
    await expect(keep(path, make)).rejects.toThrow("no space left");
    expect(readdirSync(folder)).toEqual([]);
    await keep(path, make);
    expect(readFileSync(path, "utf8")).toBe("a typeface");
  });

  it("is whole where two builds cut it at once", async () => {
    await Promise.all([keep(path, make), keep(path, make)]);
    const written = vi
      .mocked(writeFileSync)
      .mock.calls.slice(-2)
      .map(([to]) => to);
    expect(new Set([...written, path]).size).toBe(3);
    expect(readdirSync(folder)).toEqual(["latin.woff2"]);
  });

  it("depends on what cuts it", () => {
    const files = ingredients();
    const own = JSON.parse(readFileSync(files[1] ?? "", "utf8"));
    expect(own).toMatchObject({ name: "subset-font", version: expect.any(String) });
    expect(files.map((file) => basename(file))).toEqual([
      "typeface.ts",
      "package.json",
      "harfbuzz-subset.wasm",
      ...Object.values(TYPEFACE).map((source) => basename(source)),
    ]);
  });
});
