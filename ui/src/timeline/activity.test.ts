import { describe, expect, it } from "vitest";
import { COLUMN_PX, columns } from "./activity";

const whole = (values: number[], from = 0, stepMs = 1000) => [
  { activity: { from, stepMs, values }, from, to: from + values.length * stepMs },
];

describe("activity in columns", () => {
  // Thirty pixels, ten columns of three seconds each, from 0 to 30 s.
  const view = { center: 15_000, msPerPx: 1000 };
  const width = 10 * COLUMN_PX;

  it("keeps the greatest value of each, however much time a column is", () => {
    const values = Array.from({ length: 30 }, (_, i) => (i === 4 ? 200 : i === 29 ? 9 : 0));
    expect([...columns(whole(values), view, width)]).toEqual([0, 200, 0, 0, 0, 0, 0, 0, 0, 9]);
    const far = { center: 15_000, msPerPx: 100_000 };
    expect(Math.max(...columns(whole(values), far, width))).toBe(200);
  });

  it("fills what a step covers when zoomed in", () => {
    const near = { center: 15_000, msPerPx: 100 };
    const found = columns(whole([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 70, 0]), near, width);
    expect([...found]).toEqual([0, 70, 70, 70, 70, 0, 0, 0, 0, 0]);
  });

  it("draws nothing outside of its piece, and nothing outside of the ruler", () => {
    const [piece] = whole(
      Array.from({ length: 100 }, () => 5),
      -20_000,
    );
    const found = columns([{ ...piece, from: 6_000, to: 9_000 } as never], view, width);
    expect([...found]).toEqual([0, 0, 5, 0, 0, 0, 0, 0, 0, 0]);
    expect(columns(whole([1]), view, 0)).toHaveLength(0);
  });
});
