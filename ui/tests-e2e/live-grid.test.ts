// The wall of live pictures: groups, arranging, kiosk, looking closer.

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { complaints, moving } from "./browser";
import { ownHouse, sharedHouse } from "./house";
import { makeGroup, scaleOf, tiles } from "./tiles";

const house = sharedHouse();

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

/** Two presses in one turn of the page: what comes from outside may be late for being one of two. */
const pressTwice = (page: Page, x: number, y: number) =>
  page.evaluate(
    ({ x, y }) => {
      const at = document.elementFromPoint(x, y);
      const told = { bubbles: true, clientX: x, clientY: y, pointerId: 1, button: 0 };
      for (const detail of [1, 2]) {
        at?.dispatchEvent(new PointerEvent("pointerdown", told));
        at?.dispatchEvent(new PointerEvent("pointerup", told));
        at?.dispatchEvent(new MouseEvent("click", { ...told, detail }));
      }
      at?.dispatchEvent(new MouseEvent("dblclick", { ...told, detail: 2 }));
    },
    { x, y },
  );

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
  await pressTwice(page, box.x + box.width / 2, box.y + box.height / 2);
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

describe("with a recorder of its own", () => {
  const own = ownHouse({ beside: house });

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
