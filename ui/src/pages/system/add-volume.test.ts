// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Root, Volume } from "../../api/types";
import { session } from "../../state/session.svelte";
import { speak } from "../../texts";
import { t } from "../../texts/later";
import Storage from "./Storage.svelte";

const REFRESH_MS = 5_000;

let view: Record<string, unknown>;
/** Answers to whoever asked for the volumes. */
let asked: ((answer: Response) => void)[];

const volume = (name: string): Volume => ({
  ...{ id: name, name, path: `/mnt/${name}`, state: "ok", use: "record", streams: [] },
  ...{
    footage_bytes: 0,
    free_bytes: 1e12,
    keep_free: "5%",
    keep_free_bytes: 1e10,
    total_bytes: 2e12,
  },
  managed_by_file: true,
});

beforeEach(async () => {
  vi.useFakeTimers();
  await speak("en", []);
  asked = [];
  vi.stubGlobal("fetch", (url: URL) =>
    url.pathname.endsWith("volumes")
      ? new Promise<Response>((resolve) => asked.push(resolve))
      : Promise.resolve(Response.json({ streams: [] })),
  );
  session.root = { permissions: ["manage-system"] } as unknown as Root;
  view = mount(Storage, { target: document.body, props: {} });
  flushSync();
});

afterEach(async () => {
  await unmount(view);
  session.root = undefined;
  document.body.replaceChildren();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const said = () => document.querySelector("dialog")?.textContent?.replace(/\s+/g, " ") ?? "";

/** These are there, says the recorder. */
async function come(...names: string[]) {
  for (const answer of asked.splice(0)) answer(Response.json({ volumes: names.map(volume) }));
  await vi.advanceTimersByTimeAsync(10);
  flushSync();
}

function fill(name: string) {
  const open = [...document.querySelectorAll("button")].find((one) =>
    one.textContent?.includes(t.storage.add.open),
  );
  open?.click();
  flushSync();
  const write = (placeholder: string, words: string) => {
    const field = document.querySelector<HTMLInputElement>(`input[placeholder='${placeholder}']`);
    if (field) field.value = words;
    field?.dispatchEvent(new Event("input", { bubbles: true }));
  };
  write("disk2", name);
  write("/mnt/disk2/holdfast", "/mnt/new");
  flushSync();
}

it("takes no volume for a new one that was there before the list of them came", async () => {
  fill("scratch");
  // Whether the name is free is not known: nothing is to be run yet.
  expect(said()).toContain(t.common.loading);
  expect(said()).not.toContain("config apply");
  await come("scratch");
  expect(said()).toContain(t.storage.add.taken);
  expect(said()).not.toContain(t.storage.add.there("scratch"));
  expect(said()).not.toContain(t.common.loading);
});

it("says what to run once it knows that the name is free, and that the volume is there", async () => {
  fill("disk2");
  await come("scratch");
  expect(said()).toContain("config apply");
  expect(said()).toContain(t.storage.add.waits);
  await vi.advanceTimersByTimeAsync(REFRESH_MS);
  await come("scratch", "disk2");
  expect(said()).toContain(t.storage.add.there("disk2"));
  expect(said()).not.toContain(t.storage.add.taken);
});
