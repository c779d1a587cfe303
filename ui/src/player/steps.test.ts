// Steps through what a camera's two streams have recorded: whose pictures are seen, each once, in order.

import { expect, it } from "vitest";
import type { Span } from "../timeline/spans";
import { firstThatHas, type StreamSource } from "./clip-streams";
import type { FrameTable } from "./frames";
import { type Piece, planAt } from "./plan";
import type { Slot } from "./slot";
import { Steps } from "./steps";

/** A stream with a picture each `every` ms from the beginning of each span on. */
function stream(name: string, every: number, footage: Span[]): StreamSource {
  const all = footage.flatMap(({ from, to }) =>
    Array.from({ length: Math.ceil((to - from) / every) }, (_, i) => from + i * every),
  );
  const shown = (piece: Piece) => all.filter((at) => at >= piece.from && at < piece.to);
  async function before(time: number, length: number): Promise<Piece | undefined> {
    const span = footage.findLast(({ from }) => from < time);
    if (!span) return undefined;
    const to = Math.min(span.to, time);
    return { from: Math.max(span.from, to - length), to };
  }
  return {
    name,
    near: async (time, length) => {
      const around = footage.filter(({ from, to }) => to > time - 1_000 && from < time + length);
      return planAt(time, around, length, undefined);
    },
    next: async (time) => footage.find(({ to }) => to > time)?.from,
    before,
    async lately(time, length) {
      const piece = await before(time, length);
      return piece && piece.to > time - 60_000 ? piece : undefined;
    },
    gapAt: () => undefined,
    url: ({ from, to }) => `${name}:${from}-${to}`,
    hasPictures: async (piece) => shown(piece).length > 0,
    async frames(piece) {
      const times = shown(piece);
      // A server has no such clip.
      if (times.length === 0) throw new Error(`no picture of ${name} is there`);
      return { origin: times[0] ?? 0, times };
    },
    scrub: {
      keyFrames: async () => new ArrayBuffer(0),
      still: async () => new Blob(),
      bounds: () => ({ from: 0, to: 1e6 }),
    },
    reverse: {
      before,
      clip: async () => new ArrayBuffer(0),
      keyFrameTime: async () => undefined,
    },
  };
}

/** What is seen, as `stream@instant`, when so many steps are taken from `time` on. */
async function walk(streams: StreamSource[], time: number, by: number, steps: number) {
  const source = firstThatHas(streams);
  const seen: string[] = [];
  const slot = (piece: Piece) => {
    const video = new EventTarget();
    let index = 0;
    return {
      piece,
      video,
      seen: () => index,
      showFrame(table: FrameTable, to: number) {
        index = to;
        seen.push(`${source.streamOf(piece)}@${table.times[to]}`);
        video.dispatchEvent(new Event("seeked"));
      },
    } as unknown as Slot;
  };
  const plan = await source.plan(time, 6_000);
  if (plan.kind !== "piece") throw new Error(`there is nothing at ${time}`);
  let front = slot(plan.piece);
  const stepping = new Steps({
    source,
    seen: () => front,
    busy: () => false,
    tableOf: ({ piece }) => source.frames(piece as Piece),
    async show(piece) {
      front = slot(piece);
      return front;
    },
  });
  front.showFrame(await source.frames(plan.piece), 0);
  for (let i = 0; i < steps; i++) await stepping.take(by);
  return seen;
}

const pictures = (name: string, every: number, from: number, to: number) =>
  Array.from({ length: Math.ceil((to - from) / every) }, (_, i) => `${name}@${from + i * every}`);

/** The gap of the main stream, whose pictures come each 100 ms; the sub-stream's each 200 ms. */
const GAP = { from: 100_000, to: 130_000 };
const WHOLE = { from: 90_000, to: 140_000 };
const main = () =>
  stream("main", 100, [
    { from: WHOLE.from, to: GAP.from },
    { from: GAP.to, to: WHOLE.to },
  ]);
const sub = (end: number, start: number) =>
  stream("sub", 200, [
    { from: WHOLE.from, to: GAP.from + end },
    { from: GAP.to + start, to: WHOLE.to },
  ]);

const WAYS = [-2_000, -700, -100, 0, 40, 100, 300, 700, 1_900, 2_600, 8_000];

it.each(WAYS.flatMap((end) => WAYS.map((start) => [end, start] as const)))(
  "steps both ways through each picture once, the sub-stream's end %i ms from the main one's, its beginning %i ms",
  async (end, start) => {
    const streams = [main(), sub(end, start)];
    const expected = [
      ...pictures("main", 100, GAP.from - 2_000, GAP.from),
      ...(end > 0 ? pictures("sub", 200, GAP.from, GAP.from + end) : []),
      ...(start < 0 ? pictures("sub", 200, GAP.to + start, GAP.to) : []),
      ...pictures("main", 100, GAP.to, GAP.to + 2_000),
    ];
    const steps = expected.length - 1;
    expect(await walk(streams, GAP.from - 2_000, 1, steps)).toEqual(expected);
    expect(await walk(streams, GAP.to + 1_900, -1, steps)).toEqual(expected.toReversed());
  },
);

it("steps through the sub-stream's pictures where only it goes on, and none of it else", async () => {
  const streams = [main(), stream("sub", 200, [WHOLE])];
  const expected = [
    ...pictures("main", 100, GAP.from - 500, GAP.from),
    ...pictures("sub", 200, GAP.from, GAP.to),
    ...pictures("main", 100, GAP.to, GAP.to + 500),
  ];
  const steps = expected.length - 1;
  expect(await walk(streams, GAP.from - 500, 1, steps)).toEqual(expected);
  expect(await walk(streams, GAP.to + 400, -1, steps)).toEqual(expected.toReversed());
});

it("steps over the end of a sub-stream whose last picture came while the main one was there", async () => {
  const early = { from: 90_050, to: 100_040 };
  const streams = [main(), stream("sub", 200, [early, { from: 130_000, to: 140_000 }])];
  const expected = [
    ...pictures("main", 100, 99_500, 100_000),
    ...pictures("main", 100, 130_000, 130_500),
  ];
  expect(await walk(streams, 99_500, 1, 9)).toEqual(expected);
  expect(await walk(streams, 130_400, -1, 9)).toEqual(expected.toReversed());
});

it("steps back over a gap of hours as over one of seconds", async () => {
  const far = 8 * 3_600_000;
  const streams = [
    stream("main", 100, [WHOLE, { from: far, to: far + 10_000 }]),
    stream("sub", 200, [
      { from: WHOLE.from, to: WHOLE.to + 700 },
      { from: far - 300, to: far + 10_000 },
    ]),
  ];
  const expected = [
    ...pictures("main", 100, WHOLE.to - 500, WHOLE.to),
    ...pictures("sub", 200, WHOLE.to, WHOLE.to + 700),
    ...pictures("sub", 200, far - 300, far),
    ...pictures("main", 100, far, far + 500),
  ];
  const steps = expected.length - 1;
  expect(await walk(streams, WHOLE.to - 500, 1, steps)).toEqual(expected);
  expect(await walk(streams, far + 400, -1, steps)).toEqual(expected.toReversed());
});
