// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { Mark } from "./mark.svelte";

const NOW = 100_000;

it("marks ten seconds around what is seen, or from the end that is marked", () => {
  const mark = new Mark();
  mark.ten(50_000, NOW);
  expect(mark.range).toEqual({ from: 45_000, to: 55_000 });
  mark.ten(60_000, NOW);
  expect(mark.range).toEqual({ from: 55_000, to: 65_000 });
  mark.clear();
  mark.set("from", 20_000);
  mark.ten(50_000, NOW);
  expect(mark.range).toEqual({ from: 20_000, to: 30_000 });
  mark.clear();
  mark.set("to", 40_000);
  mark.ten(50_000, NOW);
  expect(mark.range).toEqual({ from: 30_000, to: 40_000 });
});

it("marks ten whole seconds where footage begins", () => {
  const mark = new Mark();
  mark.ten(42_000, NOW, 40_000);
  expect(mark.range).toEqual({ from: 40_000, to: 50_000 });
  // There are no ten yet.
  mark.ten(NOW - 2_000, NOW, NOW - 4_000);
  expect(mark.range).toEqual({ from: NOW - 10_000, to: NOW });
});

it("marks nothing that has not been", () => {
  const mark = new Mark();
  mark.ten(NOW - 1_000, NOW);
  expect(mark.range).toEqual({ from: NOW - 10_000, to: NOW });
  mark.clear();
  mark.set("from", NOW - 4_000);
  mark.ten(NOW - 1_000, NOW);
  expect(mark.range).toEqual({ from: NOW - 4_000, to: NOW });
});

it("lets neither end be dragged over the other", () => {
  const mark = new Mark();
  mark.ten(50_000, NOW);
  mark.move("from", 70_000);
  expect(mark.range).toEqual({ from: 54_900, to: 55_000 });
  mark.move("to", 10_000);
  expect(mark.range).toEqual({ from: 54_900, to: 55_000 });
  mark.move("to", 60_000);
  expect(mark.range).toEqual({ from: 54_900, to: 60_000 });
});
