// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it } from "vitest";
import type { Keep } from "../../api/types";
import { speak } from "../../texts";
import ShareLimits from "./ShareLimits.svelte";

let view: Record<string, unknown> | undefined;
const proposed: unknown[] = [];

async function show(of: { limits?: Keep; keep?: Keep; maySave: boolean; unlearned?: string }) {
  await speak("en", []);
  proposed.length = 0;
  const props = {
    ...{ name: "Shed, Main", limits: undefined, keep: undefined },
    ...{ unlearned: undefined, waits: false, onsave: async () => {}, onlearn: () => {} },
    onpropose: (keep: unknown) => proposed.push(keep),
    ...of,
  };
  view = mount(ShareLimits, { target: document.body, props });
  flushSync();
  const sliders = [...document.querySelectorAll<HTMLInputElement>("input[type=range]")];
  const save = [...document.querySelectorAll("button")].find((one) =>
    one.textContent?.includes("Save these limits"),
  );
  return { sliders, save, text: document.body.textContent ?? "" };
}

afterEach(async () => {
  if (view) await unmount(view);
  document.body.replaceChildren();
});

it("lets nobody move limits that are to be saved before it knows them", async () => {
  const { sliders, save } = await show({ maySave: true, keep: { max_days: 3 } });
  expect(sliders.map(({ disabled }) => disabled)).toEqual([true, true, true]);
  expect(save?.disabled).toBe(true);
});

it("says why it does not know them", async () => {
  const { sliders, text } = await show({ maySave: true, unlearned: "It slept." });
  expect(sliders.every(({ disabled }) => disabled)).toBe(true);
  expect(text).toContain("It slept.");
  expect(text).toContain("Try again");
});

it("is free once it knows them, and for who only thinks", async () => {
  const known = await show({ maySave: true, limits: {}, keep: { max_days: 3 } });
  expect(known.sliders.some(({ disabled }) => disabled)).toBe(false);
  expect(known.save?.disabled).toBe(false);
  if (view) await unmount(view);
  const thinks = await show({ maySave: false });
  expect(thinks.sliders.some(({ disabled }) => disabled)).toBe(false);
});
