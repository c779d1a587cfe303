// Everybody can use it: axe finds nothing on any page, in both themes, wide and narrow; and all of it
// is small.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaintsInBothThemes, moving } from "./browser";
import { sharedHouse } from "./house";
import { once } from "./in-firefox";

/** Document, scripts, style and font of the first page, as they come over the wire, headers included. */
const FIRST_LOAD_BYTES_MAX = 150_000;

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
  ["an empty list", () => "/recordings?range=yesterday", says("Nothing here")],
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

// What comes later, once it is quiet or wanted, is no part of it.
once.each(["/live", "/timeline"])("is small: %s", async (path) => {
  const { page, context } = await house.open();
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
  console.log(`first load of ${path}: ${(bytes / 1000).toFixed(1)} kB: ${each}`);
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  await context.close();
});
