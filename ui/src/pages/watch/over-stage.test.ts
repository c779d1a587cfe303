// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it } from "vitest";
import { speak, t } from "../../texts";
import OverStage from "./OverStage.svelte";
import type { Watch } from "./watch.svelte";

let view: Record<string, unknown> | undefined;

afterEach(async () => {
  if (view) await unmount(view);
  view = undefined;
  document.body.replaceChildren();
});

async function show(watch: Partial<Watch>): Promise<string> {
  await speak("en", []);
  view = mount(OverStage, { target: document.body, props: { watch: watch as Watch } });
  flushSync();
  return document.body.textContent ?? "";
}

const press = (name: string) => {
  const found = [...document.querySelectorAll("button")].find((one) =>
    one.textContent?.includes(name),
  );
  found?.click();
  flushSync();
};

const cameras = (n: number) => Array.from({ length: n }) as Watch["shown"];

it("offers the ways out of a gap where there are several tiles, and only those there are", async () => {
  const went: number[] = [];
  const beside = { before: true, after: false };
  const toFootage = (by: 1 | -1) => void went.push(by);
  const text = await show({ beside, shown: cameras(2), toFootage });
  expect(text).toContain(t.timeline.noFootage);
  expect(text).not.toContain(t.timeline.next);
  press(t.past.before);
  expect(went).toEqual([-1]);
});

it("leaves them to the tile that is the only one", async () => {
  const text = await show({ beside: { before: true, after: true }, shown: cameras(1) });
  expect(text).not.toContain(t.past.before);
});

it("says what a drag on the lanes does, until somebody has read it", async () => {
  expect(await show({ pulled: false, shown: [] })).not.toContain(t.past.pulls);
  if (view) await unmount(view);
  expect(await show({ pulled: true, shown: [] })).toContain(t.past.pulls);
  press(t.past.understood);
  expect(document.body.textContent).not.toContain(t.past.pulls);
  if (view) await unmount(view);
  expect(await show({ pulled: true, shown: [] })).not.toContain(t.past.pulls);
});
