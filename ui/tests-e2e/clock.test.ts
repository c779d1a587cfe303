// The clock while pictures are told apart: to the millisecond, and nothing beside it moves.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { recordedAtLeast } from "./footage";
import { sharedHouse } from "./house";
import { until } from "./until";

const house = sharedHouse();

const clock = (page: Page) => page.getByRole("button", { name: "Go to time" });

const time = async (page: Page) =>
  (await clock(page).locator(".tabular").textContent())?.trim() ?? "";

/** Where the clock and what stands beside it are. */
async function places(page: Page) {
  const names = ["Back 10 seconds", "Play", "Forward 10 seconds"];
  const beside = names.map((name) => page.getByRole("button", { name, exact: true }));
  return Promise.all([clock(page), ...beside].map((each) => each.boundingBox()));
}

const SECONDS = /^\d\d:\d\d:\d\d$/;
const MILLISECONDS = /^\d\d:\d\d:\d\d\.\d{3}$/;

it.each([
  ["a phone", { phone: true }, 390],
  ["a small phone", { phone: true }, 360],
  ["a desk", {}, 1440],
  ["a narrow window", {}, 1200],
] as const)(
  "shows milliseconds of a picture that was stepped to, on %s",
  async (_, shape, width) => {
    const { page, faults, context } = await house.open(shape);
    await page.setViewportSize({ width, height: 844 });
    const { from } = await recordedAtLeast(page, house.recorder.url, 6_000);
    // A whole second: no picture that somebody has stepped to.
    const at = new Date(Math.ceil(from / 1_000) * 1_000 + 2_000).toISOString();
    await page.goto(`${house.recorder.url}/timeline?at=${at}&span=60&focus=driveway`);
    await page.waitForFunction(() => {
      const video = document.querySelector<HTMLVideoElement>("video.front");
      return video && video.readyState >= 2 && !video.seeking;
    });
    const before = await places(page);
    expect(await time(page)).toMatch(SECONDS);
    const told = new Set<string>();
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press(".");
      const next = async () => {
        const text = await time(page);
        return MILLISECONDS.test(text) && !told.has(text) && text;
      };
      told.add(await until(next, "another picture's time"));
    }
    expect(await places(page)).toEqual(before);
    const [own, next] = before;
    expect((own?.x ?? 0) + (own?.width ?? 0)).toBeLessThanOrEqual(next?.x ?? 0);
    const said = page.getByRole("slider", { name: "Time" });
    expect(await said.getAttribute("aria-valuetext")).toContain(await time(page));
    await page.keyboard.press(" ");
    await until(async () => SECONDS.test(await time(page)), "seconds while it plays");
    expect(faults).toEqual([]);
    await context.close();
  },
);

it("asks for a time where keys go on at once", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/timeline`);
  await clock(page).waitFor();
  await page.keyboard.press("g");
  const field = page.getByRole("dialog", { name: "Go to time" }).getByLabel("Time");
  await until(() => field.evaluate((own) => own === document.activeElement), "the focus");
  await context.close();
});
