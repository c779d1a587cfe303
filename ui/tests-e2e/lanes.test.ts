// Lanes of the timeline: one for each camera or one for all, by choice; and what they say of gaps.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { addressed, addressTime, complaints, moving } from "./browser";
import { recordedAtLeast } from "./footage";
import { sharedHouse } from "./house";

const house = sharedHouse();

const names = (page: Page) => page.getByRole("list", { name: "Cameras" }).getByRole("listitem");

async function heightOf(page: Page): Promise<number> {
  return (await page.getByRole("slider", { name: "Time" }).boundingBox())?.height ?? 0;
}

it("has a lane for each camera with its name, and one for all by key, menu and palette", async () => {
  const { page, faults, context } = await house.open();
  const { from } = await recordedAtLeast(page, house.recorder.url, 6_000);
  await page.goto(
    `${house.recorder.url}/timeline?at=${new Date(from + 3_000).toISOString()}&span=120`,
  );
  await expect.poll(() => names(page).allInnerTexts()).toHaveLength(3);
  const stacked = await heightOf(page);

  await page.keyboard.press("v");
  await page.getByText("3 cameras", { exact: true }).waitFor();
  expect(await names(page).count()).toBe(0);
  expect(await heightOf(page)).toBeLessThan(stacked);
  await page.reload();
  await page.getByText("3 cameras", { exact: true }).waitFor();

  // The menu, by keys alone.
  await page.getByRole("button", { name: "Lanes" }).focus();
  await page.keyboard.press("Enter");
  const menu = page.getByRole("menu", { name: "Lanes" });
  await menu.waitFor();
  const chosen = menu.getByRole("menuitemradio", { checked: true });
  expect((await chosen.textContent())?.trim()).toBe("One lane for all cameras");
  await expect.poll(() => chosen.evaluate((item) => item === document.activeElement)).toBe(true);
  expect(await complaints(page)).toEqual([]);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await menu.waitFor({ state: "hidden" });
  await expect.poll(() => names(page).count()).toBe(3);
  // It closes by Escape and by a press on its button, and opens again.
  const button = page.getByRole("button", { name: "Lanes" });
  await button.click();
  await menu.waitFor();
  await button.click();
  await menu.waitFor({ state: "hidden" });
  await button.click();
  await menu.waitFor();
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "hidden" });

  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "What do you want to do?" }).fill("one lane");
  await page.keyboard.press("Enter");
  await page.getByText("3 cameras", { exact: true }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

const iso = (ms: number) => new Date(ms).toISOString();

/** The driveway was paused for a while: deleted footage would do as well, a pause is kinder. */
async function pauseDriveway(page: Page, gap: { from: number; to: number }) {
  await page.route(/cameras\/driveway\/streams\/[a-z]+\/timeline/, async (route) => {
    const answer = await route.fetch();
    const told = await answer.json();
    const parts = told.footage.flatMap((span: { from: string; to: string }) => [
      { ...span, to: iso(Math.min(Date.parse(span.to), gap.from)) },
      { ...span, from: iso(Math.max(Date.parse(span.from), gap.to)) },
    ]);
    const footage = parts.filter((span: { from: string; to: string }) => span.from < span.to);
    const gaps = [{ from: iso(gap.from), to: iso(gap.to), cause: "paused" }];
    await route.fulfill({ response: answer, json: { ...told, footage, gaps } });
  });
}

it("says in the one lane which camera has a gap, and why", async () => {
  const { page, faults, context } = await house.open();
  await page.addInitScript(() => localStorage.setItem("holdfast.lanes", "merged"));
  const { from } = await recordedAtLeast(page, house.recorder.url, 14_000);
  const gap = { from: from + 4_000, to: from + 9_000 };
  await pauseDriveway(page, gap);
  const middle = iso(gap.from + 2_500);
  await page.goto(`${house.recorder.url}/timeline?at=${middle}&span=60`);
  await page.getByText("3 cameras", { exact: true }).waitFor();
  const ruler = page.getByRole("slider", { name: "Time" });
  // Listened to, and under the pointer.
  await expect
    .poll(() => ruler.getAttribute("aria-valuetext"))
    .toMatch(/^3 cameras, .*, recorded, Driveway: Paused, 0:05/);
  const box = (await ruler.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(box.x + box.width / 2 + 20, box.y + 60);
  await page.getByText("Driveway: Paused, 0:05").waitFor();
  // With only that camera shown it is its own gap, and nobody else's.
  await page.goto(`${house.recorder.url}/timeline?at=${middle}&span=60&focus=driveway`);
  await expect
    .poll(() => ruler.getAttribute("aria-valuetext"))
    .toMatch(/^Driveway, .*, Paused, 0:05/);
  expect(faults).toEqual([]);
  // What is on its way when the page goes is nobody's any more.
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await context.close();
});

/** Presses a key in the page, once, in the moment in which it says that nothing is recorded here. */
function pressWhereEmpty(key: string) {
  const watcher = new MutationObserver(() => {
    if (!document.body?.textContent.includes("No footage here")) return;
    watcher.disconnect();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  });
  watcher.observe(document, { childList: true, subtree: true, characterData: true });
}

it("stays in a gap that is clicked, says why it is there, and leads out of it both ways", async () => {
  const { page, faults, context } = await house.open();
  const { from } = await recordedAtLeast(page, house.recorder.url, 16_000);
  const gap = { from: from + 4_000, to: from + 11_000 };
  await pauseDriveway(page, gap);
  const at = from + 1_000;
  await page.goto(`${house.recorder.url}/timeline?at=${iso(at)}&span=60&focus=driveway`);
  await page.locator("video.front").waitFor();
  const ruler = page.getByRole("slider", { name: "Time" });
  const box = (await ruler.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const x = box.x + box.width / 2 + ((gap.from + 3_000 - at) / 60_000) * box.width;
  await page.mouse.click(x, box.y + 45);
  await page.getByText("No footage here").waitFor();
  await page.getByText(/^Paused, /).waitFor();
  await addressed(page, (time) => Math.abs(time - (gap.from + 3_000)) < 500);
  // It would have played on by then.
  await page.waitForTimeout(1_500);
  expect(Math.abs(addressTime(page) - (gap.from + 3_000))).toBeLessThan(500);
  expect(await page.getByText("skipped", { exact: false }).count()).toBe(0);
  await page.getByRole("button", { name: "Next footage" }).waitFor();
  expect(await complaints(page)).toEqual([]);

  await page.getByRole("button", { name: "Footage before" }).click();
  await addressed(page, (time) => time < gap.from);
  await moving(page, 1);
  // The button is gone, and the focus is not lost with it.
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe("BODY");

  await page.goto(`${house.recorder.url}/timeline?at=${iso(gap.from + 3_000)}&focus=driveway`);
  await page.getByText("No footage here").waitFor();
  await page.keyboard.press(",");
  await addressed(page, (time) => time < gap.from && time >= gap.from - 1_500);
  await page.locator("video.front").waitFor();
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();

  // The key is meant as soon as the words are there, before anything else has happened.
  await page.addInitScript(pressWhereEmpty, "n");
  await page.goto(`${house.recorder.url}/timeline?at=${iso(gap.from + 3_000)}&focus=driveway`);
  await addressed(page, (time) => time >= gap.to);
  await moving(page, 1);
  expect(faults).toEqual([]);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await context.close();
});

it.each(["dark", "light"])("gives a phone the same choice, %s", async (theme) => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.addInitScript((theme) => localStorage.setItem("holdfast.theme", theme), theme);
  const { from } = await recordedAtLeast(page, house.recorder.url, 6_000);
  await page.goto(
    `${house.recorder.url}/timeline?at=${new Date(from + 3_000).toISOString()}&span=120`,
  );
  await page.getByRole("button", { name: "Lanes" }).tap();
  const menu = page.getByRole("menu", { name: "Lanes" });
  for (const item of await menu.getByRole("menuitemradio").all()) {
    expect((await item.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  }
  expect(await complaints(page)).toEqual([]);
  await menu.getByRole("menuitemradio", { name: "A lane for each camera" }).tap();
  await expect
    .poll(() => names(page).allInnerTexts())
    .toEqual(["Driveway", "Front door", "Garden at night"]);
  expect(await complaints(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

it("steps back from live to the newest picture, and says why there is none forward", async () => {
  const { page, faults, context } = await house.open();
  await recordedAtLeast(page, house.recorder.url, 6_000);
  await page.goto(`${house.recorder.url}/timeline?focus=driveway`);
  await moving(page, 1);
  const forward = page.getByRole("button", { name: "One picture forward" });
  expect(await forward.getAttribute("aria-disabled")).toBe("true");
  expect(await forward.getAttribute("title")).toContain("nothing newer than live");
  await forward.press("Enter");
  await page.getByRole("status").getByText("nothing newer than live").waitFor();
  expect(await complaints(page)).toEqual([]);
  await page.getByRole("button", { name: "One picture back" }).click();
  const pressed = Date.now();
  await page.locator("video.front").waitFor();
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  await addressed(page, (time) => time > pressed - 10_000 && time < pressed);
  expect(await forward.getAttribute("aria-disabled")).toBeNull();
  expect(faults).toEqual([]);
  await context.close();
});

it("says once that a drag on the lanes moves them, and shows by the pointer what a drag does", async () => {
  const { page, faults, context } = await house.open();
  const { from } = await recordedAtLeast(page, house.recorder.url, 6_000);
  await page.goto(`${house.recorder.url}/timeline?at=${iso(from + 3_000)}&span=60&focus=driveway`);
  await page.locator("video.front").waitFor();
  const ruler = page.getByRole("slider", { name: "Time" });
  const cursor = () => ruler.evaluate((element) => getComputedStyle(element).cursor);
  const { x = 0, y = 0, width = 0 } = (await ruler.boundingBox()) ?? {};
  const side = x + width * 0.75;
  await page.mouse.move(side, y + 20);
  await expect.poll(cursor).toBe("ew-resize");
  await page.mouse.move(side, y + 62);
  await expect.poll(cursor).toBe("pointer");

  const hint = page.getByText("Dragging here moves the timeline", { exact: false });
  expect(await hint.count()).toBe(0);
  const drag = async () => {
    await page.mouse.move(side, y + 62);
    await page.mouse.down();
    await page.mouse.move(side - 120, y + 62, { steps: 6 });
    await expect.poll(cursor).toBe("grabbing");
    await page.mouse.up();
  };
  await drag();
  await hint.waitFor();
  expect(Math.abs(addressTime(page) - from - 3_000)).toBeLessThan(500);
  expect(await complaints(page)).toEqual([]);
  await page.getByRole("button", { name: "Got it" }).click();
  await hint.waitFor({ state: "hidden" });
  await page.reload();
  await page.locator("video.front").waitFor();
  await drag();
  await page.waitForTimeout(500);
  expect(await hint.count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});
