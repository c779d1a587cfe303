import { expect, it } from "vitest";
import type { Span } from "../timeline/spans";
import { firstThatHas, type StreamSource } from "./clip-streams";
import { planAt } from "./plan";

const NOW = 1_000_000;

/** A stream with this footage; what it was asked for beyond what is near is counted. */
function stream(name: string, footage: Span[], growingFrom?: number) {
  const asked = { far: 0, pictures: 0 };
  async function before(time: number, length: number) {
    const span = footage.findLast(({ from }) => from < time);
    if (!span) return undefined;
    const to = Math.min(span.to, time);
    return { from: Math.max(span.from, to - length), to };
  }
  const source: StreamSource = {
    name,
    async near(time, length) {
      const around = footage.filter(({ from, to }) => to > time - 1_000 && from < time + length);
      return planAt(time, around, length, growingFrom);
    },
    async next(time) {
      asked.far++;
      return footage.find(({ to }) => to > time)?.from;
    },
    before,
    async lately(time, length) {
      const piece = await before(time, length);
      return piece && piece.to > time - 60_000 ? piece : undefined;
    },
    async hasPictures() {
      asked.pictures++;
      return true;
    },
    gapAt(time) {
      const after = footage.find(({ to }) => to > time);
      if (after && after.from <= time) return undefined;
      const from = footage.findLast(({ to }) => to <= time)?.to ?? 0;
      return { from, to: after?.from ?? NOW, cause: name };
    },
    url: ({ from, to }) => `${name}:${from}-${to}`,
    frames: async ({ from }) => ({ origin: from, times: [from, name.length] }),
    scrub: {
      keyFrames: async () => new ArrayBuffer(0),
      still: async () => new Blob(),
      bounds: () => ({ from: footage[0]?.from ?? 0, to: footage.at(-1)?.to ?? NOW }),
    },
    reverse: {
      before: async () => undefined,
      clip: async () => new ArrayBuffer(name.length),
      keyFrameTime: async () => name.length,
    },
  };
  return { ...source, asked };
}

type Source = ReturnType<typeof firstThatHas>;

async function urlAt(source: Source, time: number, length = 30_000) {
  const plan = await source.plan(time, length);
  return plan.kind === "piece" ? source.url(plan.piece) : plan;
}

it("plays another stream where the best one has nothing yet, up to where it has", async () => {
  const sub = stream("sub", [{ from: 500_000, to: NOW }]);
  const main = stream("main", [{ from: 0, to: NOW }]);
  const source = firstThatHas([sub, main]);
  expect(await urlAt(source, 100_000)).toBe("main:100000-130000");
  expect(await urlAt(source, 490_000)).toBe("main:490000-500000");
  expect(await urlAt(source, 500_000)).toBe("sub:500000-530000");
  expect(await urlAt(source, 499_900)).toBe("main:499900-500000");
  expect([sub.asked.far, main.asked.far]).toEqual([0, 0]);
  expect(source.scrub.bounds()).toEqual({ from: 0, to: NOW });
});

it("shows what another stream has after the best one's end, and before its beginning", async () => {
  const main = stream("main", [
    { from: 0, to: 100_000 },
    { from: 200_000, to: NOW },
  ]);
  const sub = stream("sub", [
    { from: 0, to: 100_700 },
    { from: 198_500, to: NOW },
  ]);
  const source = firstThatHas([main, sub]);
  expect(await urlAt(source, 99_000)).toBe("main:99000-100000");
  expect(await urlAt(source, 100_000)).toBe("sub:100000-100700");
  expect(await source.plan(100_700, 30_000)).toMatchObject({ kind: "gap", until: 198_500 });
  expect(await urlAt(source, 198_500)).toBe("sub:198500-200000");
  const back = async (time: number) => {
    const piece = await source.before(time, 30_000);
    return piece && source.url(piece);
  };
  expect(await back(200_000)).toBe("sub:198500-200000");
  expect(await back(198_500)).toBe("sub:100000-100700");
  expect(await back(100_000)).toBe("main:70000-100000");
});

it("waits at the end of the best stream that grows, unless another one leaves it behind", async () => {
  const main = stream("main", [{ from: 0, to: 990_000 }], 990_000);
  const ahead = (to: number) => firstThatHas([main, stream("sub", [{ from: 0, to }], to)]);
  expect(await ahead(990_800).plan(989_900, 30_000)).toEqual({ kind: "edge" });
  expect(await ahead(990_800).plan(990_000, 30_000)).toEqual({ kind: "edge" });
  expect(await urlAt(ahead(995_000), 990_000)).toBe("sub:990000-995000");
});

it("goes on with another stream where the best one is not recorded any more, and live after it", async () => {
  const sub = stream("sub", [{ from: 0, to: 300_000 }]);
  const main = stream("main", [{ from: 0, to: NOW }], NOW);
  const source = firstThatHas([sub, main]);
  expect(await urlAt(source, 990_000)).toBe("main:990000-1000000");
  expect(await source.plan(NOW, 30_000)).toEqual({ kind: "edge" });
});

it("has a gap only where no stream has footage, from the last of one to the first of another", async () => {
  const sub = stream("sub", [
    { from: 0, to: 100_000 },
    { from: 900_000, to: NOW },
  ]);
  const main = stream("main", [
    { from: 0, to: 200_000 },
    { from: 800_000, to: NOW },
  ]);
  const source = firstThatHas([sub, main]);
  expect(source.gapAt(150_000)).toBeUndefined();
  expect(source.gapAt(500_000)).toEqual({ from: 200_000, to: 800_000, cause: "sub" });
  expect(await source.plan(500_000, 30_000)).toMatchObject({ kind: "gap", until: 800_000 });
  expect(await source.plan(200_000, 700_000)).toMatchObject({ from: 200_000, until: 800_000 });
  const none = firstThatHas([stream("sub", []), stream("main", [])]);
  expect(await none.plan(500_000, 30_000)).toMatchObject({ kind: "gap", until: undefined });
});

it("goes backwards over what any stream has, with its own key frames", async () => {
  const sub = stream("sub", [{ from: 500_000, to: NOW }]);
  const main = stream("main", [{ from: 0, to: 600_000 }]);
  const source = firstThatHas([sub, main]);
  const signal = new AbortController().signal;
  const back = async (time: number) => {
    const piece = await source.before(time, 500);
    if (!piece) return undefined;
    const { byteLength } = await source.reverse.clip(piece, signal);
    expect(await source.reverse.keyFrameTime(piece.from, piece.to)).toBe(byteLength);
    expect((await source.frames(piece)).times[1]).toBe(byteLength);
    return source.url(piece);
  };
  expect(await back(700_000)).toBe("sub:699500-700000");
  expect(await back(500_000)).toBe("main:499500-500000");
  expect(await back(550_000)).toBe("sub:549500-550000");
  expect(await back(0)).toBeUndefined();
  // Batch after batch of half a second: nothing else is asked for.
  expect(main.asked.pictures).toBe(0);
});

it("goes back over a gap of all streams to the latest footage before it", async () => {
  const sub = stream("sub", [{ from: 0, to: 100_000 }]);
  const main = stream("main", [{ from: 0, to: 200_000 }]);
  const source = firstThatHas([sub, main]);
  const piece = await source.before(500_000, 500);
  expect(piece && source.url(piece)).toBe("main:199500-200000");
});

it("knows whose the pieces are that it handed out", async () => {
  const sub = stream("sub", [{ from: 500_000, to: NOW }]);
  const main = stream("main", [{ from: 0, to: NOW }]);
  const source = firstThatHas([sub, main]);
  const of = async (time: number) => {
    const plan = await source.plan(time, 30_000);
    return plan.kind === "piece" ? source.streamOf(plan.piece) : undefined;
  };
  expect(await of(490_000)).toBe("main");
  expect(await of(600_000)).toBe("sub");
  const before = await source.before(500_000, 500);
  expect(before && source.streamOf(before)).toBe("main");
});
