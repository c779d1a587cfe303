import { expect, it } from "vitest";
import type { LogLine } from "../../../api/types";
import { isNarrow, readFilter } from "./filter";
import { facts, streamOf, textOf } from "./text";

const line = (fields: Record<string, string>, camera?: string): LogLine => ({
  ...{ number: 1, at: "2026-11-29T16:41:43.000001Z", level: "warn", target: "camera::run" },
  ...{ message: "no answer", fields, ...(camera === undefined ? {} : { camera }) },
});

it("writes a line as the recorder does", () => {
  expect(textOf(line({ stream: "door/main", wait: "2 s", empty: "" }))).toBe(
    '2026-11-29T16:41:43.000001Z WARN  camera::run: no answer stream=door/main wait="2 s" empty=""',
  );
});

it("shows a camera once", () => {
  const of = (fields: Record<string, string>) => line(fields, "door");
  expect(facts(of({ stream: "door/main", volume: "disk1" }))).toEqual([["volume", "disk1"]]);
  expect(facts(of({ subject: "door/sub", alarm: "camera-lost" }))).toEqual([
    ["alarm", "camera-lost"],
  ]);
  expect(facts(of({ camera: "door", stream: "x" }))).toEqual([["stream", "x"]]);
  expect(facts(line({ subject: "disk1" }))).toEqual([["subject", "disk1"]]);
  expect(streamOf(of({ stream: "door/main" }))).toBe("main");
  expect(streamOf(of({ camera: "door" }))).toBeUndefined();
  expect(streamOf(line({ stream: "door/main" }))).toBeUndefined();
});

it("reads a filter from the address, and nothing that is none", () => {
  expect(readFilter({ level: "warn", camera: "door", text: "slow" })).toEqual({
    ...{ level: "warn", camera: "door", text: "slow" },
  });
  expect(isNarrow(readFilter({ level: "loud", camera: "", text: "" }))).toBe(false);
  expect(isNarrow(readFilter({ level: "debug" }))).toBe(false);
  expect(readFilter({ text: "x".repeat(300) }).text).toHaveLength(200);
});
