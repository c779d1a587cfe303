// A thumb: whatever can be pressed on a phone has 44 px, and nothing is wider than the page.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { NOBODY, open } from "./browser";
import { sharedHouse } from "./house";

const house = sharedHouse();

/** What is less high than a thumb needs, by its words. */
const small = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("button, select, summary, main a[href]")]
      .filter((each) => each.checkVisibility({ visibilityProperty: true }))
      .map((each) => ({ height: each.getBoundingClientRect().height, each }))
      .filter(({ height }) => height > 0 && height < 44)
      .map(({ height, each }) => `${each.tagName} ${each.textContent?.trim()}: ${height}`),
  );

const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

it.each([
  ["recordings", "Recordings"],
  ["exports", "Exports"],
  ["exports?new=1", "New export"],
  ["system/cameras", "Cameras"],
  ["system/cameras?add=1", "Add a camera"],
  ["system/storage", "Volumes"],
  ["system/access", "Access tokens"],
])("has room for a thumb on /%s", async (path, heading) => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/${path}`);
  await page.getByRole("heading", { name: heading, exact: true }).first().waitFor();
  await page.waitForLoadState("networkidle");
  expect(await small(page)).toEqual([]);
  expect(await sideways(page)).toBeLessThanOrEqual(0);
  expect(faults).toEqual([]);
  await context.close();
});

it("has room for a thumb where nobody is signed in", async () => {
  const { page, context } = await open(house.browser, NOBODY, { phone: true });
  await page.goto(`${house.recorder.url}/login`);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await small(page)).toEqual([]);
  await context.close();
});
