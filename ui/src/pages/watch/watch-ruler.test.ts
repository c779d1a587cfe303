// @vitest-environment happy-dom
// What is painted of the timeline, and when: a machine that only shows last year is at rest.
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Camera } from "../../api/types";
import { cameras } from "../../state/cameras.svelte";
import { go } from "../../state/router.svelte";
import { speak } from "../../texts";
import { HEAD_PX } from "../../widgets/ruler-lane";
import { laneOf } from "./lanes";
import WatchRuler from "./WatchRuler.svelte";
import { Watch } from "./watch.svelte";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const LAST_YEAR = Date.parse("2025-11-23T12:00:00Z");
const OF = { camera: "door", stream: "main" };
const CAMERA = {
  ...{ slug: "door", name: "Door", paused: false },
  streams: [{ name: "main", recording: "recording", state: "playing", tracks: [] }],
} as unknown as Camera;
const iso = (ms: number) => new Date(ms).toISOString();

/** How often the window was painted, and how often the lanes' own sheet was. */
let painted: { window: number; lanes: number };
/** Questions about what is recorded. */
let asked: number;
let broken: boolean;
let watch: Watch;
let view: Record<string, unknown>;

/** A context that counts: the window is wiped first, and the sheet of the lanes is without the head. */
function contextOf(element: HTMLCanvasElement) {
  const sheet = !element.isConnected;
  const nothing = () => {};
  const known: Record<string, unknown> = {
    measureText: () => ({ width: 10 }),
    clearRect: () => !sheet && painted.window++,
    setTransform: (...to: number[]) => sheet && to.at(-1) === -HEAD_PX && painted.lanes++,
  };
  return new Proxy(known, { get: (of, name) => of[String(name)] ?? nothing, set: () => true });
}

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW });
  await speak("en", []);
  painted = { window: 0, lanes: 0 };
  asked = 0;
  broken = false;
  vi.stubGlobal("fetch", async (input: string) => {
    const { pathname, searchParams: query } = new URL(input, "http://door/");
    if (!pathname.endsWith("/timeline")) return Response.json({ cameras: [CAMERA] });
    asked++;
    if (broken) return Response.json({ type: "busy", title: "", status: 503 }, { status: 503 });
    const span = { from: query.get("from") ?? "", to: query.get("to") ?? "" };
    return Response.json({
      ...{ footage: [span], gaps: [], protected: [], durable_until: iso(NOW - 1_000) },
      activity: { from: span.from, step_ms: 1_000, values: [] },
      recorded: { from: iso(LAST_YEAR - 9e9), to: iso(NOW - 1_000) },
    });
  });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (
    this: HTMLCanvasElement,
  ) {
    return contextOf(this) as never;
  });
  for (const size of ["clientWidth", "clientHeight"] as const) {
    vi.spyOn(HTMLElement.prototype, size, "get").mockReturnValue(size === "clientWidth" ? 900 : 80);
  }
  Object.defineProperty(document, "fonts", {
    ...{ value: { ready: Promise.resolve() }, configurable: true },
  });
  vi.spyOn(cameras, "list", "get").mockReturnValue([CAMERA]);
});

afterEach(async () => {
  await unmount(view);
  watch.destroy();
  cameras.end();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function passes(ms: number) {
  await vi.advanceTimersByTimeAsync(ms);
  flushSync();
}

/** The ruler on ten minutes around `time`, paused, once all has come that it asked for. */
async function showing(time: number, mode: "pan" | "locked" = "pan") {
  go("timeline", { at: iso(time), span: "600" });
  watch = new Watch();
  watch.sight.locked = mode === "locked";
  const lanes = [laneOf(CAMERA, true)];
  const props = { ...{ watch, lanes, mode }, lanePx: 28 };
  view = mount(WatchRuler, { target: document.body, props });
  flushSync();
  await passes(1_000);
  expect(painted.window).toBeGreaterThan(0);
  expect(painted.lanes).toBeGreaterThan(0);
  painted = { window: 0, lanes: 0 };
}

/** Ten seconds in which the camera is recorded, as a recorder tells it. */
async function records() {
  for (let s = 0; s < 10; s++) {
    cameras.footage(OF).grow(Date.now() - 1_000);
    await passes(1_000);
  }
}

it.each(["pan", "locked"] as const)(
  "paints nothing of last year while cameras record (%s)",
  async (mode) => {
    await showing(LAST_YEAR, mode);
    await records();
    expect(painted).toEqual({ window: 0, lanes: 0 });
  },
);

it("paints what grows where that is in sight", async () => {
  await showing(NOW - 60_000);
  await records();
  expect(painted.lanes).toBeGreaterThanOrEqual(9);
});

it("asks again for what it could not have, and paints it when it comes", async () => {
  broken = true;
  await showing(LAST_YEAR);
  const before = asked;
  await passes(8_000);
  expect(asked).toBeGreaterThan(before);
  broken = false;
  painted = { window: 0, lanes: 0 };
  await passes(4_000);
  expect(painted.lanes).toBeGreaterThan(0);
  painted = { window: 0, lanes: 0 };
  const all = asked;
  await passes(20_000);
  expect(painted).toEqual({ window: 0, lanes: 0 });
  expect(asked).toBe(all);
});
