// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Export } from "../../api/types";
import { speak } from "../../texts";
import ExportRow from "./ExportRow.svelte";

const row = {
  ...{ id: "e1", name: "The parcel", by: "ada", asked: "2026-11-20T10:00:00.000000Z" },
  ...{ from: "2026-11-20T08:00:00.000000Z", to: "2026-11-20T08:05:00.000000Z" },
  ...{ state: "failed", problem: "disk2 is full", bytes: 1e6, written_bytes: 0, streams: [] },
} as unknown as Export;
const onremove = vi.fn();
let view: Record<string, unknown> | undefined;
let opened: number;

beforeEach(async () => {
  await speak("en", []);
  opened = 0;
  const props = {
    ...{ row, before: 0, rate: undefined, left: undefined },
    ...{ onremove, onchanged: () => {} },
  };
  view = mount(ExportRow, { target: document.body, props });
  flushSync();
  document.querySelector("h2 a")?.addEventListener("click", (event) => {
    event.preventDefault();
    opened++;
  });
});

afterEach(async () => {
  if (view) await unmount(view);
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

const press = (selector: string) => document.querySelector<HTMLElement>(selector)?.click();

it("opens where it is pressed, also on what tells how it stands, and once on its link", () => {
  press("[role=img]");
  expect(opened).toBe(1);
  press("h2 a");
  expect(opened).toBe(2);
  press("button[aria-label^=Delete]");
  expect(onremove).toHaveBeenCalledOnce();
  expect(opened).toBe(2);
});

it("stays where it is while what went wrong is marked, to be copied", () => {
  const problem = [...document.querySelectorAll("p")].find((p) => p.textContent === row.problem);
  vi.spyOn(globalThis, "getSelection").mockReturnValue({ isCollapsed: false } as Selection);
  problem?.click();
  expect(opened).toBe(0);
});
