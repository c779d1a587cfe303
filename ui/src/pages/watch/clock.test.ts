// @vitest-environment happy-dom
// The clock: to the second while time goes on, to the millisecond while pictures are told apart.
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Camera } from "../../api/types";
import type { Member } from "../../player/group";
import { cameras } from "../../state/cameras.svelte";
import { go, route } from "../../state/router.svelte";
import { languages, speak } from "../../texts";
import { setFormat } from "../../texts/format";
import Clock from "./Clock.svelte";
import { laneOf } from "./lanes";
import WatchRuler from "./WatchRuler.svelte";
import { Watch } from "./watch.svelte";

const AT = Date.parse("2026-11-22T20:00:00.000Z");
const CAMERA = {
  ...{ slug: "door", name: "Door", paused: false },
  streams: [{ name: "main", recording: "recording", state: "playing", tracks: [] }],
} as unknown as Camera;

let watch: Watch;
let views: Record<string, unknown>[];
/** Where the pictures are. */
let time: number;

const member: Member = {
  get time() {
    return time;
  },
  ...{ state: { kind: "ready" }, flowing: true, play() {}, pause() {}, setRate() {}, tick() {} },
  seek: (to) => {
    time = to;
  },
  skim: (to) => {
    time = to;
    return true;
  },
  // Twenty-five pictures a second, the first of them a little off.
  step: async (by) => {
    time += by * 40 + 3.7;
  },
};

beforeEach(async () => {
  vi.useFakeTimers({ now: AT + 3_600_000 });
  vi.stubGlobal("fetch", async () => new Promise(() => {}));
  vi.spyOn(cameras, "list", "get").mockReturnValue([CAMERA]);
  Object.defineProperty(document, "fonts", {
    ...{ value: { ready: Promise.resolve() }, configurable: true },
  });
  await speak("en", []);
  setFormat({ zone: "UTC" });
  go("timeline", { at: new Date(AT).toISOString() });
  watch = new Watch();
  watch.group.add("door", member);
  watch.seek(AT, { playing: false });
  views = [mount(Clock, { target: document.body, props: { watch } })];
  await passes();
});

afterEach(async () => {
  for (const view of views) await unmount(view);
  watch.destroy();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function passes(ms = 100) {
  await vi.advanceTimersByTimeAsync(ms);
  flushSync();
}

const shown = () => document.querySelector("button .tabular")?.textContent?.trim();

it("shows milliseconds once a picture was stepped to, and no more when time goes on", async () => {
  expect(shown()).toBe("20:00:00");
  watch.step(1);
  await passes();
  expect(shown()).toBe("20:00:00.043");
  watch.step(1);
  await passes();
  expect(shown()).toBe("20:00:00.087");
  watch.toggle();
  await passes();
  expect(shown()).toMatch(/^20:00:0\d$/);
  // Held again it stands somewhere, and not on a picture that was chosen.
  watch.toggle();
  await passes();
  expect(shown()).toMatch(/^20:00:0\d$/);
});

it.each<[string, () => void]>([
  ["skipping", () => watch.skip(10_000)],
  ["dragging", () => watch.scrub(AT + 5_000, "move")],
  ["a click", () => watch.moveTo(AT + 60_000, { chosen: true })],
  ["playing either way", () => watch.shuttle(-1)],
])("shows seconds again after %s", async (_, act) => {
  watch.step(1);
  await passes();
  expect(shown()).toMatch(/\.\d{3}$/);
  act();
  await passes();
  expect(shown()).toMatch(/^\d\d:\d\d:\d\d$/);
});

it("shows them of the picture that was the newest when live was left by a step", async () => {
  go("live");
  watch.read(route.query);
  watch.step(-1);
  await passes();
  expect(shown()).toMatch(/\.\d{3}$/);
});

it("shows them of a picture that an address names, as who stepped there saw it", async () => {
  go("timeline", { at: "2026-11-22T20:00:07.043Z" });
  watch.read(route.query);
  await passes();
  expect(shown()).toBe("20:00:07.043");
  go("timeline", { at: "2026-11-22T20:00:09.043Z", play: "1" });
  watch.read(route.query);
  await passes();
  expect(shown()).toBe("20:00:09");
});

it.each(languages)("says the same to those who listen, in $language", async ({ language }) => {
  await speak(language, []);
  setFormat({ language, zone: "UTC" });
  const lanes = [laneOf(CAMERA, true)];
  const props = { ...{ watch, lanes, lanePx: 28 }, mode: "pan" as const };
  views.push(mount(WatchRuler, { target: document.body, props }));
  const said = () => document.querySelector("[role=slider]")?.getAttribute("aria-valuetext");
  watch.step(1);
  await passes();
  expect(said()).toMatch(/20:00:00[.,]043/);
  watch.step(1);
  await passes();
  expect(said()).toMatch(/20:00:00[.,]087/);
  watch.toggle();
  await passes();
  expect(said()).toMatch(/20:00:0\d/);
  expect(said()).not.toMatch(/20:00:0\d[.,]\d/);
});
