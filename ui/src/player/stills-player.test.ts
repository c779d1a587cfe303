// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { LiveView } from "./live-view";
import { StillsPlayer } from "./stills-player";

let good: boolean;
/** How old the pictures are, in milliseconds. */
let age: number;
let asked: number;
let views: LiveView[];
let every: number[];
let urls: string[];
let player: StillsPlayer;

function start(codec: { name: string | undefined } | undefined) {
  player = new StillsPlayer(
    async () => {
      asked += 1;
      if (!good) throw new Error("503");
      return { picture: new Blob(["x"]), at: Date.now() - age };
    },
    Date.now,
    {
      view: (view) => void views.push(view),
      still: ({ url }) => void urls.push(url),
      every: (seconds) => void every.push(seconds),
    },
    codec,
  );
}

const live = new Set<string>();

beforeEach(() => {
  vi.useFakeTimers();
  let n = 0;
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
    const url = `blob:${n++}`;
    live.add(url);
    return url;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void live.delete(url));
  live.clear();
  good = true;
  age = 1_000;
  asked = 0;
  views = [];
  every = [];
  urls = [];
});

afterEach(() => {
  player.destroy();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it("shows a picture every two seconds and keeps no more than two", async () => {
  start(undefined);
  await vi.advanceTimersByTimeAsync(20_100);
  expect(urls.length).toBe(11);
  expect(live.size).toBeLessThanOrEqual(2);
  expect(views.at(-1)).toEqual({ kind: "live" });
  expect(every).toEqual([2]);
  player.destroy();
  player.forget();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(live.size).toBe(0);
  expect(urls.length).toBe(11);
});

it("asks more rarely while there is no answer, says so, and is back at once with one", async () => {
  start(undefined);
  await vi.advanceTimersByTimeAsync(100);
  good = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(every).toEqual([2, 4, 8, 10]);
  expect(asked).toBeLessThan(10);
  expect(views.at(-1)?.kind).toBe("reconnecting");
  good = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(every.at(-1)).toBe(2);
  expect(views.at(-1)).toEqual({ kind: "live" });
});

it("says what cannot be played where there is no picture either", async () => {
  good = false;
  start({ name: "hvc1" });
  await vi.advanceTimersByTimeAsync(100);
  expect(views.at(-1)).toEqual({ kind: "unsupported", codec: "hvc1" });
});

it("says how old a picture is that is older than it should be, in full", async () => {
  age = 40_000;
  start(undefined);
  await vi.advanceTimersByTimeAsync(100);
  expect(views.at(-1)).toEqual({ kind: "late", ms: 40_000 });
});
