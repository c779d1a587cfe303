import { expect, it } from "vitest";
import { pan, SCALE_MAX, WHOLE, zoomAt } from "./zoom";
import { keyed } from "./zoom-gestures";

it("keeps what is under the pointer where it is", () => {
  const zoom = zoomAt(zoomAt(WHOLE, 2, 0.25, 0.5), 1.5, 0.25, 0.5);
  expect(zoom.scale).toBe(3);
  // The point of the picture at a quarter of its width is still at a quarter of the tile's.
  expect(zoom.x + 0.25 * zoom.scale).toBeCloseTo(0.25);
  expect(zoom.y + 0.5 * zoom.scale).toBeCloseTo(0.5);
});

it("ends at eight times and at the whole picture", () => {
  expect(zoomAt(WHOLE, 100, 0.5, 0.5).scale).toBe(SCALE_MAX);
  expect(zoomAt(zoomAt(WHOLE, 4, 0.9, 0.9), 0.1, 0.1, 0.1)).toBe(WHOLE);
  expect(zoomAt(WHOLE, 0.5, 0.3, 0.3)).toBe(WHOLE);
});

it("never shows what lies beside the picture", () => {
  const zoom = zoomAt(WHOLE, 2, 0, 0);
  expect(pan(zoom, 5, 5)).toEqual({ scale: 2, x: 0, y: 0 });
  expect(pan(zoom, -5, -0.5)).toEqual({ scale: 2, x: -1, y: -0.5 });
  const corner = pan(zoom, -5, -5);
  expect(zoomAt(corner, 0.6, 0, 0).x).toBeGreaterThanOrEqual(1 - 1.2);
});

it("leaves keys to the ruler while the whole picture is seen", () => {
  for (const key of ["-", "0", "Escape", "ArrowLeft", "a"]) {
    expect(keyed(key, WHOLE)).toBeUndefined();
  }
  const zoom = keyed("+", WHOLE) ?? WHOLE;
  expect(zoom.scale).toBeGreaterThan(1);
  expect(keyed("ArrowLeft", zoom)?.x).toBeGreaterThan(zoom.x);
  expect(keyed("-", zoom)).toBe(WHOLE);
  expect(keyed("Escape", zoom)).toBe(WHOLE);
  expect(keyed("a", zoom)).toBeUndefined();
});
