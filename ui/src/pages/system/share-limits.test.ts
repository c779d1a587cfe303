// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it } from "vitest";
import type { Keep } from "../../api/types";
import { speak } from "../../texts";
import ShareLimits from "./ShareLimits.svelte";

let view: Record<string, unknown> | undefined;
const proposed: unknown[] = [];

interface Of {
  limits?: Keep;
  keep?: Keep;
  mayAsk?: boolean;
  maySave: boolean;
  unlearned?: string;
}

async function show(of: Of) {
  await speak("en", []);
  proposed.length = 0;
  const props = {
    ...{ name: "Shed, Main", limits: undefined, keep: undefined, mayAsk: of.maySave },
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

it("lets nobody move limits that a file has before it knows them: the text would drop the others", async () => {
  const { sliders } = await show({ mayAsk: true, maySave: false });
  expect(sliders.map(({ disabled }) => disabled)).toEqual([true, true, true]);
  if (view) await unmount(view);
  const failed = await show({ mayAsk: true, maySave: false, unlearned: "It slept." });
  expect(failed.sliders.map(({ disabled }) => disabled)).toEqual([true, true, true]);
  expect(failed.text).toContain("It slept.");
  if (view) await unmount(view);
  const known = await show({ mayAsk: true, maySave: false, limits: { max_bytes: 2e9 } });
  expect(known.sliders.some(({ disabled }) => disabled)).toBe(false);
  const [days] = known.sliders;
  if (days) days.value = String(Number(days.max) - 1);
  days?.dispatchEvent(new Event("input", { bubbles: true }));
  expect(proposed).toEqual([{ max_bytes: 2e9, max_days: 365 }]);
});

it("is free once it knows them, and for who only thinks and may not know them", async () => {
  const known = await show({ maySave: true, limits: {}, keep: { max_days: 3 } });
  expect(known.sliders.some(({ disabled }) => disabled)).toBe(false);
  expect(known.save?.disabled).toBe(false);
  if (view) await unmount(view);
  const thinks = await show({ maySave: false });
  expect(thinks.sliders.some(({ disabled }) => disabled)).toBe(false);
});
