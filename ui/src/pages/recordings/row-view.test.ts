// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../../texts";
import type { Row } from "./list.svelte";
import RowView from "./RowView.svelte";
import type { Thumbs } from "./thumbs";

const row = {
  key: "garden/main/0",
  camera: { slug: "garden", name: "Garden", streams: [{ name: "main" }] },
  of: { camera: "garden", stream: "main" },
  recording: { bytes: 2_000, tracks: [], end_cause: "camera-gone" },
  ...{ start: 0, end: 60_000, from: 0, to: 60_000 },
} as unknown as Row;
const onchoose = vi.fn();
const onplay = vi.fn();
let view: Record<string, unknown> | undefined;

beforeEach(() => speak("en", []));

afterEach(async () => {
  if (view) await unmount(view);
  document.body.replaceChildren();
  vi.clearAllMocks();
  vi.restoreAllMocks();
});

function show(choosing: boolean) {
  const thumbs = { known: () => "still.jpg", see: () => () => {} } as unknown as Thumbs;
  const props = { row, now: 0, thumbs, named: false, chosen: false, choosing, onchoose, onplay };
  view = mount(RowView, { target: document.body, props });
  flushSync();
}

function press(selector: string, more: MouseEventInit = {}) {
  const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...more });
  document.querySelector(selector)?.dispatchEvent(event);
  return event;
}

it("plays where the row is pressed, once, and not while its text is marked", () => {
  show(false);
  press("bdi");
  expect(onplay).toHaveBeenCalledTimes(1);
  press("button");
  expect(onplay).toHaveBeenCalledTimes(2);
  vi.spyOn(globalThis, "getSelection").mockReturnValue({ isCollapsed: false } as Selection);
  press("bdi");
  expect(onplay).toHaveBeenCalledTimes(2);
  expect(onchoose).not.toHaveBeenCalled();
});

it.each(["bdi", "label"])("while choosing a press with Shift on %s stretches the choice", (on) => {
  show(true);
  // Firefox would do nothing of its own, other browsers would press the box a second time: here it
  // is pressed before anybody can say no.
  expect(press(on, { shiftKey: true }).defaultPrevented).toBe(true);
  expect(onchoose).toHaveBeenLastCalledWith(true, true);
  expect(onplay).not.toHaveBeenCalled();
});

it("leaves the box and the buttons to themselves", () => {
  show(true);
  expect(press("input").defaultPrevented).toBe(false);
  expect(onchoose.mock.calls).toEqual([[true, false]]);
  press("button");
  expect([onchoose.mock.calls.length, onplay.mock.calls.length]).toEqual([1, 1]);
});
