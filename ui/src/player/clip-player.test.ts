// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ClipPlayer } from "./clip-player";
import type { ClipSource, ClipState } from "./clip-source";
import type { Piece } from "./plan";

/** Pieces of ten seconds, one after the other. */
const pieceOf = (time: number): Piece => {
  const from = Math.floor(time / 10_000) * 10_000;
  return { from, to: from + 10_000 };
};

const source: ClipSource = {
  plan: async (time) => ({ kind: "piece", piece: pieceOf(time) }),
  url: ({ from }) => `clip-${from}`,
  frames: async ({ from }) => ({ origin: from, times: [from] }),
  before: async (time) => pieceOf(time - 1),
  gapAt: () => undefined,
  scrub: {
    keyFrames: async () => new ArrayBuffer(0),
    still: async () => new Blob(),
    bounds: () => ({ from: 0, to: 1e9 }),
  },
  reverse: {
    before: async () => undefined,
    clip: async () => new ArrayBuffer(0),
    keyFrameTime: async () => undefined,
  },
};

let stage: HTMLElement;
let player: ClipPlayer;
let states: ClipState[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(HTMLMediaElement.prototype, "load").mockReturnValue();
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockReturnValue();
  stage = document.createElement("div");
  states = [];
  player = new ClipPlayer(stage, source, (state) => states.push(state));
});

afterEach(() => {
  player.destroy();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Lets questions be answered, and nothing be loaded: not so long that a load is given up. */
const calm = (ms = 100) => vi.advanceTimersByTimeAsync(ms);

/** The element that loads the piece from `from` on gets its first picture. */
async function arrives(from: number) {
  const video = [...stage.querySelectorAll("video")].find(({ src }) => src.endsWith(`-${from}`));
  if (!video) throw new Error(`nobody loads the piece from ${from} on`);
  Object.defineProperty(video, "readyState", { configurable: true, value: 4 });
  Object.defineProperty(video, "seeking", { configurable: true, value: false });
  video.dispatchEvent(new Event("loadeddata"));
  await calm();
}

it("takes further steps after a seek came while a step loaded what is over the piece's end", async () => {
  player.seek(5_000);
  await calm();
  await arrives(0);
  const first = player.step(1);
  let ended = false;
  void first.then(() => {
    ended = true;
  });
  await calm();
  expect(stage.innerHTML).toContain("clip-10000");
  player.seek(55_000);
  await calm();
  await arrives(50_000);
  await calm(2_000);
  expect(ended).toBe(true);
  const second = player.step(-1);
  await calm();
  await arrives(40_000);
  await calm(2_000);
  await second;
  expect(player.time).toBe(40_000);
});

it("stays where it is when that was wanted last, whatever was on its way", async () => {
  player.seek(5_000);
  await calm();
  await arrives(0);
  player.seek(55_000);
  await calm();
  player.seek(6_000);
  await arrives(50_000);
  expect(player.video.src).toMatch(/clip-0$/);
  expect(player.time).toBe(6_000);
});

it("ends a step when it is taken off the page", async () => {
  player.seek(5_000);
  await calm();
  await arrives(0);
  const step = player.step(1);
  await calm();
  player.destroy();
  await step;
});

/** The element that loads the piece from `from` on cannot decode it. */
async function isRefused(from: number) {
  const video = [...stage.querySelectorAll("video")].find(({ src }) => src.endsWith(`-${from}`));
  if (!video) throw new Error(`nobody loads the piece from ${from} on`);
  Object.defineProperty(video, "error", { configurable: true, value: { code: 3 } });
  video.dispatchEvent(new Event("error"));
  await calm();
}

it("says which piece is no film to the browser", async () => {
  // A server's answer takes longer than a promise.
  vi.spyOn(source, "frames").mockImplementation(async ({ from }) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return { origin: from, times: [from] };
  });
  player.seek(15_000);
  await calm();
  await isRefused(10_000);
  // Once is none: it is tried again.
  expect(states.slice(-2).map(({ kind }) => kind)).toEqual(["failed", "loading"]);
  await isRefused(10_000);
  expect(states.at(-1)).toEqual({ kind: "unplayable", piece: { from: 10_000, to: 20_000 } });
});

it.each([
  ["there is none", async () => ({ kind: "gap", from: 10_000, until: undefined }) as const],
  ["it cannot be asked", () => Promise.reject(new Error("away"))],
])("asks once a second what comes after a piece where %s", async (_, answer) => {
  player.seek(5_000);
  await calm();
  await arrives(0);
  player.play();
  const plan = vi.spyOn(source, "plan").mockImplementation(answer);
  for (let i = 0; i < 100; i++) {
    player.tick();
    await calm(16);
  }
  expect(plan).toHaveBeenCalledTimes(2);
});

it("has what grows after a piece ready as soon as it is there", async () => {
  player.seek(5_000);
  await calm();
  await arrives(0);
  player.play();
  const plan = vi.spyOn(source, "plan").mockResolvedValue({ kind: "edge" });
  player.tick();
  await calm(16);
  plan.mockRestore();
  player.tick();
  await calm(16);
  expect(stage.innerHTML).toContain("clip-10000");
});

/** The element whose picture is seen. */
const seen = () => stage.querySelector<HTMLVideoElement>("video.front")?.src ?? "";

it("seeks nowhere where a piece begins with what is wanted", async () => {
  vi.spyOn(source, "plan").mockResolvedValue({ kind: "piece", piece: { from: 7_000, to: 9_000 } });
  player.seek(7_000.4);
  await calm();
  const video = [...stage.querySelectorAll("video")].find(({ src }) => src.endsWith("-7000"));
  const seek = vi.fn();
  Object.defineProperty(video, "currentTime", { configurable: true, set: seek, get: () => 0 });
  video?.dispatchEvent(new Event("loadedmetadata"));
  expect(seek).not.toHaveBeenCalled();
});

it("shows what loads slowly also to who wants the same once more", async () => {
  player.seek(5_000);
  await calm();
  await arrives(0);
  player.seek(55_000);
  await calm();
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 700);
  player.seek(55_000);
  await calm();
  await arrives(50_000);
  expect(seen()).toMatch(/clip-50000$/);
});
