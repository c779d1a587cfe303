import { expect, it } from "vitest";
import { arrange, column } from "./layout";

const wide = 16 / 9;

it.each([
  [1, [1]],
  [2, [2]],
  [3, [2, 1]],
  [4, [2, 2]],
  [6, [3, 3]],
  [9, [3, 3, 3]],
])("puts %d equal cameras into rows of %j", (count, rows) => {
  const boxes = arrange(new Array(count).fill(wide), 1600, 850, 4);
  const ys = [...new Set(boxes.map((box) => Math.round(box.y)))];
  expect(ys.map((y) => boxes.filter((box) => Math.round(box.y) === y).length)).toEqual(rows);
});

it.each([[1], [2], [3], [5], [7], [12], [16], [31]])(
  "keeps shapes and stays inside with %d",
  (n) => {
    const aspects = Array.from({ length: n }, (_, i) => [wide, 4 / 3, 0.56, 32 / 9][i % 4] ?? 1);
    const boxes = arrange(aspects, 1200, 700, 4);
    boxes.forEach((box, i) => {
      expect(box.width / box.height).toBeCloseTo(aspects[i] ?? 0);
      expect(box.x).toBeGreaterThanOrEqual(-0.01);
      expect(box.y).toBeGreaterThanOrEqual(-0.01);
      expect(box.x + box.width).toBeLessThanOrEqual(1200.01);
      expect(box.y + box.height).toBeLessThanOrEqual(700.01);
    });
    for (const [i, a] of boxes.entries()) {
      for (const b of boxes.slice(i + 1)) {
        const apart = a.x + a.width <= b.x + 0.01 || b.x + b.width <= a.x + 0.01;
        expect(apart || a.y + a.height <= b.y + 0.01 || b.y + b.height <= a.y + 0.01).toBe(true);
      }
    }
  },
);

it("stacks on a phone", () => {
  expect(column([2, 1], 400, 4)).toEqual([
    { x: 0, y: 0, width: 400, height: 200 },
    { x: 0, y: 204, width: 400, height: 400 },
  ]);
});
