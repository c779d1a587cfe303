// Everybody can use it: axe finds nothing on any page, in both themes, wide and narrow; and all of it
// is small.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaints } from "./browser";
import { sharedHouse } from "./house";

/** Script, style and font of the first page, as they come over the wire. */
const FIRST_LOAD_BYTES_MAX = 150_000;

const house = sharedHouse();

const places: [string, (ago: (s: number) => string) => string][] = [
  ["live", () => "/live"],
  ["one camera", () => "/live?focus=garden"],
  ["timeline", () => "/timeline"],
  ["the past", (ago) => `/timeline?at=${ago(5)}&span=60`],
  ["a time without footage", (ago) => `/timeline?at=${ago(86_400)}&focus=garden`],
  ["recordings", () => "/recordings"],
  ["an empty list", () => "/recordings?range=yesterday"],
  ["no such page", () => "/nowhere"],
];

describe.each([false, true])("on a phone: %s", (phone) => {
  /** One of each theme: while one is waited for, the other is looked at. */
  let pages: { theme: string; page: Page }[] = [];

  beforeAll(async () => {
    const themed = ["dark", "light"].map(async (theme) => {
      const { page } = await house.open({ phone });
      await page.addInitScript((t) => localStorage.setItem("holdfast.theme", t), theme);
      return { theme, page };
    });
    pages = await Promise.all(themed);
  });

  afterAll(() => Promise.all(pages.map(({ page }) => page.context().close())));

  /** What axe has against each of them once it has come to `path` and `ready` says that it is there. */
  async function look(path: string, ready: (page: Page) => Promise<void>) {
    const looked = pages.map(async ({ theme, page }) => {
      await page.goto(house.recorder.url + path);
      expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
      await ready(page);
      return (await complaints(page)).map((complaint) => `${theme}: ${complaint}`);
    });
    return (await Promise.all(looked)).flat();
  }

  it.each(places)("%s, in both themes", async (_, path) => {
    const ago = (s: number) => new Date(Date.now() - s * 1000).toISOString();
    const found = await look(path(ago), async (page) => {
      await page.locator("h1").waitFor({ state: "attached" });
      await page.waitForTimeout(1000);
    });
    expect(found).toEqual([]);
  });

  it("signing in, in both themes", async () => {
    for (const { page } of pages) await page.context().clearCookies();
    const found = await look("/login", (page) =>
      page.getByRole("button", { name: "Sign in" }).waitFor(),
    );
    expect(found).toEqual([]);
  });
});

it("is small", async () => {
  const { page, context } = await house.open();
  let bytes = 0;
  page.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/api/")) return;
    const sizes = await response.request().sizes();
    bytes += sizes.responseBodySize;
  });
  await page.goto(`${house.recorder.url}/live`);
  await page.waitForTimeout(2500);
  console.log(`first load: ${(bytes / 1000).toFixed(0)} kB`);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  await context.close();
});
