import { describe, expect, it } from "vitest";
import { groups, rowsOf, stretches, textsOf, wrongWith } from "./schedule";

const days = (...on: number[]) => [0, 1, 2, 3, 4, 5, 6].map((day) => on.includes(day));

describe("a schedule", () => {
  it("is read and written as the server has it", () => {
    const texts = [
      "Mon-Fri 07:00-19:00",
      "Sat,Sun 00:00-24:00",
      "22:00-06:00",
      "Mon,Wed-Fri,Sun 08:00-09:30",
    ];
    expect(textsOf(rowsOf(texts))).toEqual(texts);
    expect(rowsOf(["Fri-Mon 22:00-06:00"])[0]?.days).toEqual(days(4, 5, 6, 0));
    expect(rowsOf(undefined)).toEqual([]);
  });

  it("joins days that follow each other", () => {
    expect(groups(days(0, 1, 2, 4, 6))).toEqual([
      [0, 2],
      [4, 4],
      [6, 6],
    ]);
  });

  it("says what is wrong with a row", () => {
    const row = { days: days(0), from: "07:00", to: "19:00" };
    expect(wrongWith(row)).toBeUndefined();
    expect(wrongWith({ ...row, days: days() })).toBe("days");
    expect(wrongWith({ ...row, to: "" })).toBe("time");
    expect(wrongWith({ ...row, to: "07:00" })).toBe("length");
    expect(wrongWith({ ...row, from: "00:00", to: "00:00" })).toBeUndefined();
  });

  it("is drawn by day, nights on both sides of midnight", () => {
    expect(stretches(rowsOf(["Sun 22:00-06:00", "Mon 00:00-24:00"]))).toEqual([
      { day: 6, from: 1320, to: 1440 },
      { day: 0, from: 0, to: 360 },
      { day: 0, from: 0, to: 1440 },
    ]);
  });
});
