import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const kept = join(root, "../crates/export/src/page/page.js");

it("is in exports as it is built: run npm run offline after changes", {
  timeout: 60_000,
}, async () => {
  const built = await build({
    root,
    configFile: join(root, "vite.offline.config.ts"),
    logLevel: "error",
    build: { write: false },
  });
  const [only, ...more] = [built].flat().flatMap((one) => ("output" in one ? one.output : []));
  expect(more).toEqual([]);
  const script = only?.type === "chunk" ? only.code : "";
  expect(script === readFileSync(kept, "utf8"), "the same script").toBe(true);
  // It stands in the page as it is, and every export carries it.
  expect(script).not.toMatch(/<\/script|<!--|%DATA%/i);
  expect(Buffer.byteLength(script)).toBeLessThan(16_000);
});
