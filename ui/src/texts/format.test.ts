import { beforeEach, expect, it } from "vitest";
import * as format from "./format";

beforeEach(() => format.setFormat({ language: "en-GB", zone: "Europe/Berlin" }));

const instant = Date.parse("2026-11-23T13:03:12.480Z");

it("shows times in the archive's zone", () => {
  expect(format.clock(instant)).toBe("14:03:12");
  expect(format.clockMs(instant)).toBe("14:03:12.480");
  expect(format.dayLong(instant)).toBe("Monday, 23 November 2026");
});

it.each([
  [0, "0:00"],
  [59_600, "1:00"],
  [3_723_000, "1:02:03"],
])("shows %d ms as %s", (ms, text) => expect(format.duration(ms)).toBe(text));

it.each([
  [12, "12 byte"],
  [412_300, "412 kB"],
  [3_210_000, "3.2 MB"],
  [999_999_999, "1 GB"],
])("shows %d bytes as %s", (n, text) => expect(format.bytes(n)).toBe(text));

it("shows rates", () => {
  expect(format.bitRate(4_120_000)).toBe("4.1 Mbit/s");
  expect(format.bitRate(64_000)).toBe("64 kbit/s");
});

it.each([
  ["en-GB", "23 Nov 2026, 14:03:12.480"],
  ["de", "23. Nov. 2026, 14:03:12,480"],
  ["fr", "23 nov. 2026, 14:03:12,480"],
  ["es", "23 nov 2026, 14:03:12,480"],
  ["ja", "2026年11月23日 14:03:12.480"],
  ["zh", "2026年11月23日 14:03:12.480"],
])("says an instant to the millisecond in %s", (language, text) => {
  format.setFormat({ language });
  expect(format.momentMs(instant)).toBe(text);
  expect(format.momentMs(instant - 480)).toBe(text.replace("480", "000"));
});
