import { beforeEach, expect, it } from "vitest";
import { setFormat } from "../texts/format";
import type { GapSpan, Known } from "./footage";
import { cut } from "./spans";
import { linesAt, stateAt } from "./told";

beforeEach(() => setFormat({ zone: "UTC" }));

const gap = (from: number, to: number, cause: string): GapSpan => ({ from, to, cause });

/** A lane of these cameras, all of them recording but in their gaps. */
function lane(cameras: Record<string, GapSpan[]>) {
  const lacking = Object.entries(cameras).map(([name, gaps]) => ({ name, gaps }));
  return (from: number, to: number): Known => {
    const all = lacking.every(({ gaps }) => gaps.some((one) => one.from <= from && to <= one.to));
    return {
      footage: all ? [] : [{ from, to }],
      gaps: [],
      kept: [],
      activity: [],
      lacking: lacking.map(({ name, gaps }) => ({ name, gaps: cut(gaps, from, to) })),
    };
  };
}

it("names the camera that has a gap, and its whole length", () => {
  const ask = lane({ Door: [], Yard: [gap(10_000, 70_000, "camera-gone")] });
  expect(linesAt(ask, 20_000, 200)).toEqual(["Yard: Camera gone, 1:00"]);
  expect(linesAt(ask, 80_000, 200)).toEqual([]);
  expect(stateAt(ask, 20_000)).toBe("recorded, Yard: Camera gone, 1:00");
});

it("says it once where all have the same", () => {
  const ask = lane({
    Door: [gap(10_000, 40_000, "shutdown")],
    Yard: [gap(10_500, 41_000, "shutdown")],
  });
  expect(linesAt(ask, 20_000, 200)).toEqual(["All cameras: Recorder stopped, 0:30"]);
  expect(stateAt(ask, 20_000)).toBe("All cameras: Recorder stopped, 0:30");
});

it("names three, and counts the others", () => {
  const gaps = (cause: string) => [gap(0, 9_000, cause)];
  const ask = lane({
    A: gaps("paused"),
    B: gaps("silent"),
    C: gaps("paused"),
    D: gaps("paused"),
    E: gaps("paused"),
    F: [],
  });
  expect(linesAt(ask, 5_000, 100)).toEqual([
    "A: Paused, 0:09",
    "B: Camera silent, 0:09",
    "C: Paused, 0:09",
    "and 2 more cameras",
  ]);
});

it("says of one camera what it always said", () => {
  const one = (footage: Known["footage"], gaps: GapSpan[]) => (from: number, to: number) => ({
    footage: cut(footage, from, to),
    gaps: cut(gaps, from, to),
    kept: cut([{ from: 1_000, to: 2_000 }], from, to),
    activity: [],
  });
  const ask = one([{ from: 0, to: 10_000 }], [gap(10_000, 20_000, "disk")]);
  expect(linesAt(ask, 1_500, 10)).toEqual(["protected"]);
  expect(linesAt(ask, 5_000, 10)).toEqual([]);
  expect(linesAt(ask, 15_000, 100)).toEqual(["Disk failed, 0:10"]);
  expect(linesAt(ask, 30_000, 10)).toEqual(["nothing recorded"]);
  expect(stateAt(ask, 1_500)).toBe("recorded, protected");
});
