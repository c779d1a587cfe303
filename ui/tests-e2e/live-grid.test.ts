// The wall of live pictures: groups, arranging, kiosk, looking closer.

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { complaints, moving } from "./browser";
import { ownHouse, sharedHouse } from "./house";

const house = sharedHouse();

/** The tiles on the stage by name, in the order of the page, and where they are. */
async function tiles(page: Page) {
  const groups = page.locator("[role=group].group\\/tile");
  const found = [];
  for (const tile of await groups.all()) {
    const label = (await tile.getAttribute("aria-label")) ?? "";
    found.push({ name: label.split(":")[0] ?? "", box: await tile.boundingBox() });
  }
  return found;
}

async function makeGroup(page: Page, name: string, cameras: string[]) {
  await page.keyboard.press("Shift+G");
  const sheet = page.getByRole("dialog", { name: "Groups of cameras" });
  await sheet.getByRole("button", { name: "New group" }).click();
  const form = page.getByRole("dialog", { name: "New group" });
  await form.getByLabel("Name of the group").fill(name);
  for (const camera of cameras) await form.getByLabel(camera, { exact: true }).check();
  await form.getByRole("button", { name: "Save", exact: true }).click();
}

it("groups cameras, in the address and on the device", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 3);
  await page.keyboard.press("Shift+G");
  await page.getByRole("button", { name: "New group" }).click();
  expect(await complaints(page)).toEqual([]);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Give it a name.").waitFor();
  await page.getByText("Choose at least one camera.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("Choose at least one camera.").waitFor({ state: "detached" });

  await makeGroup(page, "Outside", ["Driveway", "Garden at night"]);
  await page.waitForURL("**/live?group=outside");
  await moving(page, 2);
  expect((await tiles(page)).map(({ name }) => name)).toEqual(["Driveway", "Garden at night"]);
  expect(await complaints(page)).toEqual([]);

  // In another order, as a link would bring it.
  await page.keyboard.press("Shift+G");
  await page.getByRole("button", { name: "Change the group Outside" }).click();
  await page.getByRole("button", { name: "Move Garden at night up" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.reload();
  await moving(page, 2);
  expect((await tiles(page)).map(({ name }) => name)).toEqual(["Garden at night", "Driveway"]);

  await page.getByRole("button", { name: "All", exact: true }).click();
  await page.waitForURL("**/live");
  await moving(page, 3);
  // A camera that fills the page and is not in the group that is chosen next gives way.
  await page.goto(`${house.recorder.url}/live?focus=front-door`);
  await moving(page, 1);
  await page.keyboard.press("Shift+G");
  await page.getByRole("dialog").getByRole("button", { name: "Outside", exact: true }).click();
  await page.waitForURL("**/live?group=outside");
  await moving(page, 2);
  await page.goto(`${house.recorder.url}/live?group=nobody`);
  await moving(page, 3);
  expect(faults).toEqual([]);
  await context.close();
});

it("lets tiles be arranged by mouse and keys, undoes, and goes back to automatic", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 3);
  const before = await tiles(page);
  await page.keyboard.press("e");
  const editor = page.getByRole("group", { name: "Arrange the tiles" });
  await editor.waitFor();
  expect(await complaints(page)).toEqual([]);

  // Keys: two cells wider, one to the right; said aloud.
  const first = editor.getByRole("button").first();
  await first.focus();
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowDown");
  const said = editor.getByRole("status");
  expect(await said.textContent()).toMatch(/column 1, row 1, 3 wide and 3 high/);
  await page.keyboard.press("Control+z");
  expect(await said.textContent()).toBe("Undone");
  expect(await first.textContent()).toMatch(/3 wide and 2 high/);

  // The mouse: by the corner, then by the middle onto another.
  await page.waitForTimeout(300);
  const box = (await first.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const cell = box.width / 3;
  await page.mouse.move(box.x + box.width - 12, box.y + box.height - 12);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 12 + cell, box.y + box.height - 12, { steps: 5 });
  await page.mouse.up();
  expect(await first.textContent()).toMatch(/4 wide and 2 high/);
  await page.waitForTimeout(300);
  const wide = (await first.boundingBox()) ?? box;
  await page.mouse.move(wide.x + 60, wide.y + 60);
  await page.mouse.down();
  await page.mouse.move(wide.x + 60, wide.y + 60 + wide.height, { steps: 5 });
  await page.mouse.up();
  expect(await first.textContent()).toMatch(/row [23]/);

  await editor.getByRole("button", { name: "Done" }).click();
  await moving(page, 3);
  const arranged = await tiles(page);
  expect(arranged).not.toEqual(before);
  await page.reload();
  await moving(page, 3);
  expect(await tiles(page)).toEqual(arranged);

  await page.keyboard.press("e");
  await editor.getByRole("button", { name: "Automatic" }).click();
  await page.keyboard.press("Escape");
  await page.waitForTimeout(300);
  expect(await tiles(page)).toEqual(before);
  expect(faults).toEqual([]);
  await context.close();
});

it("shows a group in one column on a phone", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 2);
  await page.getByRole("button", { name: "Groups", exact: true }).tap();
  await page.getByRole("button", { name: "New group" }).tap();
  await page.getByLabel("Name of the group").fill("Mine");
  await page.getByLabel("Garden at night", { exact: true }).check();
  await page.getByLabel("Front door", { exact: true }).check();
  expect(await complaints(page)).toEqual([]);
  await page.getByRole("button", { name: "Save", exact: true }).tap();
  await page.waitForURL("**/live?group=mine");
  await moving(page, 2);
  const boxes = (await tiles(page)).map(({ box }) => box);
  expect(boxes.length).toBe(2);
  expect(boxes[0]?.x).toBe(boxes[1]?.x);
  expect(boxes[1]?.y).toBeGreaterThan((boxes[0]?.y ?? 0) + (boxes[0]?.height ?? 0) - 1);
  expect(await complaints(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

/** How far a tile's picture is zoomed. */
const scaleOf = (page: Page, name: string) =>
  page
    .locator("[role=group].group\\/tile")
    .filter({ hasText: name })
    .evaluate((tile) => {
      const transform = getComputedStyle(tile.firstElementChild as Element).transform;
      return transform === "none" ? 1 : new DOMMatrix(transform).a;
    });

it("zooms into a tile by wheel, mouse and keys, live and in the past", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 3);
  const tile = page.locator("[role=group].group\\/tile").filter({ hasText: "Front door" });
  const box = (await tile.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let i = 0; i < 5; i++) await page.mouse.wheel(0, -100);
  await expect.poll(() => scaleOf(page, "Front door")).toBeGreaterThan(2);
  expect(await scaleOf(page, "Driveway")).toBe(1);

  // Dragging moves the picture and opens nothing; a double press is the whole picture again.
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2 + 20, { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(400);
  expect(page.url()).toMatch(/\/live$/);
  expect(await complaints(page)).toEqual([]);
  await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
  await expect.poll(() => scaleOf(page, "Front door")).toBe(1);
  expect(page.url()).toMatch(/\/live$/);

  // Keys while the tile has the focus; elsewhere they are the ruler's.
  await tile.getByRole("button").first().focus();
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  expect(await scaleOf(page, "Front door")).toBeCloseTo(1.96, 1);
  await page.keyboard.press("ArrowRight");
  expect(page.url()).toMatch(/\/live$/);
  await tile.hover();
  await tile.getByRole("button", { name: "10 seconds ago" }).click();
  await page.waitForURL(/\/timeline\?/);
  expect(await scaleOf(page, "Front door")).toBeCloseTo(1.96, 1);
  await page.getByRole("button", { name: /whole picture/i }).click();
  expect(await scaleOf(page, "Front door")).toBe(1);
  expect(faults).toEqual([]);
  await context.close();
});

it("answers to one thumb: a sheet by long press, two fingers zoom", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 2);
  const tile = page.locator("[role=group].group\\/tile").filter({ hasText: "Driveway" });
  const box = (await tile.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const x = Math.round(box.x + box.width / 2);
  const y = Math.round(box.y + box.height / 2);
  const hand = await context.newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: [number, number][]) =>
    hand.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: points.map(([px, py], id) => ({ x: px, y: py, id })),
    });
  await touch("touchStart", [
    [x - 20, y],
    [x + 20, y],
  ]);
  for (let i = 1; i <= 8; i++) {
    await touch("touchMove", [
      [x - 20 - i * 8, y],
      [x + 20 + i * 8, y],
    ]);
    await page.waitForTimeout(20);
  }
  await touch("touchEnd", []);
  await expect.poll(() => scaleOf(page, "Driveway")).toBeGreaterThan(2.5);
  expect(page.url()).toMatch(/\/live$/);

  await touch("touchStart", [[x, y]]);
  await page.waitForTimeout(700);
  await touch("touchEnd", []);
  const sheet = page.getByRole("dialog", { name: "Driveway" });
  await sheet.waitFor();
  expect(page.url()).toMatch(/\/live$/);
  expect(await complaints(page)).toEqual([]);
  for (const button of await sheet.getByRole("button").all()) {
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  }
  await sheet.getByRole("button", { name: "Whole picture" }).tap();
  expect(await scaleOf(page, "Driveway")).toBe(1);

  await tile.getByRole("button", { name: "More for Driveway" }).tap();
  await sheet.getByRole("button", { name: "10 seconds ago" }).tap();
  await page.waitForURL(/\/timeline\?focus=driveway/);
  await moving(page, 1);
  expect(faults).toEqual([]);
  await context.close();
});

describe("with a recorder of its own", () => {
  const own = ownHouse({ beside: house });

  it("is a kiosk: pictures only, changing groups, through a restart, until Escape", async () => {
    const { page, context } = await own.open();
    await page.goto(`${own.recorder.url}/live`);
    await moving(page, 3);
    await makeGroup(page, "One", ["Driveway"]);
    await page.waitForURL("**/live?group=one");
    await makeGroup(page, "Two", ["Front door", "Garden at night"]);
    await page.waitForURL("**/live?group=two");
    await page.keyboard.press("Shift+F");
    await page.waitForURL("**/live?group=two&kiosk=1");
    await moving(page, 2);
    const nothing = async () => {
      expect(await page.locator("button:visible, a:visible:not([href='#content'])").count()).toBe(
        0,
      );
      expect(await page.locator("nav:visible").count()).toBe(0);
    };
    await nothing();
    const region = page.getByRole("region", { name: "Kiosk: pictures only" });
    const cursor = () => region.evaluate((element) => getComputedStyle(element).cursor);
    await page.mouse.move(300, 300);
    await page.mouse.move(320, 300);
    expect(await cursor()).toBe("auto");
    await expect.poll(cursor, { timeout: 30_000 }).toBe("none");
    expect(await complaints(page)).toEqual([]);

    await own.recorder.kill();
    await own.recorder.start();
    await moving(page, 2, 60_000);
    await page.getByRole("alert").waitFor({ state: "detached" });
    await nothing();
    await page.keyboard.press("Escape");
    await page.waitForURL("**/live?group=two");
    await page.getByRole("navigation").waitFor();

    // By address, with time enough to see all of them; then changing by itself: no history grows
    // from it. A slow machine may find the next group there already: they come round again.
    await page.goto(`${own.recorder.url}/live?kiosk=1&every=30`);
    await moving(page, 3, 60_000);
    await page.goto(`${own.recorder.url}/live?kiosk=1&every=5`);
    await region.waitFor();
    const length = await page.evaluate(() => history.length);
    await page.waitForURL("**/live?group=one&kiosk=1&every=5", { timeout: 40_000 });
    await page.waitForURL("**/live?group=two&kiosk=1&every=5", { timeout: 40_000 });
    await moving(page, 1);
    expect(await page.evaluate(() => history.length)).toBe(length);
    await context.close();
  }, 240_000);

  // The last one: its session ends with it.
  it("leaves no picture behind when somebody signs out", async () => {
    const { page, context } = await own.open();
    await page.goto(`${own.recorder.url}/live`);
    await moving(page, 3);
    const stills = () =>
      page.evaluate(() =>
        Object.keys(sessionStorage).filter((key) => key.startsWith("holdfast.still.")),
      );
    // Tiles leave a picture when they go, so that there is one when they come again.
    await page.getByRole("link", { name: "Recordings" }).first().click();
    await page.waitForURL("**/recordings");
    await expect.poll(async () => (await stills()).length).toBe(3);
    await page.getByRole("link", { name: "Live" }).first().click();
    await moving(page, 3);
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/login/);
    await page.locator("video").first().waitFor({ state: "detached" });
    expect(await stills()).toEqual([]);
    await context.close();
  });
});
