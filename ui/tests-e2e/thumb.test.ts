// A phone, under one thumb or two fingers.

import { expect, it } from "vitest";
import { addressed, addressTime, complaints, complaintsInBothThemes, moving } from "./browser";
import { drawn, drawnAtLeast, pausedAt, watchCanvas } from "./canvas";
import { firstStreams, inCommon, recordedAtLeast } from "./footage";
import { sharedHouse } from "./house";
import { scaleOf } from "./tiles";
import { handOn } from "./touch";

const house = sharedHouse();

it("answers to one thumb: a sheet by long press, two fingers zoom", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 2);
  const tile = page.locator("[role=group].group\\/tile").filter({ hasText: "Driveway" });
  const box = (await tile.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const x = Math.round(box.x + box.width / 2);
  const y = Math.round(box.y + box.height / 2);
  const hand = await handOn(page);
  await hand.down([
    [x - 20, y],
    [x + 20, y],
  ]);
  for (let i = 1; i <= 8; i++) {
    await hand.move([
      [x - 20 - i * 8, y],
      [x + 20 + i * 8, y],
    ]);
    await page.waitForTimeout(20);
  }
  await hand.up();
  await expect.poll(() => scaleOf(page, "Driveway")).toBeGreaterThan(2.5);
  expect(page.url()).toMatch(/\/live$/);

  await hand.down([[x, y]]);
  const sheet = page.getByRole("dialog", { name: "Driveway" });
  await sheet.waitFor();
  await hand.up();
  expect(page.url()).toMatch(/\/live$/);
  expect(await complaints(page)).toEqual([]);
  for (const button of await sheet.getByRole("button").all()) {
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  }
  await sheet.getByRole("button", { name: "Whole picture" }).tap();
  await expect.poll(() => scaleOf(page, "Driveway")).toBe(1);

  await tile.getByRole("button", { name: "More for Driveway" }).tap();
  await sheet.getByRole("button", { name: "10 seconds ago" }).tap();
  await page.waitForURL(/\/timeline\?focus=driveway/);
  await moving(page, 1);
  expect(faults).toEqual([]);
  await context.close();
});

it("goes back in time under a thumb", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await inCommon(page, house.recorder.url, 14_000, firstStreams);
  await page.goto(`${house.recorder.url}/timeline?span=60`);
  await moving(page, 2);
  const box = await page.getByRole("slider", { name: "Time" }).boundingBox();
  const at = { x: (box?.x ?? 0) + 100, y: (box?.y ?? 0) + 60 };
  const hand = await handOn(page);
  const begun = Date.now();
  await hand.down([[at.x, at.y]]);
  for (let i = 1; i <= 8; i++) {
    await hand.move([[at.x + i * 8, at.y]]);
    await page.waitForTimeout(30);
  }
  await page.waitForTimeout(400);
  await hand.up();
  // 64 of 390 pixels of a minute, less what the first pixels of a touch are for.
  await addressed(page, (time) => begun - time > 5_000);
  expect(begun - addressTime(page)).toBeLessThan(15_000);
  await moving(page, 2);
  expect(faults).toEqual([]);
  await context.close();
});

it("has the palette under a thumb", async () => {
  const { page, context, faults } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/live`);
  await page.getByRole("button", { name: /^More(?! for)/ }).tap();
  await page.getByRole("button", { name: "Account" }).tap();
  await page.getByRole("button", { name: "Search" }).tap();
  await page.getByRole("option", { name: "Go to Recordings" }).tap();
  await page.waitForURL("**/recordings");
  expect(faults).toEqual([]);
  await context.close();
});

it("marks, steps and plays backwards", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  const recorded = await recordedAtLeast(page, house.recorder.url, 14_000);
  await pausedAt(page, house.recorder.url, recorded.from + 6_000);
  await page.getByRole("button", { name: "Mark the start" }).tap();
  for (let i = 0; i < 8; i++) await page.getByRole("button", { name: "One picture forward" }).tap();
  await addressed(page, (time) => time >= recorded.from + 6_200);
  await page.getByRole("button", { name: "Mark the end" }).tap();
  await page.getByRole("link", { name: /^Download/ }).waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  await watchCanvas(page);
  await page.getByRole("button", { name: "Play backwards" }).tap();
  await drawnAtLeast(page, 5);
  const pictures = await drawn(page);
  expect(pictures).toEqual([...pictures].sort((a, b) => b - a));
  await page.getByRole("button", { name: "Pause" }).tap();
  expect(faults).toEqual([]);
  await context.close();
});
