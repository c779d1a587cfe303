import { configDefaults, defineConfig } from "vitest/config";

/** Files that look at moving pictures, and keep a processor busy with them. */
const PICTURES = [
  "delay",
  "drift",
  "firefox",
  "firefox-paths",
  "hls",
  "hostile",
  "live-fallback",
  "live-grid",
  "live-sleep",
  "scrub",
  "seek",
  "shuttle",
  "steps",
  "take",
  "thumb",
  "unplayable",
  "watch",
];

/** Files about what Chromium does not do, or that a whole walk in Firefox goes through. */
const FIREFOX_ALONE = ["firefox", "firefox-paths"];

/** Files that run once in each browser. The others are about the recorder, or about what one way
 * through the page in Firefox shows already. */
const BOTH = [
  "access",
  "exports",
  "installed",
  "kiosk",
  "log",
  "recordings",
  "setup",
  "storage",
  "thumb",
];

const files = (names: string[]) => names.map((name) => `tests-e2e/${name}.test.ts`);
const pictures = files(PICTURES);
const all = "tests-e2e/**/*.test.ts";

/** `npm run e2e` runs two lanes side by side (tests-e2e/lanes.mjs); all files are one, for any of them. */
const lane = process.env.E2E_LANE;

const inLane = (path: string) => !lane || pictures.includes(path) === (lane === "pictures");

/** As long as a machine may take that does much else beside: what comes is not waited for longer, and
 * what does not come fails all the same. */
const shared = {
  testTimeout: 180_000,
  hookTimeout: 60_000,
  // One second, where nothing is said, is what the nominal machine takes.
  expect: { poll: { timeout: 20_000 } },
};

export default defineConfig({
  test: {
    // Once for both browsers.
    globalSetup: "tests-e2e/shared-setup.ts",
    // One browser a lane: its files one after the other.
    fileParallelism: false,
    projects: [
      {
        test: {
          ...shared,
          name: "chromium",
          include: lane === "pictures" ? pictures : [all],
          exclude: [
            ...configDefaults.exclude,
            ...files(FIREFOX_ALONE),
            ...(lane === "pages" ? pictures : []),
          ],
        },
      },
      {
        test: {
          ...shared,
          name: "firefox",
          include: files([...FIREFOX_ALONE, ...BOTH]).filter(inLane),
          env: { E2E_BROWSER: "firefox" },
        },
      },
    ],
  },
});
