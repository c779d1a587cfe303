import { expect, it } from "vitest";
import type { StreamOutcome } from "../../api/types";
import { browserOf } from "./browser";
import {
  DAYS,
  FREE,
  freeStop,
  KEEP_FREE,
  keepChange,
  keepText,
  removedOf,
  SIZES,
  sameKeep,
  sizeText,
  stopOf,
  valueAt,
  volumeText,
  withLimit,
} from "./limits";

it("has a stop for each value, and none behind the last", () => {
  for (const stops of [DAYS, SIZES]) {
    for (const value of stops) expect(valueAt(stops, stopOf(stops, value))).toBe(value);
    expect(valueAt(stops, stopOf(stops, null))).toBeNull();
    expect(stopOf(stops, undefined)).toBe(stops.length);
  }
});

it("writes limits as a configuration file has them", () => {
  expect(keepText({ max_days: 14, max_bytes: 5e11 })).toBe(
    'keep = { max_bytes = "500 GB", max_days = 14 }',
  );
  expect(keepText({ min_days: 7 })).toBe("keep = { min_days = 7 }");
  expect(keepText({})).toBe("keep = {}");
  expect(SIZES.map(sizeText).slice(-7)).toEqual([
    ...["500 GB", "1 TB", "2 TB", "5 TB", "10 TB", "20 TB", "50 TB"],
  ]);
});

it("keeps the least under the most, whichever is moved", () => {
  expect(withLimit({ max_days: 14, min_days: 7 }, "max_days", 3)).toEqual({
    ...{ max_days: 3, min_days: 3 },
  });
  expect(withLimit({ max_days: 14 }, "min_days", 21)).toEqual({ max_days: 21, min_days: 21 });
  expect(withLimit({ max_days: 14, max_bytes: 5e9 }, "max_days", null)).toEqual({
    max_bytes: 5e9,
  });
});

it("knows limits that are the same, and says those alone that change", () => {
  expect(sameKeep({ max_days: 3 }, { max_days: 3, min_days: 0 })).toBe(true);
  expect(sameKeep({ max_days: 3 }, {})).toBe(false);
  const was = { max_bytes: 5e9, max_days: 14 };
  expect(keepChange(was, { ...was, max_days: 3 })).toEqual({ max_days: 3 });
  expect(keepChange(was, { max_days: 14, min_days: 7 })).toEqual({ max_bytes: null, min_days: 7 });
  expect(keepChange({}, { max_days: 3 })).toEqual({ max_days: 3 });
});

it("says what goes, and that it is more where not all of it was counted", () => {
  const outcome = (removed?: { bytes: number; complete: boolean }) =>
    ({ camera: "shed", stream: "main", removed }) as StreamOutcome;
  expect(removedOf([outcome(), outcome()])).toEqual({ bytes: 0, complete: true });
  const [all, some] = [
    outcome({ bytes: 2, complete: true }),
    outcome({ bytes: 3, complete: false }),
  ];
  expect(removedOf([all, outcome(), all])).toEqual({ bytes: 4, complete: true });
  expect(removedOf([all, some])).toEqual({ bytes: 5, complete: false });
});

it("finds the share of a disk that is nearest", () => {
  expect(FREE[freeStop(200e9, 4e12)]).toBe(5);
  expect(FREE[freeStop(1e9, 100e12)]).toBe(1);
  expect(FREE[freeStop(9e12, 10e12)]).toBe(50);
  expect(FREE[freeStop(1, 0)]).toBe(5);
});

it("writes a volume as its file has it, with what it is for", () => {
  expect(volumeText("disk1", "/mnt/disk1", "20 GB", "keep")).toBe(
    '[[archive.volume]]\nname = "disk1"\npath = "/mnt/disk1"\nkeep_free = "20 GB"\nuse = "keep"',
  );
});

it("writes a volume as a text has it, whatever its name", () => {
  expect(volumeText('my "disk"', "/mnt/a b", "5%")).toBe(
    '[[archive.volume]]\nname = "my \\"disk\\""\npath = "/mnt/a b"\nkeep_free = "5%"',
  );
});

it.each([
  ["5%", true],
  ["20 GB", true],
  ["2.5TB", true],
  ["90%", true],
  ["91%", false],
  ["a lot", false],
])("takes %s as space that stays free: %s", (text, yes) => expect(KEEP_FREE.test(text)).toBe(yes));

it("knows browsers by what they say", () => {
  const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";
  expect(browserOf(agent)).toEqual({ name: "Chrome", system: "Linux" });
  expect(browserOf("curl/8.5.0")).toEqual({ name: undefined, system: undefined });
});
