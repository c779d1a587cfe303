// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type LiveEvent, LivePlayer } from "./live-player";

type Listener = Parameters<ConstructorParameters<typeof LivePlayer>[1]>[0];

/** Fails at the first byte, or shows a picture, as `works` says. */
let works: boolean;

class Buffer extends EventTarget {
  updating = false;
  buffered = { length: 1, start: () => 0, end: () => 1 };
  appendBuffer(): void {
    this.dispatchEvent(new Event(works ? "updateend" : "error"));
  }
  remove(): void {}
  changeType(): void {}
}

class Source extends EventTarget {
  static isTypeSupported = () => true;
  readyState = "open";
  addSourceBuffer = () => new Buffer();
  constructor() {
    super();
    setTimeout(() => this.dispatchEvent(new Event("sourceopen")));
  }
}

const INIT: LiveEvent = {
  type: "init",
  mime: "video/mp4",
  tracks: [{ kind: "video", codec: "hvc1.1.6.L93.B0" }],
};

let opened: number[];
let silent: number[];
let listener: Listener;
let player: LivePlayer;
const video = {
  currentTime: 0,
  readyState: 2,
  seeking: false,
  paused: false,
  playbackRate: 1,
  muted: false,
  play: async () => {},
  removeAttribute() {},
  load() {},
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.stubGlobal("MediaSource", Source);
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("visible");
  opened = [];
  Object.assign(video, { currentTime: 0, paused: false, muted: false });
  const open = (to: Listener) => {
    listener = to;
    opened.push(Date.now());
    const timer = setTimeout(() => {
      to.message(INIT);
      to.segment(new ArrayBuffer(1));
    }, 10);
    return () => clearTimeout(timer);
  };
  silent = [];
  const told = {
    view() {},
    keep() {},
    picture() {},
    lost: (inARow: number) => void silent.push(inARow),
  };
  player = new LivePlayer(video as unknown as HTMLVideoElement, open, Date.now, told);
});

afterEach(() => {
  player.destroy();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it("gives up on what never shows a picture, tries again rarely, and believes what it sees", () => {
  works = false;
  vi.advanceTimersByTime(8_000);
  const waits = opened.slice(1).map((at, i) => at - (opened[i] ?? 0));
  expect(waits.map((ms) => Math.floor(ms / 100) * 100)).toEqual([500, 1_000, 2_000]);
  expect(player.view).toEqual({ kind: "unsupported", codec: "hvc1.1.6.L93.B0" });
  vi.advanceTimersByTime(50_000);
  expect(opened.length).toBe(4);
  works = true;
  vi.advanceTimersByTime(6_000);
  expect(opened.length).toBe(5);
  expect(player.view.kind).toBe("live");
});

it("comes back at once after a picture was seen", () => {
  works = true;
  vi.advanceTimersByTime(1_000);
  expect(player.view.kind).toBe("live");
  for (let i = 1; i <= 3; i++) {
    listener.closed();
    vi.advanceTimersByTime(600);
    expect(opened.length).toBe(1 + i);
    vi.advanceTimersByTime(1_000);
  }
});

it("does not blame the decoder while the page is hidden", () => {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  works = false;
  vi.advanceTimersByTime(60_000);
  expect(opened.length).toBeGreaterThan(6);
  expect(player.view.kind).not.toBe("unsupported");
});

it("counts sockets that say nothing, and forgets them at the first word", () => {
  works = true;
  for (let i = 0; i < 3; i++) {
    listener.closed();
    vi.advanceTimersByTime(1);
    player.hurry();
  }
  expect(silent).toEqual([1, 2, 3]);
  vi.advanceTimersByTime(500);
  listener.closed();
  expect(silent.at(-1)).toBe(1);
});

it("does not wait for silence when the network is another one or the page is seen again", () => {
  works = true;
  vi.advanceTimersByTime(1_000);
  expect(opened.length).toBe(1);
  // A live socket has just spoken: it is left alone.
  dispatchEvent(new Event("online"));
  expect(opened.length).toBe(1);
  vi.advanceTimersByTime(3_000);
  dispatchEvent(new Event("online"));
  expect(opened.length).toBe(2);
  vi.advanceTimersByTime(4_000);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(opened.length).toBe(3);
});

it("leaves the sound as whoever listens has set it", () => {
  works = true;
  vi.advanceTimersByTime(1_000);
  listener.closed();
  vi.advanceTimersByTime(1_000);
  expect(opened.length).toBe(2);
  expect(video.muted).toBe(false);
});

it("plays without sound where sound is not allowed, for no other reason", async () => {
  works = true;
  video.paused = true;
  const play = vi.spyOn(video, "play").mockRejectedValue(new DOMException("", "AbortError"));
  await vi.advanceTimersByTimeAsync(500);
  expect(play).toHaveBeenCalled();
  expect(video.muted).toBe(false);
  play.mockRejectedValue(new DOMException("", "NotAllowedError"));
  await vi.advanceTimersByTimeAsync(500);
  expect(video.muted).toBe(true);
});
