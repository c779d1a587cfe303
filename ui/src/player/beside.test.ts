import { expect, it, vi } from "vitest";
import { gapOfBoth, insteadOf, picturesBeside } from "./beside";
import type { PictureSource } from "./picture-player";
import { planAt } from "./plan";

const of = (...spans: [number, number][]) => {
  const footage = spans.map(([from, to]) => ({ from, to }));
  const inside = (time: number) => footage.some(({ from, to }) => time >= from && time < to);
  return {
    plan: async (time: number, length: number) => planAt(time, footage, length, undefined),
    gapAt: (time: number) =>
      inside(time)
        ? undefined
        : {
            from: footage.findLast(({ to }) => to <= time)?.to ?? 0,
            to: footage.find(({ from }) => from > time)?.from ?? 1e9,
          },
  };
};

/** A film up to 20 s and from 60 s on; pictures of another stream from 30 s to 70 s. */
const films = of([0, 20_000], [60_000, 90_000]);
const pictures = of([30_000, 70_000]);
const gap = { kind: "gap", from: 20_000, until: 60_000 } as const;

it("shows pictures where only another stream has footage", async () => {
  expect(await insteadOf(gap, pictures, 40_000, 30_000)).toEqual({ kind: "pictures" });
});

it("ends a gap where there are pictures again", async () => {
  const here = await insteadOf(gap, pictures, 25_000, 30_000);
  expect(here).toEqual({ kind: "gap", from: 20_000, until: 30_000 });
});

it("leaves a gap as it is where no stream stands beside", async () => {
  expect(await insteadOf(gap, undefined, 40_000, 30_000)).toBe(gap);
});

it("shows pictures up to where there is a film, and has that played", async () => {
  const back = vi.fn();
  const shown = picturesBeside(films, pictures as unknown as PictureSource, back);
  expect(await shown.plan(40_000, 60_000)).toEqual({
    kind: "piece",
    piece: { from: 40_000, to: 60_000 },
  });
  expect(await shown.plan(25_000, 60_000)).toEqual({ kind: "gap", from: 20_000, until: 30_000 });
  expect(back).not.toHaveBeenCalled();
  await shown.plan(60_000, 60_000);
  expect(back).toHaveBeenCalledOnce();
});

it("knows a gap only where neither has footage", () => {
  expect(gapOfBoth(films, pictures, 25_000)).toEqual({ from: 20_000, to: 30_000 });
  expect(gapOfBoth(films, pictures, 40_000)).toBeUndefined();
  expect(gapOfBoth(films, pictures, 10_000)).toBeUndefined();
  expect(gapOfBoth(films, undefined, 40_000)).toEqual({ from: 20_000, to: 60_000 });
});
