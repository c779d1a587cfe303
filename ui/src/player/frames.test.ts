import { describe, expect, it } from "vitest";
import { frameAt, frameTable } from "./frames";

describe("the instants of a piece", () => {
  const sample = (at: number, key: boolean, shown: boolean) => ({
    ...{ at, key, shown },
    ...{ offset: 0, size: 0 },
  });
  const clip = {
    config: undefined,
    samples: [sample(-960, true, false), sample(0, false, true), sample(40, false, true)],
  };

  it("are those of its key frame", async () => {
    const asked: number[][] = [];
    const table = await frameTable({ from: 10_000, to: 10_100 }, clip, async (from, to) => {
      asked.push([from, to]);
      return 9_053.25;
    });
    expect(table.times).toEqual([10_013.25, 10_053.25]);
    expect(asked[0]?.[0]).toBe(9_039);
  });

  it("begin with the piece where no key frame is known", async () => {
    const table = await frameTable({ from: 10_000, to: 10_100 }, clip, async () => undefined);
    expect(table.times).toEqual([10_000, 10_040]);
  });

  it.each([
    [9_999, -1],
    [10_000, 0],
    [10_039, 0],
    [10_039.7, 1],
    [50_000, 1],
  ])("at %d it is picture %d", (time, index) => {
    expect(frameAt({ origin: 10_000, times: [10_000, 10_040] }, time)).toBe(index);
  });
});
