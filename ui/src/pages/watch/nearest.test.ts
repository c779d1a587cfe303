import { expect, it } from "vitest";
import type { Span } from "../../timeline/spans";
import { LAST_MS, nearestFootage, newestPicture } from "./nearest";

const of = (spans: Span[]) => ({
  before: async (time: number) => spans.filter(({ from }) => from < time).at(-1),
  next: async (time: number) => spans.find(({ to }) => to > time)?.from,
});
const broken = {
  before: () => Promise.reject(new Error("it slept")),
  next: () => Promise.reject(new Error("it slept")),
};

const door = of([
  { from: 0, to: 60_000 },
  { from: 300_000, to: 400_000 },
]);
const yard = of([
  { from: 70_000, to: 74_000 },
  { from: 350_000, to: 400_000 },
]);

it("goes to where footage of any camera begins", async () => {
  expect(await nearestFootage([door, yard], 200_000, 1)).toBe(300_000);
});

it("goes to the last seconds before a gap, and not before they begin", async () => {
  expect(await nearestFootage([door], 200_000, -1)).toBe(50_000);
  expect(await nearestFootage([door, yard], 200_000, -1)).toBe(70_000);
});

it("goes to the last picture before a gap where it is not to play", async () => {
  expect(await nearestFootage([door], 200_000, -1, LAST_MS)).toBe(59_000);
});

it("knows of no footage on a side where there is none", async () => {
  expect(await nearestFootage([yard], 10_000, -1)).toBeUndefined();
  expect(await nearestFootage([door, yard], 500_000, 1)).toBeUndefined();
});

it("goes by those that can be asked, and fails where none can", async () => {
  expect(await nearestFootage([broken, door], 200_000, 1)).toBe(300_000);
  await expect(nearestFootage([broken, broken], 200_000, 1)).rejects.toThrow("it slept");
});

it("finds the newest picture where recording ended, and none that is too new to be there", () => {
  const ends = (...all: (number | undefined)[]) => all.map((durableUntil) => ({ durableUntil }));
  expect(newestPicture(ends(40_000, 50_000, undefined), 98_000)).toBe(49_000);
  expect(newestPicture(ends(99_500), 98_000)).toBe(98_000);
  expect(newestPicture(ends(undefined), 98_000)).toBe(98_000);
});
