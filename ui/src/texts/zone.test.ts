import { describe, expect, it } from "vitest";
import { fromLocal, isZone, offsetAt, startOfDay, toLocal } from "./zone";

const berlin = "Europe/Berlin";
const at = (text: string) => Date.parse(text);

describe("wall clocks", () => {
  it("know summer and winter", () => {
    expect(offsetAt(at("2026-01-10T12:00:00Z"), berlin)).toBe(3_600_000);
    expect(offsetAt(at("2026-07-10T12:00:00Z"), berlin)).toBe(7_200_000);
    expect(offsetAt(at("2026-07-10T12:00:00Z"), "Asia/Kathmandu")).toBe(5.75 * 3_600_000);
  });

  it("go there and back on every hour of a year", () => {
    for (let t = at("2026-01-01T00:00:00Z"); t < at("2027-01-01T00:00:00Z"); t += 3_600_000) {
      const back = fromLocal(toLocal(t, berlin), berlin);
      // The hour that autumn repeats reads the same twice; the first is meant.
      if (t === at("2026-10-25T01:00:00Z")) expect(back).toBe(t - 3_600_000);
      else expect(back).toBe(t);
    }
  });

  it("move on where spring skips an hour", () => {
    const skipped = { year: 2026, month: 3, day: 29, hour: 2, minute: 30 };
    expect(fromLocal(skipped, berlin)).toBe(at("2026-03-29T01:30:00Z"));
  });

  it("have days of 23 and 25 hours", () => {
    const day = (month: number, d: number) =>
      fromLocal({ year: 2026, month, day: d + 1 }, berlin) -
      fromLocal({ year: 2026, month, day: d }, berlin);
    expect(day(3, 29)).toBe(23 * 3_600_000);
    expect(day(10, 25)).toBe(25 * 3_600_000);
  });

  it("cut days at local midnight", () => {
    expect(startOfDay(at("2026-11-23T23:30:00Z"), berlin)).toBe(at("2026-11-23T23:00:00Z"));
  });

  it("know what is no zone", () => {
    expect(isZone("Europe/Berlin")).toBe(true);
    expect(isZone("Middle/Earth")).toBe(false);
  });
});
