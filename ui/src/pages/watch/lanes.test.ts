// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Camera } from "../../api/types";
import { cameras } from "../../state/cameras.svelte";
import type { Footage, Known } from "../../timeline/footage";
import { laneOf, mergedLane } from "./lanes";

/** What is known of each stream, by its name. */
let known: Record<string, Partial<Known>>;
const NOTHING: Known = { footage: [], gaps: [], kept: [], activity: [] };

beforeEach(() => {
  vi.spyOn(cameras, "footage").mockImplementation(({ camera, stream }) => {
    const at = () => ({ ...NOTHING, ...known[`${camera}/${stream}`] });
    return { at } as unknown as Footage;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const camera = (slug: string, ...names: string[]) =>
  ({
    slug,
    name: slug,
    streams: names.map((name) => ({ name, recording: "on" })),
  }) as unknown as Camera;
const yard = camera("yard", "main", "sub");
const gap = (from: number, to: number) => ({ from, to, cause: "lost" });

it("has no gap where another stream of the camera has footage", () => {
  known = {
    "yard/main": { footage: [{ from: 0, to: 10 }], gaps: [gap(10, 100)] },
    "yard/sub": { footage: [{ from: 20, to: 50 }], gaps: [gap(0, 20), gap(50, 100)] },
  };
  const { footage, gaps } = laneOf(yard, true).spans(0, 100, 1);
  expect(footage).toEqual([
    { from: 0, to: 10 },
    { from: 20, to: 50 },
  ]);
  expect(gaps).toEqual([gap(10, 20), gap(50, 100)]);
});

it("says in the one lane only what none of a camera's streams has", () => {
  known = {
    "yard/main": { gaps: [gap(0, 100)] },
    "yard/sub": { footage: [{ from: 0, to: 100 }] },
    "door/main": { footage: [{ from: 0, to: 40 }], gaps: [gap(40, 100)] },
  };
  const { lacking } = mergedLane([yard, camera("door", "main")]).spans(0, 100, 1);
  expect(lacking).toEqual([
    { name: "yard", gaps: [] },
    { name: "door", gaps: [gap(40, 100)] },
  ]);
});
