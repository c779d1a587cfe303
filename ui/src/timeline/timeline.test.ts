import { describe, expect, it, vi } from "vitest";
import { setFormat } from "../texts/format";
import { type Answer, Footage } from "./footage";
import { cut, join, spanAfter, spanAt, spanBefore, without } from "./spans";
import { above, starts, ticks } from "./ticks";
import { clamp, ease, MS_PER_PX_MIN, pan, timeAt, xAt, zoomAround } from "./view";

const at = (text: string) => Date.parse(text);
const berlin = "Europe/Berlin";
setFormat({ zone: berlin });

describe("the window onto time", () => {
  const view = { center: 1_000_000, msPerPx: 100 };

  it("finds pixels of instants and instants of pixels", () => {
    expect(timeAt(view, 800, 400)).toBe(1_000_000);
    expect(xAt(view, 800, timeAt(view, 800, 123))).toBeCloseTo(123);
  });

  it("zooms around the instant under the pointer", () => {
    const zoomed = zoomAround(view, 800, 200, 0.5);
    expect(zoomed.msPerPx).toBe(50);
    expect(timeAt(zoomed, 800, 200)).toBe(timeAt(view, 800, 200));
  });

  it("stops at single pictures and at a year", () => {
    expect(zoomAround(view, 800, 0, 1e-9).msPerPx).toBe(MS_PER_PX_MIN);
    expect(zoomAround(view, 800, 0, 1e12).msPerPx * 800).toBe(400 * 86_400_000);
  });

  it("is pulled and held", () => {
    expect(pan(view, 10).center).toBe(999_000);
    expect(clamp(view, { earliest: 0, latest: 5 }).center).toBe(5);
  });

  it("arrives where it eases to", () => {
    let now = view;
    const to = { center: 9_000_000, msPerPx: 7 };
    for (let i = 0; i < 60; i++) now = ease(now, to, 0.3);
    expect(now).toEqual(to);
  });
});

describe("marks", () => {
  const hour = 3_600_000;
  const majors = (from: string, to: string, msPerPx: number) =>
    ticks(at(from), at(to), msPerPx, berlin)
      .ticks.filter((tick) => tick.major)
      .map((tick) => new Date(tick.time).toISOString().slice(0, 16));

  it("stand at round local times", () => {
    const span = ticks(at("2026-11-23T00:10:00Z"), at("2026-11-23T06:00:00Z"), hour / 100, berlin);
    expect(span.grain).toBe("minute");
    expect(span.ticks.filter((tick) => tick.major)[0]?.time).toBe(at("2026-11-23T01:00:00Z"));
  });

  it("follow the clocks over the end of summer time", () => {
    // Six-hour marks: midnight, six, noon, six on the wall, with 7 real hours in between once.
    expect(majors("2026-10-24T21:00:00Z", "2026-10-25T23:30:00Z", (6 * hour) / 90)).toEqual([
      "2026-10-24T22:00",
      "2026-10-25T05:00",
      "2026-10-25T11:00",
      "2026-10-25T17:00",
      "2026-10-25T23:00",
    ]);
  });

  it("stand under the next larger thing", () => {
    const scale = (days: number) =>
      above(
        ticks(at("2026-01-15T00:00:00Z"), at("2026-01-16T00:00:00Z"), days * 60_000, berlin).grain,
      );
    expect([0.01, 1, 40, 700, 9000].map(scale)).toEqual(["day", "day", "month", "year", "year"]);
    expect(starts("year", at("2026-05-01T00:00:00Z"), at("2027-05-01T00:00:00Z"), berlin)).toEqual([
      at("2025-12-31T23:00:00Z"),
      at("2026-12-31T23:00:00Z"),
    ]);
  });

  it("name days of any length", () => {
    expect(
      starts("day", at("2026-03-28T12:00:00Z"), at("2026-03-31T00:00:00Z"), berlin).map((t) =>
        new Date(t).toISOString(),
      ),
    ).toEqual([
      "2026-03-27T23:00:00.000Z",
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
      "2026-03-30T22:00:00.000Z",
    ]);
    expect(
      starts("month", at("2026-01-15T00:00:00Z"), at("2026-03-02T00:00:00Z"), berlin),
    ).toHaveLength(3);
  });

  it.each([1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 2e7])(
    "are few and apart at %d ms a pixel",
    (scale) => {
      const from = at("2026-03-01T00:00:00Z");
      const { ticks: all } = ticks(from, from + 1440 * scale, scale, berlin);
      const named = all.filter((tick) => tick.major);
      expect(named.length).toBeLessThanOrEqual(18);
      expect(all.length).toBeLessThanOrEqual(170);
      for (let i = 1; i < named.length; i++) {
        const apart = ((named[i]?.time ?? 0) - (named[i - 1]?.time ?? 0)) / scale;
        expect(apart).toBeGreaterThan(60);
      }
    },
  );
});

describe("spans", () => {
  const spans = [
    { from: 0, to: 10 },
    { from: 20, to: 30 },
    { from: 30, to: 40 },
  ];

  it("are half open", () => {
    expect(spanAt(spans, 0)).toBe(spans[0]);
    expect(spanAt(spans, 10)).toBeUndefined();
    expect(spanAt(spans, 30)).toBe(spans[2]);
    expect(spanAfter(spans, 10)).toBe(spans[1]);
    expect(spanAfter(spans, 20)).toBe(spans[2]);
    expect(spanBefore(spans, 15)).toBe(spans[0]);
  });

  it("are cut and joined", () => {
    expect(cut(spans, 5, 25)).toEqual([
      { from: 5, to: 10 },
      { from: 20, to: 25 },
    ]);
    expect(join(spans)).toEqual([
      { from: 0, to: 10 },
      { from: 20, to: 40 },
    ]);
    expect(join(spans, 10)).toEqual([{ from: 0, to: 40 }]);
  });

  it("have holes cut out, and keep what is said of them", () => {
    const gaps = [
      { from: 0, to: 10, cause: "a" },
      { from: 15, to: 50, cause: "b" },
      { from: 60, to: 70, cause: "c" },
    ];
    expect(without(gaps, spans)).toEqual([
      { from: 15, to: 20, cause: "b" },
      { from: 40, to: 50, cause: "b" },
      gaps[2],
    ]);
    expect(without(gaps, [])).toEqual(gaps);
    expect(without(gaps, [{ from: 5, to: 65 }])).toEqual([
      { from: 0, to: 5, cause: "a" },
      { from: 65, to: 70, cause: "c" },
    ]);
  });
});

describe("known footage", () => {
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

  function known(answer: (from: number, to: number) => Answer) {
    const load = vi.fn((from: number, to: number, _resolution: number) =>
      Promise.resolve(answer(from, to)),
    );
    const footage = new Footage(
      load,
      () => 10_000_000,
      () => {},
    );
    return { load, footage };
  }

  it("is asked for once, in chunks of its level", async () => {
    const { load, footage } = known((from, to) => ({ footage: [{ from, to }], gaps: [] }));
    expect(footage.at(1_000_000, 2_000_000, 1_000).footage).toEqual([]);
    await settle();
    expect(footage.at(1_000_000, 2_000_000, 1_000).footage).toEqual([
      { from: 1_000_000, to: 2_000_000 },
    ]);
    expect(load.mock.calls).toEqual([[0, 2_048_000, 1_000]]);
  });

  it("shows the coarse while the fine is asked for", async () => {
    const { footage } = known((from, to) => ({ footage: [{ from, to }], gaps: [] }));
    footage.at(0, 9_000_000, 10_000);
    await settle();
    expect(footage.at(0, 1_000_000, 1_000).footage).toEqual([{ from: 0, to: 1_000_000 }]);
  });

  it("grows without being asked for", async () => {
    const { load, footage } = known((from) => ({
      footage: [{ from, to: 9_000_000 }],
      gaps: [],
      durableUntil: 9_000_000,
    }));
    footage.at(8_500_000, 9_900_000, 1_000);
    await settle();
    const asked = load.mock.calls.length;
    footage.grow(9_005_000);
    expect(footage.at(8_500_000, 9_900_000, 1_000).footage).toEqual([
      { from: 8_500_000, to: 9_005_000 },
    ]);
    expect(load.mock.calls.length).toBe(asked);
  });

  it("lets every level know what one of them heard", async () => {
    let end = 9_000_000;
    const { footage, load } = known((from) => ({
      footage: [{ from, to: end }],
      gaps: [],
      durableUntil: end,
    }));
    footage.at(8_500_000, 9_900_000, 1_000);
    await settle();
    end = 9_001_000;
    footage.at(8_500_000, 9_900_000, 10_000);
    await settle();
    const asked = load.mock.calls.length;
    expect(footage.at(8_500_000, 9_900_000, 1_000).footage[0]?.to).toBe(9_001_000);
    footage.grow(9_002_000);
    expect(footage.at(8_500_000, 9_900_000, 1_000).footage[0]?.to).toBe(9_002_000);
    expect(load.mock.calls.length).toBe(asked);
  });

  it("asks again after a break", async () => {
    let end = 9_000_000;
    const { footage } = known((from) => ({
      footage:
        end > 9_000_000
          ? [
              { from, to: 9_000_000 },
              { from: 9_400_000, to: end },
            ]
          : [{ from, to: end }],
      gaps: end > 9_000_000 ? [{ from: 9_000_000, to: 9_400_000, cause: "camera-gone" }] : [],
      durableUntil: end,
    }));
    footage.at(8_500_000, 9_900_000, 1_000);
    await settle();
    end = 9_500_000;
    footage.refresh();
    footage.at(8_500_000, 9_900_000, 1_000);
    await settle();
    expect(footage.at(8_500_000, 9_900_000, 1_000).gaps).toEqual([
      { from: 9_000_000, to: 9_400_000, cause: "camera-gone" },
    ]);
  });

  it("asks again for what the server had not read yet", async () => {
    let now = 10_000_000;
    let answer = {
      footage: [{ from: 8_500_000, to: 9_000_000 }],
      gaps: [],
      recorded: { from: 8_500_000, to: 9_000_000 },
    } as Answer;
    const load = vi.fn(() => Promise.resolve(answer));
    const footage = new Footage(
      load,
      () => now,
      () => {},
    );
    footage.at(8_500_000, 9_500_000, 1_000);
    await settle();
    answer = {
      ...answer,
      footage: [{ from: 8_500_000, to: 9_200_000 }],
      durableUntil: 9_900_000,
    };
    footage.at(8_500_000, 9_500_000, 1_000);
    await settle();
    expect(load.mock.calls.length).toBe(1);
    now += 5_000;
    footage.at(8_500_000, 9_500_000, 1_000);
    await settle();
    expect(footage.at(8_500_000, 9_500_000, 1_000).footage).toEqual([
      { from: 8_500_000, to: 9_200_000 },
    ]);
    const asked = load.mock.calls.length;
    now += 5_000;
    footage.at(8_500_000, 9_500_000, 1_000);
    expect(load.mock.calls.length).toBe(asked);
  });

  it("tries again after an error, and not at once", async () => {
    let now = 10_000_000;
    const load = vi.fn(() => Promise.reject(new Error("down")));
    const footage = new Footage(
      load,
      () => now,
      () => {},
    );
    footage.at(0, 1000, 1_000);
    await settle();
    footage.at(0, 1000, 1_000);
    expect(load).toHaveBeenCalledTimes(1);
    now += 5_000;
    footage.at(0, 1000, 1_000);
    expect(load).toHaveBeenCalledTimes(2);
  });
});
