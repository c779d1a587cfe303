import { beforeEach, expect, it } from "vitest";
import { setFormat } from "../../texts/format";
import { ends, type Filter, fromField, readFilter, toField, writeFilter } from "./filter";

beforeEach(() => setFormat({ zone: "Europe/Berlin" }));

const all: Filter = {
  camera: undefined,
  stream: undefined,
  range: "any",
  from: undefined,
  to: undefined,
  trim: true,
};

it("survives the address bar", () => {
  const filter: Filter = {
    camera: "garden",
    stream: "sub",
    range: "own",
    from: Date.parse("2026-11-01T10:00:00Z"),
    to: undefined,
    trim: false,
  };
  const query = Object.entries(writeFilter(filter)).filter(([, value]) => value !== undefined);
  expect(readFilter(Object.fromEntries(query) as Record<string, string>)).toEqual(filter);
  expect(readFilter({})).toEqual(all);
});

it("takes nonsense for nothing", () => {
  expect(readFilter({ range: "epoch", from: "gestern" })).toEqual(all);
});

it("cuts days in the archive's zone, short ones too", () => {
  // The day after the clocks went forward: yesterday had 23 hours.
  const now = Date.parse("2026-03-30T10:00:00Z");
  expect(ends({ ...all, range: "yesterday" }, now)).toEqual({
    from: Date.parse("2026-03-28T23:00:00Z"),
    to: Date.parse("2026-03-29T22:00:00Z"),
  });
});

it("fills and reads the browser's fields in the archive's zone", () => {
  const at = Date.parse("2026-07-01T10:30:00Z");
  expect(toField(at)).toBe("2026-07-01T12:30");
  expect(fromField("2026-07-01T12:30")).toBe(at);
  expect(fromField("")).toBeUndefined();
});
