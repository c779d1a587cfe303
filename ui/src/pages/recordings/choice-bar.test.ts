// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it, vi } from "vitest";
import { session } from "../../state/session.svelte";
import { speak } from "../../texts";
import ChoiceBar from "./ChoiceBar.svelte";
import type { Row } from "./list.svelte";
import { Saving } from "./saving.svelte";

const onclear = vi.fn();
let bar: Record<string, unknown> | undefined;

const row = {
  key: "garden/main/0",
  camera: { slug: "garden", name: "Garden", streams: [{ name: "main" }] },
  of: { camera: "garden", stream: "main" },
  recording: { bytes: 2_000 },
  ...{ start: 0, end: 1_000, from: 0, to: 1_000 },
} as unknown as Row;

async function show(rows: Row[], saving: Saving) {
  await speak("en", []);
  vi.spyOn(session, "can").mockReturnValue(true);
  bar = mount(ChoiceBar, { target: document.body, props: { rows, saving, onclear } });
  flushSync();
  const names = [...document.querySelectorAll("button, a")].map(
    (one) => one.getAttribute("aria-label") ?? one.textContent?.trim(),
  );
  return { names, text: document.body.textContent ?? "" };
}

afterEach(async () => {
  if (bar) await unmount(bar);
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

it("says what failed where nothing is chosen any more, and is closed", async () => {
  const saving = new Saving();
  saving.failed = [{ row, why: "It slept." }];
  const { names, text } = await show([], saving);
  expect(text).toContain("It slept.");
  expect(text).not.toContain("0 recordings");
  expect(names).toEqual(["Close"]);
  document.querySelector("button")?.click();
  expect(onclear).toHaveBeenCalledOnce();
});

it("offers what is to be done with what is chosen", async () => {
  const { names, text } = await show([row], new Saving());
  expect(text).toContain("1 recording ·");
  expect(names).toEqual(["One export", "Download 1 file", "Choose none"]);
});
