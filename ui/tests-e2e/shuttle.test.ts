// Backwards, fast, and a marked range: repeated, protected, taken along.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { addressed, addressTime, complaints } from "./browser";
import { drawn, drawnAtLeast, PAINTING_MS, pausedAt, pictures, watchCanvas } from "./canvas";
import { recordedAtLeast } from "./footage";
import { sharedHouse } from "./house";

const house = sharedHouse();

it("plays backwards, picture by picture, and stops exactly", async () => {
  const { page, faults, context } = await house.open();
  const recorded = await recordedAtLeast(page, house.recorder.url, 14_000);
  await pausedAt(page, house.recorder.url, recorded.from + 11_000);
  await watchCanvas(page);
  await page.keyboard.press("j");
  const began = Date.now();
  await drawnAtLeast(page, 75);
  await page.keyboard.press("k");
  const shown = await pictures(page);
  const steps = shown.slice(1).map(({ at, stalled }, i) => ({
    ms: (shown[i]?.at ?? 0) - at,
    stalled,
  }));
  // The clock goes on while a page does not paint: what it leaves out then is the machine's.
  const painted = steps.filter(({ stalled }) => stalled <= PAINTING_MS).map(({ ms }) => ms);
  const took = Date.now() - began;
  console.log(`${shown.length} pictures back in ${took} ms, ${painted.length} without a stall`);
  expect(shown.length).toBeGreaterThanOrEqual(75);
  expect(painted.length).toBeGreaterThan(10);
  expect(Math.min(...steps.map(({ ms }) => ms))).toBeGreaterThan(30);
  // A machine that builds beside this leaves some out; a key frame alone would be two seconds.
  expect(painted.filter((ms) => ms < 45).length).toBeGreaterThan(painted.length / 3);
  expect(Math.max(...painted)).toBeLessThan(1000);
  await page.waitForFunction(() => !document.querySelector(".clip-canvas.front"));
  await addressed(page, (time) => Math.abs(time - (shown.at(-1)?.at ?? 0)) < 400);
  expect(faults).toEqual([]);
  await context.close();
});

/** In one turn of the page: between two keys that come from outside it would play already. */
const pressAtOnce = (page: Page, key: string, times: number) =>
  page.evaluate(
    ({ key, times }) => {
      for (let i = 0; i < times; i++) {
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      }
    },
    { key, times },
  );

it("goes by key frames at high speeds, both ways", async () => {
  const { page, faults, context } = await house.open();
  const recorded = await recordedAtLeast(page, house.recorder.url, 30_000);
  await pausedAt(page, house.recorder.url, recorded.from + 2_000);
  await watchCanvas(page);
  await page.getByLabel("Speed").selectOption("8");
  await page.keyboard.press(" ");
  await drawnAtLeast(page, 4);
  await page.keyboard.press("k");
  const forward = await drawn(page);
  console.log(`8×: ${forward.map((at) => ((at - recorded.from) / 1000).toFixed(1)).join(" ")}`);
  expect(forward).toEqual([...forward].sort((a, b) => a - b));
  await page.waitForFunction(() => !document.querySelector(".clip-canvas.front"));
  // What was on its way when it was paused may have come after that.
  const before = (await drawn(page)).length;
  await pressAtOnce(page, "j", 4);
  await drawnAtLeast(page, before + 3);
  await page.keyboard.press("k");
  const back = (await drawn(page)).slice(before + 1);
  console.log(`-8×: ${back.map((at) => ((at - recorded.from) / 1000).toFixed(1)).join(" ")}`);
  expect(back.length).toBeGreaterThan(1);
  expect(back).toEqual([...back].sort((a, b) => b - a));
  expect(faults).toEqual([]);
  await context.close();
});

it("repeats a marked range, protects it, takes that back, and leads to an export", async () => {
  const { page, faults, context } = await house.open();
  const recorded = await recordedAtLeast(page, house.recorder.url, 20_000);
  const from = recorded.from + 3_000;
  await pausedAt(page, house.recorder.url, from);
  await page.keyboard.press("[");
  for (let i = 0; i < 25; i++) await page.keyboard.press(".");
  // The last of them is seen, and then written down: a second on.
  await addressed(page, (time) => time >= from + 900);
  await page.keyboard.press("]");
  await page.getByRole("link", { name: /^Download/ }).waitFor();
  expect(await complaints(page)).toEqual([]);

  await page.keyboard.press("r");
  // Until it has begun anew twice: each time the clock goes back.
  const times: number[] = [];
  const turns = () => times.filter((time, i) => time < (times[i - 1] ?? 0)).length;
  await expect
    .poll(() => times.push(addressTime(page)) && turns(), { interval: 100 })
    .toBeGreaterThanOrEqual(2);
  for (const time of times) {
    expect(time).toBeGreaterThanOrEqual(from - 100);
    expect(time).toBeLessThan(from + 2_500);
  }
  await page.keyboard.press("k");

  const list = async () => {
    const path = "cameras/front-door/streams/main/protected";
    const answer = await page.request.get(`${house.recorder.url}/api/v1/${path}`);
    return ((await answer.json()) as { protected: { from: string }[] }).protected;
  };
  await page.getByRole("button", { name: "Protect the marked range" }).click();
  await page.getByText(/ protected: not deleted to make room/).waitFor();
  const [kept] = await list();
  expect(Math.abs(Date.parse(kept?.from ?? "") - from)).toBeLessThan(100);
  await page.getByRole("button", { name: "Take the protection back" }).click();
  await page.getByText("The protection was taken back.").waitFor();
  expect(await list()).toEqual([]);

  const link = await page
    .getByRole("link", { name: "Export the marked range" })
    .getAttribute("href");
  const query = new URL(link ?? "", house.recorder.url).searchParams;
  expect(query.get("cameras")).toBe("front-door/main");
  expect(Math.abs(Date.parse(query.get("from") ?? "") - from)).toBeLessThan(100);
  expect(faults).toEqual([]);
  await context.close();
});
