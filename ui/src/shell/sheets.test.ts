// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cameras } from "../state/cameras.svelte";
import { notices } from "../state/notices.svelte";
import { panels } from "../state/panels.svelte";
import { route } from "../state/router.svelte";
import { updates } from "../state/updates.svelte";
import { speak, t } from "../texts";
import Sheets from "./Sheets.svelte";

const sheet = vi.fn();
/** How the part comes. */
let come: () => void;
let fail: () => void;
const load = vi.fn(
  () =>
    new Promise<never>((resolve, reject) => {
      const empty = () => {};
      come = () => resolve({ default: { More: empty, Account: sheet, Alarms: empty } } as never);
      fail = () => reject(new Error("gone"));
    }),
);

let view: { need(): Promise<void> };

beforeEach(async () => {
  await speak("en", []);
  notices.list = [];
  updates.ready = false;
  route.page = "live";
  const props = { more: false, wrong: 0, load };
  view = mount(Sheets, { target: document.body, props }) as typeof view;
  flushSync();
});

afterEach(async () => {
  await unmount(view);
  panels.account = panels.alarms = false;
  document.body.replaceChildren();
  vi.clearAllMocks();
});

const status = () => document.querySelector("[role=status]")?.textContent?.trim();
const said = () => notices.list.map(({ text }) => text);

it("says that it is coming while it is wanted, and opens then", async () => {
  expect(status()).toBeUndefined();
  panels.account = true;
  flushSync();
  expect(status()).toBe(t.common.loading);
  come();
  await vi.waitFor(() => expect(sheet).toHaveBeenCalled());
  flushSync();
  expect([status(), panels.account]).toEqual([undefined, true]);
});

it("is asked for before it is wanted, and says nothing of that", async () => {
  const coming = view.need();
  expect(status()).toBeUndefined();
  fail();
  await coming;
  expect(said()).toEqual([]);
});

it.each([
  [false, () => t.errors.partMissing],
  [true, () => t.errors.newVersion],
])("says why it did not come, an update being there: %s; and asks again", async (ready, words) => {
  panels.alarms = true;
  flushSync();
  updates.ready = ready;
  fail();
  await vi.waitFor(() => expect(said()).toEqual([words()]));
  expect(panels.alarms).toBe(false);
  cameras.returns++;
  flushSync();
  expect(load).toHaveBeenCalledTimes(2);
});

it("does not open over another page than the one where it was wanted", async () => {
  panels.account = true;
  flushSync();
  route.page = "exports";
  flushSync();
  expect([panels.account, status()]).toEqual([false, undefined]);
  come();
  await vi.waitFor(() => expect(sheet).toHaveBeenCalled());
  expect(panels.account).toBe(false);
});
