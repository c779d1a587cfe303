// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it } from "vitest";
import { speak, t } from "../texts";
import ActionButton from "./ActionButton.svelte";
import { type Action, whyNot } from "./action";
import { frameBack, frameForward, type Watching, watchActions } from "./watch";

let view: Record<string, unknown> | undefined;
let steps: number[];
let told: string[];

afterEach(async () => {
  if (view) await unmount(view);
  view = undefined;
  document.body.replaceChildren();
});

async function show(action: Action<Watching>, live: boolean): Promise<HTMLButtonElement> {
  await speak("en", []);
  steps = [];
  const context = { live, step: (by: number) => steps.push(by) } as unknown as Watching;
  told = [];
  const onwhy = (why: string) => void told.push(why);
  const props = { action: action as Action<unknown>, context, onwhy };
  view = mount(ActionButton, { target: document.body, props });
  flushSync();
  const button = document.querySelector("button");
  if (!button) throw new Error("there is no button");
  return button;
}

it("says why it does nothing, to whoever points at it, reaches it by key or listens", async () => {
  const button = await show(frameForward, true);
  expect(button.disabled).toBe(false);
  expect(button.getAttribute("aria-disabled")).toBe("true");
  expect(button.getAttribute("aria-label")).toBe("One picture forward");
  expect(button.title).toContain(t.watching.noneNewer);
  button.click();
  expect(steps).toEqual([]);
  expect(told).toEqual([button.title]);
});

it("says its key instead where it does something", async () => {
  const button = await show(frameForward, false);
  expect(button.hasAttribute("aria-disabled")).toBe(false);
  expect(button.title).toBe("One picture forward  (.)");
  button.click();
  expect(steps).toEqual([1]);
  expect(told).toEqual([]);
});

it("steps back from what is live", async () => {
  const button = await show(frameBack, true);
  expect(button.hasAttribute("aria-disabled")).toBe(false);
  button.click();
  expect(steps).toEqual([-1]);
});

it("says it also to whoever presses its key, and nothing where the key does something", async () => {
  await speak("en", []);
  const event = new KeyboardEvent("keydown", { key: "." });
  const asked = (live: boolean) => whyNot(event, watchActions, { live } as Watching);
  expect(asked(true)).toBe(`${t.timeline.frameForward}: ${t.watching.noneNewer}`);
  expect(asked(false)).toBeUndefined();
});

it.each(watchActions)("has a picture in the palette, $id", ({ icon }) => {
  const context = { playing: true, live: true } as unknown as Watching;
  expect(icon?.(context)).toBeDefined();
});
