// @vitest-environment happy-dom
// What the form of a camera says to whoever knows only where the camera is.
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { CameraSettings } from "../../../api/types";
import { languages, speak, speakWhole } from "../../../texts";
import { t } from "../../../texts/later";
import CameraForm from "./CameraForm.svelte";

// As the page does before it shows what is behind the first pages.
beforeAll(speakWhole);

let view: Record<string, unknown> | undefined;

beforeEach(() => {
  vi.stubGlobal("fetch", async () => Response.json({ type: "busy", title: "" }, { status: 503 }));
});

afterEach(async () => {
  if (view) await unmount(view);
  view = undefined;
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

const SETTINGS = {
  ...{ slug: "door", name: "Door", has_password: false },
  streams: { main: { url: "rtsp://192.0.2.7/main", record: true, paused: false, keep: {} } },
} as unknown as CameraSettings;

function open(settings?: CameraSettings) {
  view = mount(CameraForm, { target: document.body, props: settings ? { settings } : {} });
  flushSync();
}

const fields = () => [...document.querySelectorAll<HTMLInputElement>("input[inputmode=url]")];
const brands = () => document.querySelector("select");
const errors = () =>
  [...document.querySelectorAll("p.text-alarm")].map((p) => p.textContent?.trim() ?? "");

/** Writes an address into the main stream's field, or the sub-stream's, and asks the camera. */
async function asks(text: string, at = 0) {
  const field = fields()[at];
  if (!field) throw new Error("there is no field for an address");
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  document.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
  await tick();
  flushSync();
}

/** What leads to the brands. */
const ways = () =>
  [...document.querySelectorAll("button")].filter(
    (button) => button.textContent?.trim() === t.manage.chooseBrand,
  );

it.each(languages)("leads from a bare host to the brands in $language", async ({ language }) => {
  await speak(language, []);
  open();
  await asks("192.0.2.20");
  const [words, ...others] = errors();
  expect(words).toContain("rtsp://192.0.2.20/…");
  expect(others).toEqual([]);
  const [way] = ways();
  way?.click();
  flushSync();
  const list = brands();
  expect(document.activeElement).toBe(list);
  if (!list) throw new Error("there are no brands");
  list.value = "reolink";
  list.dispatchEvent(new Event("change", { bubbles: true }));
  flushSync();
  expect(fields().map(({ value }) => value)).toEqual([
    "rtsp://192.0.2.20/h264Preview_01_main",
    "rtsp://192.0.2.20/h264Preview_01_sub",
  ]);
  expect([errors(), ways()]).toEqual([[], []]);
});

it.each(["camera.local", "192.0.2.20:8554", "[2001:db8::7]", "http://192.0.2.20/"])(
  "takes %s for a host alone",
  async (text) => {
    await speak("en", []);
    open();
    await asks(text);
    expect(errors()[0]).toContain("brand");
    expect(ways()).toHaveLength(1);
  },
);

it.each(["", "rtsp://", "192.0.2.20/main", "rtsps://192.0.2.20/main", "the front door"])(
  "says of %j how an address begins",
  async (text) => {
    await speak("en", []);
    open();
    await asks(text);
    expect(errors()[0]).toMatch(/^An address begins with rtsp:\/\//);
    expect(ways()).toEqual([]);
  },
);

it("fills both addresses where a brand was chosen before", async () => {
  await speak("en", []);
  open();
  const list = brands();
  if (!list) throw new Error("there are no brands");
  list.value = "tapo";
  list.dispatchEvent(new Event("change", { bubbles: true }));
  flushSync();
  await asks("rtsp://192.0.2.20/main");
  await asks("192.0.2.20", 1);
  ways()[0]?.click();
  flushSync();
  expect(fields().map(({ value }) => value)).toEqual([
    "rtsp://192.0.2.20/stream1",
    "rtsp://192.0.2.20/stream2",
  ]);
});

it("says of a camera that is there what an address has to have: it has no brands to choose", async () => {
  await speak("en", []);
  open(SETTINGS);
  await asks("192.0.2.20");
  expect(errors()).toEqual(["An address begins with rtsp:// and has a path: rtsp://192.0.2.20/…"]);
  expect(ways()).toEqual([]);
});
