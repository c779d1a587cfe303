// @vitest-environment happy-dom
import { createRawSnippet, flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it } from "vitest";
import type { ClipState } from "../../player/clip-source";
import { speak, t } from "../../texts";
import ClipNote from "./ClipNote.svelte";
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

const status = () => [...document.querySelectorAll("[role=status]")];
const said = () => status().map(({ textContent }) => textContent);

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
  const places = status();
  press(t.past.understood);
  expect(document.body.textContent).not.toContain(t.past.pulls);
  expect(status()).toEqual(places);
  if (view) await unmount(view);
  expect(await show({ pulled: true, shown: [] })).not.toContain(t.past.pulls);
});

// What comes together with its words is often not read out.
it("says it in a place that was there before its words", async () => {
  await show({ beside: undefined, pulled: false, shown: cameras(2) });
  expect(said()).toEqual(["", ""]);
  if (view) await unmount(view);
  await show({ beside: { before: true, after: true }, shown: cameras(2) });
  expect(said()).toEqual(["", t.timeline.noFootage]);
});

it.each([
  ["loading", ""],
  ["gap", "No footage here"],
])("has such a place in the tile that is the only one, too: %s", (kind, words) => {
  const props = {
    ...{ state: { kind } as ClipState, words: "No footage here", gap: undefined },
    ...{ elsewhere: undefined, onretry: () => {} },
    ways: createRawSnippet(() => ({ render: () => "<i>ways</i>" })),
  };
  view = mount(ClipNote, { target: document.body, props });
  flushSync();
  expect(said()).toEqual([words]);
});
