import { configDefaults, defineConfig } from "vitest/config";

/** Files that look at moving pictures, and keep a processor busy with them. */
const PICTURES = [
  "drift",
  "firefox",
  "firefox-paths",
  "hls",
  "hostile",
  "live-fallback",
  "live-grid",
  "live-sleep",
  "scrub",
  "shuttle",
  "steps",
  "take",
  "unplayable",
  "watch",
];
const pictures = PICTURES.map((name) => `tests-e2e/${name}.test.ts`);
const all = "tests-e2e/**/*.test.ts";

/** `npm run e2e` runs two lanes side by side (tests-e2e/lanes.mjs); all files are one, for any of them. */
const lane = process.env.E2E_LANE;

export default defineConfig({
  test: {
    include: lane === "pictures" ? pictures : [all],
    exclude: [...configDefaults.exclude, ...(lane === "pages" ? pictures : [])],
    globalSetup: "tests-e2e/shared-setup.ts",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One browser a lane: its files one after the other.
    fileParallelism: false,
  },
});
