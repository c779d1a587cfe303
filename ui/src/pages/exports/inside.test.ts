import { expect, it } from "vitest";
import type { Manifest } from "../../proof/manifest";
import { insideOf } from "./inside";

const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 20, 10, second)).toISOString();
const span = (from: number, to: number) => ({ from: at(from), to: at(to) });
const clip = (streams: unknown) => ({ file: "front.mp4", shown: span(0, 60), streams });
const manifest = (streams: unknown, without_footage: unknown = []) =>
  ({ clips: [clip(streams)], without_footage }) as unknown as Manifest;

it("tells streams, their gaps with what caused them, and what has nothing", () => {
  const gaps = [{ ...span(10, 14), cause: "camera-gone" }, span(20, 21)];
  const said = insideOf(
    manifest([{ camera: "front", camera_name: "Front", stream: "main", gaps }], ["yard/main"]),
  );
  expect(said.empty).toEqual(["yard/main"]);
  expect(said.streams).toMatchObject([
    { camera: "Front", stream: "main", file: "front.mp4", more: 0, missingMs: 5_000 },
  ]);
  expect(said.streams[0]?.gaps.map(({ cause }) => cause)).toEqual(["camera-gone", undefined]);
});

it("counts what it does not list", () => {
  const gaps = Array.from({ length: 40 }, (_, i) => span(i, i + 1));
  const [own] = insideOf(manifest([{ camera_name: "Front", stream: "main", gaps }])).streams;
  expect(own?.gaps.length).toBe(12);
  expect(own?.more).toBe(28);
  expect(own?.missingMs).toBe(40_000);
});

it("leaves out what makes no sense, and shows names as plain text", () => {
  expect(insideOf(manifest("nothing", 7)).streams).toEqual([]);
  expect(insideOf(manifest([null, {}, { camera_name: 1, stream: "main" }])).streams).toEqual([]);
  const gaps = [null, { from: "soon", to: at(1) }, span(9, 3), { ...span(1, 2), cause: 5 }];
  const own = { camera_name: "a\u202eb", stream: "main", gaps };
  const said = insideOf(manifest([own], [3, "a\u202e/main"]));
  expect(said.streams[0]?.gaps).toHaveLength(1);
  expect(said.streams[0]?.camera).not.toContain("\u202e");
  expect(said.empty[0]).not.toContain("\u202e");
});
