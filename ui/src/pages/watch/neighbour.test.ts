import { expect, it } from "vitest";
import { neighbourOf } from "./neighbour";

/** Key frames every two seconds from 10.25 s to 30 s, and from 60 s to 70 s. */
const keys = [
  ...Array.from({ length: 10 }, (_, i) => 10_000.25 + i * 2_000),
  ...Array.from({ length: 5 }, (_, i) => 60_000.25 + i * 2_000),
];
const spans = [
  { from: 10_000, to: 30_000 },
  { from: 60_000, to: 70_000 },
];
let asked = 0;

const step = neighbourOf({
  async first(from, to) {
    asked++;
    return keys.find((at) => at >= Math.floor(from) && at < Math.ceil(to));
  },
  async before(time, length) {
    const span = spans.filter(({ from }) => from < time).at(-1);
    const to = span && Math.min(span.to, Math.floor(time));
    return span && to !== undefined ? { from: Math.max(span.from, to - length), to } : undefined;
  },
  async next(time) {
    return spans.find(({ to }) => to > time)?.from;
  },
});

it("goes from key frame to key frame, over a gap too", async () => {
  expect(await step(14_000.25, 1)).toBe(16_000.25);
  expect(await step(15_000, 1)).toBe(16_000.25);
  expect(await step(28_000.25, 1)).toBe(60_000.25);
  expect(await step(14_000.25, -1)).toBe(12_000.25);
  expect(await step(15_000, -1)).toBe(14_000.25);
  expect(await step(60_000.25, -1)).toBe(28_000.25);
});

it("stays where there is none, and asks little", async () => {
  expect(await step(10_000.25, -1)).toBeUndefined();
  expect(await step(68_000.25, 1)).toBeUndefined();
  asked = 0;
  await step(20_000.25, -1);
  expect(asked).toBeLessThan(6);
});
