// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { take } from "../../actions/watch";
import type { Camera } from "../../api/types";
import type { Member } from "../../player/group";
import { cameras } from "../../state/cameras.svelte";
import { notices } from "../../state/notices.svelte";
import { go, route } from "../../state/router.svelte";
import { speak } from "../../texts";
import type { Footage } from "../../timeline/footage";
import Nearest from "./Nearest.svelte";
import TakeMenu from "./TakeMenu.svelte";
import { Watch } from "./watch.svelte";

let stepped: () => void;
let watch: Watch;

const member: Member = {
  time: 1_000,
  state: { kind: "ready" },
  flowing: true,
  seek() {},
  play() {},
  pause() {},
  setRate() {},
  skim: () => true,
  step: () =>
    new Promise((resolve) => {
      stepped = resolve;
    }),
  tick() {},
};

beforeEach(() => {
  vi.useFakeTimers();
  go("timeline", { at: "2026-11-22T20:00:00.000Z" });
  watch = new Watch();
  watch.group.add("door", member);
});

afterEach(() => {
  watch.destroy();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it("writes the address of the picture that was stepped to", async () => {
  watch.step(1);
  stepped();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(location.search).toContain("at=1970-01-01T00:00:01.000Z");
});

it("leads nobody back who left while a step was on its way", async () => {
  watch.step(1);
  watch.destroy();
  go("recordings");
  stepped();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(location.pathname).toBe("/recordings");
});

it("asks for no live pictures because somebody leaves for another page", () => {
  expect(watch.live).toBe(false);
  // The page stays until the other one has come.
  go("exports", { new: "1" });
  watch.read(route.query);
  expect(watch.live).toBe(false);
  go("live");
  watch.read(route.query);
  expect(watch.live).toBe(true);
});

const RANGE = { from: 1_000, to: 11_000 };
const takes = () => take.enabled?.(watch);

it("takes a marked range away only where the page has room to ask which", () => {
  expect(takes()).toBe(false);
  watch.mark.ends = RANGE;
  expect(takes()).toBe(true);
  // A phone turned sideways: pictures and the ruler, nothing else.
  watch.flat = true;
  expect(takes()).toBe(false);
  watch.flat = false;
  expect(takes()).toBe(true);
  go("live");
  expect(takes()).toBe(false);
});

it("forgets the question with the mark that it was of", () => {
  watch.mark.ends = RANGE;
  watch.take();
  expect(watch.taking).toBe(true);
  watch.clearMark();
  expect(watch.taking).toBe(false);
});

it("forgets the question with the place where it is asked", async () => {
  // What the menu needs of a browser.
  const { matches } = Element.prototype;
  vi.spyOn(Element.prototype, "matches").mockImplementation(function (this: Element, selector) {
    return selector === ":popover-open" ? false : matches.call(this, selector);
  });
  Object.assign(HTMLElement.prototype, { showPopover() {}, hidePopover() {} });
  watch.mark.ends = RANGE;
  const menu = mount(TakeMenu, { target: document.body, props: { watch, range: RANGE } });
  flushSync();
  watch.take();
  flushSync();
  await unmount(menu);
  vi.restoreAllMocks();
  expect(watch.taking).toBe(false);
});

/** Nothing is recorded between these. */
const ENDED = Date.parse("2026-11-22T19:00:00.000Z");
const BEGINS = Date.parse("2026-11-22T21:00:00.000Z");
const CHOSEN = Date.parse("2026-11-22T20:30:00.000Z");

const OLD = {
  slug: "yard",
  streams: [
    { name: "main", recorded: { from: "2026-11-01T00:00:00Z", to: "2026-11-30T00:00:00Z" } },
  ],
} as Camera;

/** A camera with a gap from `ENDED` to `BEGINS`, and pages of time passed by hand. */
function inGap() {
  watch.group.remove("door");
  let time = 0;
  watch.group.add("yard", {
    ...member,
    get time() {
      return time;
    },
    get state() {
      const gap = { kind: "gap", from: ENDED, until: BEGINS } as const;
      return time >= ENDED && time < BEGINS ? gap : ({ kind: "ready" } as const);
    },
    seek(to) {
      time = to;
    },
    skim(to) {
      time = to;
      return true;
    },
  });
  return () => vi.advanceTimersByTimeAsync(100);
}

it("stays where it was clicked when nothing is recorded there", async () => {
  const passes = inGap();
  watch.playFrom(CHOSEN);
  await passes();
  expect([watch.time, watch.playing]).toEqual([CHOSEN, false]);
  expect(watch.beside).toBeDefined();
  // What is clicked next is played, as it would have been.
  watch.scrub(CHOSEN, "start");
  watch.scrub(BEGINS, "end");
  await passes();
  expect([watch.time, watch.playing, watch.beside]).toEqual([BEGINS, true, undefined]);
});

it("goes on to what a tile has where only others have footage from the beginning on", async () => {
  const passes = inGap();
  watch.playFrom(CHOSEN, { chosen: false });
  await passes();
  expect([watch.time, watch.playing]).toEqual([BEGINS, true]);
});

it("plays on from there at what is recorded next", async () => {
  const passes = inGap();
  watch.playFrom(CHOSEN);
  await passes();
  watch.toggle();
  await passes();
  expect([watch.time, watch.playing]).toEqual([BEGINS, true]);
});

it.each([
  ["L", 1],
  ["J", -1],
] as const)("stays paused when it was paused after %s led out of a gap", async (_, direction) => {
  // Footage begins long before, so that going back does not end.
  vi.spyOn(cameras, "list", "get").mockReturnValue([OLD]);
  const passes = inGap();
  watch.playFrom(CHOSEN);
  await passes();
  watch.shuttle(direction);
  await passes();
  const out = direction > 0 ? watch.time >= BEGINS : watch.time < ENDED;
  expect([out, watch.playing]).toEqual([true, true]);
  watch.toggle();
  watch.skip(direction * 10_000);
  await passes();
  expect(watch.playing).toBe(false);
});

it("goes ten seconds back in a gap too, and stays there", async () => {
  const passes = inGap();
  watch.playFrom(CHOSEN);
  await passes();
  watch.skip(-10_000);
  await passes();
  expect([watch.time, watch.playing]).toEqual([CHOSEN - 10_000, false]);
});

/** A gap in which it stands, and what is recorded around it. */
async function standsInGap(around: { before?: number; after?: number }) {
  vi.spyOn(cameras, "list", "get").mockReturnValue([OLD]);
  const { before, after } = around;
  const footage = {
    before: async () => before && { from: before - 60_000, to: before },
    next: async () => after,
  };
  vi.spyOn(cameras, "footage").mockReturnValue(footage as unknown as Footage);
  const passes = inGap();
  watch.playFrom(CHOSEN);
  await passes();
  return passes;
}

it("steps out of a gap to the nearest picture on either side, and pauses there", async () => {
  const passes = await standsInGap({ before: ENDED, after: BEGINS });
  watch.step(1);
  await passes();
  expect([watch.time, watch.playing]).toEqual([BEGINS, false]);
  watch.playFrom(CHOSEN);
  await passes();
  watch.step(-1);
  await passes();
  expect([watch.time, watch.playing]).toEqual([ENDED - 1_000, false]);
});

it.each([
  [-1, "Nothing is recorded before this."],
  [1, "Nothing is recorded after this."],
] as const)("says that there is no footage on a side (%d)", async (by, words) => {
  await speak("en", []);
  const passes = await standsInGap({});
  const told = vi.spyOn(notices, "tell");
  watch.toFootage(by);
  await passes();
  expect([watch.time, told.mock.calls]).toEqual([CHOSEN, [[words]]]);
});

it("leaves the focus on the pictures when the way that it was on goes with the gap", async () => {
  const passes = await standsInGap({ before: ENDED, after: BEGINS });
  watch.stage = document.body.appendChild(document.createElement("div"));
  watch.stage.tabIndex = -1;
  const ways = mount(Nearest, { target: watch.stage, props: { watch } });
  flushSync();
  const [button] = watch.stage.querySelectorAll("button");
  button?.focus();
  expect(document.activeElement).toBe(button);
  button?.click();
  await passes();
  flushSync();
  expect(watch.stage.querySelectorAll("button")).toHaveLength(0);
  expect(document.activeElement).toBe(watch.stage);
  await unmount(ways);
  watch.stage.remove();
});

it("steps back from live to what is recorded by now, and pauses", async () => {
  go("live");
  watch.read(route.query);
  watch.step(-1);
  expect([watch.live, watch.playing, watch.posture]).toEqual([false, false, "timeline"]);
  expect(Date.now() - watch.time).toBe(2_000);
});

it("writes the address of where it stopped while live", async () => {
  go("timeline");
  watch.read(route.query);
  expect(watch.live).toBe(true);
  watch.step(-1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(location.search).toContain("at=");
});
