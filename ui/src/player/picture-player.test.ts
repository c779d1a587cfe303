// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PlaybackGroup } from "./group";
import { PicturePlayer, type PictureSource } from "./picture-player";

let works: boolean;
let asked: number[];
let player: PicturePlayer;
let group: PlaybackGroup;
let now: number;
const skipped = vi.fn();

/** Footage from 0 to 20 s, and from 40 s to 60 s. */
const source: PictureSource = {
  async plan(time) {
    if (time < 20_000) return { kind: "piece", piece: { from: time, to: 20_000 } };
    if (time < 40_000) return { kind: "gap", from: 20_000, until: 40_000 };
    return { kind: "piece", piece: { from: time, to: 60_000 } };
  },
  gapAt: () => undefined,
  neighbour: async (time, by) => time + by * 2_000,
  scrub: {
    keyFrames: async () => new ArrayBuffer(0),
    async still(at) {
      asked.push(at);
      if (!works) throw new Error("503");
      return new Blob();
    },
    bounds: () => ({ from: 0, to: 60_000 }),
  },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.stubGlobal("createImageBitmap", async () => ({ width: 64, height: 36, close() {} }));
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue({
    drawImage() {},
  } as unknown as RenderingContext as never);
  works = true;
  asked = [];
  now = 0;
  skipped.mockClear();
  group = new PlaybackGroup({ skipped, edge() {}, ended() {}, nothing() {} });
  group.seek(5_000.4);
  player = new PicturePlayer(document.body, source, () => {});
  group.add("door", player);
});

afterEach(() => {
  player.destroy();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** As often as pages are painted. */
async function pass(ms: number) {
  for (let passed = 0; passed < ms; passed += 20) {
    await vi.advanceTimersByTimeAsync(20);
    now += 20;
    group.tick(now);
  }
}

it("shows the very picture at rest, and one a second while it plays", async () => {
  await pass(100);
  expect(asked).toEqual([5_001]);
  group.play();
  await pass(4_000);
  expect(group.time).toBeGreaterThan(8_500);
  expect(group.time).toBeLessThan(9_500);
  expect(asked.length).toBeGreaterThanOrEqual(4);
  expect(asked.length).toBeLessThanOrEqual(6);
  expect([...asked].sort((a, b) => a - b)).toEqual(asked);
});

it("goes over a gap as films do", async () => {
  group.seek(19_000);
  group.play();
  await pass(3_000);
  expect(skipped).toHaveBeenCalledOnce();
  expect(group.time).toBeGreaterThan(40_500);
});

it("takes every step of a hand that is quicker than the pictures come", async () => {
  await pass(100);
  const steps = [group.step(1), group.step(1), group.step(1), group.step(-1)];
  await pass(200);
  await Promise.all(steps);
  expect(Math.round(group.time)).toBe(5_000 + 2 * 2_000);
  // Who goes elsewhere meanwhile is there, and no step further.
  const more = [group.step(1), group.step(1)];
  group.seek(50_000);
  await Promise.all(more);
  expect(group.time).toBe(50_000);
  expect(player.time).toBe(50_000);
});

it("steps from picture to picture", async () => {
  group.seek(5_000);
  await pass(100);
  await group.step(1);
  expect(group.time).toBe(7_000);
  await group.step(-1);
  expect(group.time).toBe(5_000);
});

it("says that nothing comes, asks again calmly, and is back with the server", async () => {
  await pass(100);
  works = false;
  asked = [];
  group.seek(9_000);
  group.play();
  // The picture before stands for a while, and not for ever.
  await pass(1_000);
  expect(player.state.kind).toBe("ready");
  await pass(9_000);
  expect(player.state.kind).toBe("failed");
  expect(asked.length).toBeLessThan(14);
  works = true;
  await pass(6_000);
  expect(player.state.kind).toBe("ready");
});

it("does not lead where there is a film", async () => {
  const film = {
    time: 7_000,
    state: { kind: "ready" as const },
    flowing: true,
    seek() {},
    play() {},
    pause() {},
    setRate() {},
    skim: () => true,
    step: async () => {},
    tick: vi.fn(),
  };
  group.add("yard", film);
  group.seek(7_000);
  await pass(100);
  group.play();
  await pass(100);
  expect(group.time).toBe(7_000);
  expect(film.tick).toHaveBeenLastCalledWith();
});
