import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { cut, sourceOf, TYPEFACE } from "./typeface";

/** What cuts it reads it too. */
const harfbuzz = createRequire(sourceOf("subset-font"));
const { convert } = harfbuzz("fontverter");
const { Blob: Bytes, Face } = await import(harfbuzz.resolve("harfbuzzjs"));

async function lettersOf(font: Buffer): Promise<number[]> {
  const face = new Face(new Bytes(await convert(font, "sfnt")), 0);
  return [...face.collectUnicodes()];
}

describe.each(Object.entries(TYPEFACE))("%s", (_, source) => {
  it("keeps every letter, in fewer bytes", { timeout: 60_000 }, async () => {
    const whole = readFileSync(sourceOf(source));
    const small = await cut(whole);
    const letters = await lettersOf(whole);
    expect(letters.length).toBeGreaterThan(200);
    expect(await lettersOf(small)).toEqual(letters);
    expect(small.length).toBeLessThan(0.75 * whole.length);
  });
});
