import { expect, it } from "vitest";
import { between, sumOf } from "./choice";
import type { Row } from "./list.svelte";

const row = (camera: string, stream: string, from: number, to: number): Row =>
  ({
    key: `${camera}/${stream}/${from}`,
    camera: { slug: camera, streams: [{ name: "main" }, { name: "sub" }] },
    of: { camera, stream },
    recording: { bytes: (to - from) * 2 },
    ...{ start: from, end: to, from, to },
  }) as unknown as Row;

const rows = [
  row("yard", "main", 60_000, 90_000),
  row("front", "main", 30_000, 60_000),
  row("front", "main", 0, 30_000),
];

it("takes a stretch whichever way it is drawn", () => {
  const keys = rows.map(({ key }) => key);
  expect(between(rows, keys[0], keys[2] ?? "")).toEqual(keys);
  expect(between(rows, keys[2], keys[1] ?? "")).toEqual(keys.slice(1));
  expect(between(rows, "gone", keys[1] ?? "")).toEqual([keys[1]]);
  expect(between(rows, undefined, keys[1] ?? "")).toEqual([keys[1]]);
});

it("says what it comes to, and whether an export would take more", () => {
  expect(sumOf(rows.slice(1))).toEqual({
    ...{ from: 0, to: 60_000, ms: 60_000, bytes: 120_000 },
    ...{ streams: ["front/main"], more: false },
  });
  expect(sumOf(rows)).toMatchObject({ streams: ["front/main", "yard/main"], more: true });
  expect(sumOf([rows[0], rows[2]] as Row[]).more).toBe(true);
});

it("names each camera once, by its first stream where that is chosen", () => {
  const both = [row("front", "sub", 0, 10), row("front", "main", 0, 10)];
  expect(sumOf(both).streams).toEqual(["front/main"]);
  expect(sumOf(both.slice(0, 1)).streams).toEqual(["front/sub"]);
});

it("counts of a trimmed one what is left of it", () => {
  const whole = row("front", "main", 0, 10_000);
  expect(sumOf([{ ...whole, from: 5_000 }]).bytes).toBe(10_000);
});
