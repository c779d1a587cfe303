// Everybody can use it: axe finds nothing on any page, in both themes, wide and narrow; and all of it
// is small.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaints, launch, open, type State, signIn } from "./browser";
import { type Recorder, startRecorder } from "./recorder";

/** Script, style and font of the first page, as they come over the wire. */
const FIRST_LOAD_BYTES_MAX = 150_000;

let recorder: Recorder;
let browser: Browser;
let state: State;

beforeAll(async () => {
  recorder = await startRecorder();
  browser = await launch();
  state = await signIn(browser, recorder.link);
});

afterAll(async () => {
  await browser?.close();
  await recorder?.end();
});

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

describe.each(["dark", "light"])("in the %s theme", (theme) => {
  describe.each([false, true])("on a phone: %s", (phone) => {
    let page: Page;

    beforeAll(async () => {
      ({ page } = await open(browser, state, { phone }));
      await page.addInitScript((t) => localStorage.setItem("holdfast.theme", t), theme);
    });

    afterAll(() => page?.context().close());

    it.each(places)("%s", async (_, path) => {
      const ago = (s: number) => new Date(Date.now() - s * 1000).toISOString();
      await page.goto(recorder.url + path(ago));
      await page.locator("h1").waitFor({ state: "attached" });
      await page.waitForTimeout(1000);
      expect(await complaints(page)).toEqual([]);
    });

    it("signing in", async () => {
      await page.context().clearCookies();
      await page.goto(`${recorder.url}/login`);
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      expect(await complaints(page)).toEqual([]);
    });
  });
});

it("is small", async () => {
  const { page, context } = await open(browser, state);
  let bytes = 0;
  page.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/api/")) return;
    const sizes = await response.request().sizes();
    bytes += sizes.responseBodySize;
  });
  await page.goto(`${recorder.url}/live`);
  await page.waitForTimeout(2500);
  console.log(`first load: ${(bytes / 1000).toFixed(0)} kB`);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  await context.close();
});
