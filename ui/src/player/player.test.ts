import { describe, expect, it } from "vitest";
import type { ClipState } from "./clip-source";
import { type Member, PlaybackGroup } from "./group";
import { type LiveFacts, liveView, noFacts } from "./live-view";
import { pace } from "./pace";
import { planAt } from "./plan";

describe("the piece for an instant", () => {
  const footage = [
    { from: 0, to: 100_000 },
    { from: 200_000, to: 300_000 },
  ];

  it.each([
    ["in the middle", 10_000, { from: 10_000, to: 40_000 }],
    ["near an end, all that is left", 69_900, { from: 69_900, to: 100_000 }],
    ["at the first instant", 200_000, { from: 200_000, to: 230_000 }],
  ])("%s", (_, time, piece) => {
    expect(planAt(time, footage, 30_000, undefined)).toEqual({ kind: "piece", piece });
  });

  it("says how far a gap reaches", () => {
    expect(planAt(100_000, footage, 30_000, undefined)).toEqual({
      kind: "gap",
      from: 100_000,
      until: 200_000,
    });
    expect(planAt(300_000, footage, 30_000, undefined)).toEqual({
      kind: "gap",
      from: 300_000,
      until: undefined,
    });
  });

  it("waits at the end of what still grows", () => {
    expect(planAt(299_900, footage, 30_000, 300_000)).toEqual({ kind: "edge" });
    expect(planAt(300_050, footage, 30_000, 300_000)).toEqual({ kind: "edge" });
  });

  it("leaves out what is not durable yet", () => {
    expect(planAt(280_000, footage, 30_000, 299_000)).toEqual({
      kind: "piece",
      piece: { from: 280_000, to: 299_000 },
    });
    const after = [...footage, { from: 400_000, to: 400_500 }];
    expect(planAt(400_000, after, 30_000, 300_000)).toEqual({ kind: "edge" });
  });

  it("covers a stretch without a hole or an overlap", () => {
    let at = 200_000;
    for (let i = 0; i < 100; i++) {
      const plan = planAt(at, footage, 7_000, undefined);
      if (plan.kind !== "piece") break;
      expect(plan.piece.from).toBe(at);
      expect(plan.piece.to).toBeGreaterThan(at);
      at = plan.piece.to;
    }
    expect(at).toBe(300_000);
  });
});

/** A player that does what it is told at once, on footage given by `state`. */
class Fake implements Member {
  time = 0;
  playing = false;
  rate = 1;
  flowing = true;
  followed: number | undefined;
  constructor(private at: (time: number) => ClipState) {}
  get state(): ClipState {
    return this.at(this.time);
  }
  seek(time: number) {
    this.time = time;
  }
  play() {
    this.playing = true;
  }
  pause() {
    this.playing = false;
  }
  setRate(rate: number) {
    this.rate = rate;
  }
  async step(by: number) {
    this.time += by * 40;
  }
  /** Instants without a picture yet. */
  missing = (_: number) => false;
  skim(time: number) {
    if (this.missing(time)) return false;
    this.time = time;
    return true;
  }
  tick(clock?: number) {
    this.followed = clock;
  }
}

describe("several players on one clock", () => {
  const ready = (): ClipState => ({ kind: "ready" });
  const until = (end: number) => (time: number) =>
    time < end ? ({ kind: "gap", from: 0, until: end } as const) : ({ kind: "ready" } as const);

  function group(members: Record<string, Fake>) {
    const told: string[] = [];
    const made = new PlaybackGroup({
      skipped: (ms) => told.push(`skipped ${ms}`),
      edge: () => told.push("edge"),
      ended: () => told.push("ended"),
      nothing: () => told.push("nothing"),
    });
    for (const [name, member] of Object.entries(members)) made.add(name, member);
    return { group: made, told };
  }

  it("follows the one that leads", () => {
    const a = new Fake(ready);
    const b = new Fake(ready);
    const { group: playing } = group({ a, b });
    playing.prefer("b");
    playing.seek(1000);
    playing.play();
    b.time = 1500;
    playing.tick(0);
    expect(playing.time).toBe(1500);
    expect(a.followed).toBe(1500);
    expect(b.followed).toBeUndefined();
  });

  it("stands still while the leading one has no data", () => {
    const a = new Fake(ready);
    const { group: playing } = group({ a });
    playing.play();
    a.flowing = false;
    a.time = 700;
    playing.tick(0);
    expect(playing.time).toBe(0);
  });

  it("lets another lead through a gap, and takes the first back after it", () => {
    const a = new Fake(until(5000));
    const b = new Fake(ready);
    const { group: playing } = group({ a, b });
    playing.prefer("a");
    playing.seek(1000);
    playing.play();
    b.time = 4999;
    playing.tick(0);
    expect(playing.time).toBe(4999);
    b.time = 5000;
    playing.tick(16);
    expect(a.time).toBe(5000);
    a.time = 5200;
    playing.tick(32);
    expect(playing.time).toBe(5200);
  });

  it("jumps over time that no camera has", () => {
    const { group: playing, told } = group({ a: new Fake(until(5000)), b: new Fake(until(3000)) });
    playing.seek(1000);
    playing.play();
    playing.tick(0);
    expect(playing.time).toBe(3000);
    expect(told).toEqual(["skipped 2000"]);
  });

  it("stays where somebody chose to be, and jumps when it is to play on", () => {
    const { group: playing, told } = group({ a: new Fake(until(9000)), b: new Fake(until(8000)) });
    playing.land(1000, 500);
    playing.play();
    playing.tick(0);
    expect(playing.empty).toBe(true);
    expect([playing.time, told]).toEqual([1000, ["nothing"]]);
    playing.pause();
    playing.seek(1000);
    playing.play();
    playing.tick(16);
    expect([playing.time, told]).toEqual([8000, ["nothing", "skipped 7000"]]);
    expect(playing.empty).toBe(false);
  });

  it("goes to footage that begins as near as was meant", () => {
    const { group: playing, told } = group({ a: new Fake(until(1400)) });
    playing.land(1000, 500);
    playing.play();
    playing.tick(0);
    expect([playing.time, told]).toEqual([1400, ["skipped 400"]]);
  });

  it("plays over a later gap, wherever it began", () => {
    const later = (time: number): ClipState =>
      time >= 2000 && time < 9000 ? { kind: "gap", from: 2000, until: 9000 } : { kind: "ready" };
    const a = new Fake(later);
    const { group: playing, told } = group({ a });
    playing.land(1000, 500);
    playing.play();
    playing.tick(0);
    a.time = 1990;
    playing.tick(16);
    a.time = 2000;
    playing.tick(32);
    expect([playing.time, told]).toEqual([9000, ["skipped 7010"]]);
  });

  it("stays in a gap also where the clock runs very fast", () => {
    const { group: playing, told } = group({ a: new Fake(until(90_000)) });
    playing.setRate(16);
    playing.land(1000, 500);
    playing.play();
    playing.tick(0);
    expect([playing.time, told]).toEqual([1000, ["nothing"]]);
  });

  it("hops through no long gap because its end is known only piece by piece", () => {
    const pieces = (time: number): ClipState => ({
      ...{ kind: "gap" as const, from: 0 },
      until: Math.floor(time / 400 + 1) * 400,
    });
    const { group: playing, told } = group({ a: new Fake(pieces) });
    playing.setRate(16);
    playing.land(1000, 500);
    playing.play();
    for (let now = 0; now < 200 && !told.includes("nothing"); now += 16) playing.tick(now);
    expect(told).toContain("nothing");
    expect(playing.time).toBeLessThanOrEqual(1500);
  });

  it("runs backwards, and jumps back over what no camera has", () => {
    const gap = (time: number): ClipState =>
      time >= 2000 && time < 9000 ? { kind: "gap", from: 2000, until: 9000 } : { kind: "ready" };
    const a = new Fake(gap);
    const { group: playing, told } = group({ a });
    playing.seek(9_150);
    playing.setRate(-2);
    playing.play();
    playing.tick(0);
    playing.tick(50);
    expect(playing.time).toBe(9_050);
    expect(a.playing).toBe(false);
    playing.tick(80);
    expect(playing.time).toBe(1_999);
    expect(told).toEqual(["skipped 6990"]);
    playing.tick(10_000);
    expect(playing.time).toBe(1_799);
  });

  it("waits for who has no picture yet, backwards and very fast", () => {
    const [a, b] = [new Fake(ready), new Fake(ready)];
    b.missing = (time) => time < 5_000;
    const { group: playing } = group({ a, b });
    playing.seek(5_100);
    playing.setRate(-1);
    playing.play();
    playing.tick(0);
    playing.tick(90);
    playing.tick(180);
    expect(playing.time).toBe(5_010);
  });

  it("goes on as a film from where it was when it runs forwards again", () => {
    const a = new Fake(ready);
    const { group: playing } = group({ a });
    playing.seek(5_000);
    playing.setRate(16);
    playing.play();
    playing.tick(0);
    playing.tick(100);
    expect(playing.time).toBe(6_600);
    expect(a.playing).toBe(false);
    playing.setRate(1);
    expect(a).toMatchObject({ playing: true, time: 6_600, rate: 1 });
  });

  it("says when all has been played, and when there is nothing more", () => {
    const edge = group({ a: new Fake(() => ({ kind: "edge" })) });
    edge.group.play();
    edge.group.tick(0);
    expect(edge.told).toEqual(["edge"]);
    const end = group({ a: new Fake(() => ({ kind: "gap", from: 0, until: undefined })) });
    end.group.play();
    end.group.tick(0);
    expect(end.told).toEqual(["ended"]);
  });

  it("steps once there is a picture to step from, and not where somebody went elsewhere", async () => {
    let state: ClipState = { kind: "loading" };
    const a = new Fake(() => state);
    const { group: held } = group({ a });
    held.seek(1_000);
    held.tick(0);
    const steps = [held.step(1), held.step(1)];
    held.tick(20);
    expect(a.time).toBe(1_000);
    state = { kind: "ready" };
    held.tick(40);
    await Promise.all(steps);
    expect(held.time).toBe(1_080);

    state = { kind: "loading" };
    const gone = held.step(1);
    held.seek(5_000);
    state = { kind: "ready" };
    held.tick(60);
    await gone;
    expect(a.time).toBe(5_000);
  });

  it("shows what becomes durable to who is paused there", () => {
    let state: ClipState = { kind: "edge" };
    const a = new Fake(() => state);
    const sought: number[] = [];
    a.seek = (time) => void sought.push(time);
    const { group: held } = group({ a });
    held.seek(9_000);
    sought.length = 0;
    for (let now = 0; now <= 2_500; now += 20) held.tick(now);
    expect(sought).toEqual([9_000, 9_000]);
    state = { kind: "ready" };
    for (let now = 2_500; now <= 6_000; now += 20) held.tick(now);
    expect(sought.length).toBe(2);
  });

  it("asks a failed one again, not at once", () => {
    const a = new Fake(() => ({ kind: "failed" }));
    const { group: playing, told } = group({ a });
    playing.seek(1000);
    playing.play();
    a.time = -1;
    playing.tick(0);
    playing.tick(1000);
    expect(a.time).toBe(-1);
    playing.tick(4000);
    expect(a.time).toBe(1000);
    expect(told).toEqual([]);
  });
});

describe("what a live tile says", () => {
  const now = 1_000_000;
  const seen: Partial<LiveFacts> = { camera: "live", picture: now - 300, shownAt: now - 40 };
  const cases: [string, Partial<LiveFacts>, string][] = [
    ["before anything came", {}, "connecting"],
    ["with a new picture", seen, "live"],
    ["with an old picture", { ...seen, picture: now - 4000 }, "late"],
    ["when pictures stopped", { ...seen, shownAt: now - 4000, picture: now - 4000 }, "late"],
    ["without a key frame", { camera: "waiting-for-key-frame" }, "key-frame"],
    ["when the camera is gone", { ...seen, camera: "no-signal" }, "no-signal"],
    ["when the server is gone", { ...seen, lostSince: now - 10 }, "reconnecting"],
    ["when nothing can be played", { ...seen, unsupported: "H.265" }, "unsupported"],
    ["when nothing playable is sent", { camera: "unplayable" }, "unsupported"],
  ];

  it.each(cases)("%s", (_, facts, kind) => {
    expect(liveView({ ...noFacts(now), ...facts }, now).kind).toBe(kind);
  });

  it("says how late", () => {
    expect(liveView({ ...noFacts(now), ...seen, picture: now - 4000 }, now)).toEqual({
      kind: "late",
      ms: 4000,
    });
  });
});

describe("staying close to now", () => {
  it.each([
    ["nothing is there yet", [], 0, false, { rate: 1 }],
    ["the first pictures come", [{ start: 0, end: 2 }], 0, false, { jumpTo: 1.8 }],
    ["it is close", [{ start: 0, end: 10 }], 9.7, true, { rate: 1 }],
    ["it is a little behind", [{ start: 0, end: 10 }], 9.3, true, { rate: 1.05 }],
    ["it is further behind", [{ start: 0, end: 10 }], 8, true, { rate: 1.15 }],
    ["it is far behind", [{ start: 0, end: 10 }], 2, true, { jumpTo: 9.8 }],
  ])("when %s", (_, ranges, current, started, expected) => {
    expect(pace(ranges, current, started)).toEqual(expected);
  });

  it("jumps over a break between two sessions", () => {
    const ranges = [
      { start: 0, end: 10 },
      { start: 60, end: 60.1 },
    ];
    expect(pace(ranges, 10, true)).toEqual({ jumpTo: 60 });
  });
});
