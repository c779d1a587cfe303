// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Camera, Stream } from "../../api/types";
import { cameras } from "../../state/cameras.svelte";
import type { Footage } from "../../timeline/footage";
import type { Span } from "../../timeline/spans";
import { clipOf, jointClipOf, toExport } from "./take";

const HOUR = 3_600_000;
/** What each stream has, by its name. */
let has: Record<string, Span[]>;
let asked: { stream: string; steps: number }[];

beforeEach(() => {
  asked = [];
  vi.spyOn(cameras, "footage").mockImplementation(({ camera, stream }) => {
    const spans = has[`${camera}/${stream}`] ?? [];
    const at = (from: number, to: number, msPerPx: number) => {
      asked.push({ stream, steps: (to - from) / msPerPx });
      return { footage: spans.filter((span) => span.to > from && span.from < to) };
    };
    return { at } as unknown as Footage;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const recorded = { from: "1970-01-01T00:00:00Z", to: "1970-01-02T00:00:00Z" };
const stream = (name: string, more: Partial<Stream> = {}) =>
  ({ name, recorded, recording: "on", ...more }) as Stream;
const camera = (slug: string, ...streams: Stream[]) => ({ slug, name: slug, streams }) as Camera;
const streamsIn = (url: string | undefined) =>
  [...decodeURIComponent(url ?? "").matchAll(/\b(main|sub)\b/g)].map(([name]) => name);

const yard = camera("yard", stream("main"), stream("sub"));
const range = { from: 10 * HOUR, to: 10 * HOUR + 10_000 };

it("takes the stream that has footage in the range, not the first that ever had any", () => {
  has = {
    "yard/main": [{ from: 0, to: 2 * HOUR }],
    "yard/sub": [{ from: 2 * HOUR, to: 12 * HOUR }],
  };
  expect(streamsIn(clipOf(yard, range))).toEqual(["sub"]);
  expect(streamsIn(clipOf(yard, { from: HOUR, to: HOUR + 10_000 }))).toEqual(["main"]);
  const door = camera("door", stream("main"));
  expect(streamsIn(jointClipOf([yard, door], range))).toEqual(["sub", "main"]);
});

it("takes the first stream where several have footage, and where none is known to", () => {
  has = { "yard/main": [{ from: 0, to: 12 * HOUR }], "yard/sub": [{ from: 0, to: 12 * HOUR }] };
  expect(streamsIn(clipOf(yard, range))).toEqual(["main"]);
  has = {};
  expect(streamsIn(clipOf(yard, range))).toEqual(["main"]);
  const never = camera("yard", { name: "main", recording: "off" } as Stream, stream("sub"));
  expect(streamsIn(clipOf(never, range))).toEqual(["sub"]);
});

it("asks nothing where there is no choice, and in few steps however long the range is", () => {
  has = {};
  clipOf(camera("door", stream("main")), range);
  expect(asked).toEqual([]);
  clipOf(yard, { from: 0, to: 365 * 24 * HOUR });
  expect(asked.map(({ stream }) => stream)).toEqual(["main", "sub"]);
  for (const { steps } of asked) expect(steps).toBeLessThanOrEqual(2_048);
});

it("asks the page of exports for the same streams", () => {
  has = { "yard/sub": [{ from: 0, to: 12 * HOUR }] };
  const door = camera("door", stream("main"));
  expect(toExport([yard, door], range)).toEqual({
    new: "1",
    from: "1970-01-01T10:00:00.000Z",
    to: "1970-01-01T10:00:10.000Z",
    cameras: "yard/sub,door/main",
  });
});
