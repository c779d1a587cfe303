// Backwards, fast, and a marked range: repeated, protected, taken along.

import { expect, it } from "vitest";
import { addressed, addressTime, complaints } from "./browser";
import { drawn, drawnAtLeast, pausedAt, watchCanvas } from "./canvas";
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
  const pictures = await drawn(page);
  const steps = pictures.slice(1).map((at, i) => (pictures[i] ?? 0) - at);
  console.log(`${pictures.length} pictures back in ${Date.now() - began} ms`);
  expect(pictures.length).toBeGreaterThanOrEqual(75);
  expect(Math.min(...steps)).toBeGreaterThan(30);
  // A machine that builds beside this leaves some out; a key frame alone would be two seconds.
  expect(steps.filter((step) => step < 45).length).toBeGreaterThan(steps.length / 3);
  expect(Math.max(...steps)).toBeLessThan(1000);
  await page.waitForFunction(() => !document.querySelector(".clip-canvas.front"));
  await addressed(page, (time) => Math.abs(time - (pictures.at(-1) ?? 0)) < 400);
  expect(faults).toEqual([]);
  await context.close();
});

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
  for (let i = 0; i < 4; i++) await page.keyboard.press("j");
  await drawnAtLeast(page, forward.length + 3);
  await page.keyboard.press("k");
  const back = (await drawn(page)).slice(forward.length + 1);
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
