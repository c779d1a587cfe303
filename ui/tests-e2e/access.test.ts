// Everybody can use it: axe finds nothing on any page, in both themes, wide and narrow; and all of it
// is small.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Language, languages } from "../src/texts";
import { complaintsInBothThemes, moving } from "./browser";
import { sharedHouse } from "./house";
import { once } from "./in-firefox";

/** Document, scripts, style and font of the first page, as they come over the wire, headers included. */
const FIRST_LOAD_BYTES_MAX = 150_000;

/** After so long the page loads what nobody has asked for yet (`Sheets.svelte`, `past.svelte.ts`, `main.ts`). */
const QUIET_MS = 4_000;

const house = sharedHouse();

type Ago = (s: number) => string;

/** What is looked at, where it is, and when it is there. */
const places: [string, (ago: Ago) => string, (page: Page) => Promise<unknown>][] = [
  ["live", () => "/live", (page) => moving(page, 1)],
  ["one camera", () => "/live?focus=garden", (page) => moving(page, 1)],
  ["timeline", () => "/timeline", (page) => moving(page, 1)],
  ["the past", (ago) => `/timeline?at=${ago(5)}&span=60`, still],
  [
    "a time without footage",
    (ago) => `/timeline?at=${ago(86_400)}&focus=garden`,
    says("No footage"),
  ],
  ["recordings", () => "/recordings", (page) => page.locator("[data-row] img").nth(2).waitFor()],
  // Nothing is as long ago as this: yesterday may be a minute ago.
  ["an empty list", () => "/recordings?range=own&to=2001-01-01T00:00:00Z", says("Nothing here")],
  ["exports", () => "/exports", says("New export")],
  [
    "a new export",
    (ago) => `/exports?new&from=${ago(9)}&to=${ago(4)}&cameras=garden`,
    says("the whole range"),
  ],
  ["proving a file", () => "/exports?verify=1", says("Verify a file")],
  ["health", () => "/system", says("Sends, recorded")],
  ["storage", () => "/system/storage", says("stay free")],
  ["cameras", () => "/system/cameras", says("Garden at night")],
  [
    "a new camera",
    () => "/system/cameras?add=1",
    (page) => page.getByLabel("Address of the main stream").waitFor(),
  ],
  ["who has access", () => "/system/access", says("This one")],
  ["the log", () => "/system/log", (page) => lines(page).first().waitFor()],
  ["no such page", () => "/nowhere", says("There is no such page")],
];

function says(words: string) {
  return (page: Page) => page.getByRole("main").getByText(words).first().waitFor();
}

/** Any of them: the newest are shown, and what was said first may be none of those. */
const lines = (page: Page) =>
  page.getByRole("region", { name: "Lines of the log" }).getByRole("listitem");

/** Until a picture stands there. */
function still(page: Page) {
  return page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>("video.front");
    return video && video.readyState >= 2;
  });
}

describe.each([false, true])("on a phone: %s", (phone) => {
  let page: Page;

  beforeAll(async () => {
    ({ page } = await house.open({ phone }));
  });

  afterAll(() => page?.context().close());

  /** What axe has against `path` in each theme, once `there` says that it has come. */
  async function look(path: string, there: (page: Page) => Promise<unknown>) {
    const worn = () => page.evaluate(() => document.documentElement.dataset.theme);
    // What the page before was left in, whatever came of it, the next one begins in.
    const theme = await worn();
    await page.goto(house.recorder.url + path);
    if (theme) expect(await worn()).toBe(theme);
    await there(page);
    return complaintsInBothThemes(page);
  }

  it.each(places)("%s, in both themes", async (_, path, there) => {
    const ago = (s: number) => new Date(Date.now() - s * 1000).toISOString();
    expect(await look(path(ago), there)).toEqual([]);
  });

  it("signing in, in both themes", async () => {
    await page.context().clearCookies();
    const found = await look("/login", () =>
      page.getByRole("button", { name: "Sign in" }).waitFor(),
    );
    expect(found).toEqual([]);
  });
});

/** Timeline has all that Live has, and its own beside: in every language. */
const firstPages: [string, Language][] = [
  ["/live", "en"],
  ...languages.map(({ language }): [string, Language] => ["/timeline", language]),
];

// What comes later, once it is quiet or wanted, is no part of it.
once.each(firstPages)("is small: %s in %s", async (path, language) => {
  const { page, context } = await house.open();
  await page.addInitScript(
    ({ language, quietMs }) => {
      localStorage.setItem("holdfast.language", language);
      // On a machine that is busy it would be quiet before the first picture is there: here it never is.
      const plain = globalThis.setTimeout;
      const never = (run: () => void, ms = 0) => (ms < quietMs ? plain(run, ms) : -1);
      globalThis.setTimeout = never as typeof setTimeout;
    },
    { language, quietMs: QUIET_MS },
  );
  const files: Promise<{ file: string; bytes: number }>[] = [];
  page.on("requestfinished", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/")) return;
    const sized = request.sizes().then(({ responseHeadersSize, responseBodySize }) => ({
      file: pathname.split("/").at(-1) ?? "",
      bytes: responseHeadersSize + responseBodySize,
    }));
    files.push(sized);
  });
  await page.goto(house.recorder.url + path);
  await page.getByRole("slider").waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].some((v) => v.videoWidth),
  );
  await page.evaluate(() => document.fonts.ready);
  const sized = await Promise.all(files);
  const bytes = sized.reduce((sum, one) => sum + one.bytes, 0);
  const each = sized.map(({ file, bytes }) => `${file} ${(bytes / 1000).toFixed(1)}`).join(", ");
  expect(await page.evaluate(() => document.documentElement.lang)).toMatch(language);
  console.log(`first load of ${path} in ${language}: ${(bytes / 1000).toFixed(1)} kB: ${each}`);
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  await context.close();
});
