// @vitest-environment happy-dom
import { type Component, flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Alarm, Camera, Volume } from "../../api/types";
import Alarms from "../../shell/Alarms.svelte";
import { alarms } from "../../state/alarms.svelte";
import { cameras } from "../../state/cameras.svelte";
import { speak } from "../../texts";
import AlarmList from "./AlarmList.svelte";
import VolumeCard from "./VolumeCard.svelte";

let view: Record<string, unknown> | undefined;

const camera = (slug: string, name: string) => ({ slug, name, streams: [] }) as unknown as Camera;
const alarm = (id: string, subject: string) =>
  ({ id, subject, kind: "camera-lost", words: "", began: "2026-11-20T10:00:00Z" }) as Alarm;

beforeEach(async () => {
  await speak("en", []);
  // What is open asks anew: nobody answers.
  vi.stubGlobal("fetch", () => new Promise(() => {}));
  cameras.list = [camera("door", "الباب"), camera("yard", "Yard")];
  alarms.lasting = [alarm("1", "door/main"), alarm("2", "system")];
  alarms.known = true;
});

afterEach(async () => {
  if (view) await unmount(view);
  cameras.list = [];
  alarms.lasting = [];
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

/** The names that stand by themselves, with what they are called in addresses, and all of the text. */
function show<P extends Record<string, unknown>>(component: Component<P>, props: P, of: string) {
  view = mount(component, { target: document.body, props });
  flushSync();
  const names = [...document.querySelectorAll("bdi")].map((bdi) => [bdi.textContent, bdi.title]);
  const texts = [...document.querySelectorAll(of)].map((one) =>
    (one.textContent ?? "").replace(/\s+/g, " ").trim(),
  );
  return { names, texts };
}

it("keeps names of streams on a volume apart from each other and from the commas", () => {
  const volume = {
    ...{ name: "disk1", path: "/disk1", state: "ok", use: "record", managed_by_file: true },
    ...{ keep_free: "5%", keep_free_bytes: 5e10 },
    ...{ total_bytes: 0, free_bytes: 0, footage_bytes: 0, streams: ["door/main", "yard/sub"] },
  } as unknown as Volume;
  const props = { volume, shares: {} as never, onchanged: () => {} };
  const { names, texts } = show(VolumeCard, props, "dd");
  expect(names).toEqual([
    ["الباب Main", "door/main"],
    ["Yard Sub", "yard/sub"],
  ]);
  expect(texts.at(-1)).toBe("الباب Main, Yard Sub");
});

it.each([
  ["the page", AlarmList, { now: 0 }, "h3"],
  ["the sheet", Alarms, { open: true }, "li p.font-medium"],
] as const)("keeps them apart in the alarms of %s", (_, component, props, of) => {
  const { names, texts } = show(component as Component<object>, props, of);
  expect(names).toEqual([["الباب Main", "door/main"]]);
  expect(texts).toEqual(["Camera does not send · الباب Main", "Camera does not send · Recorder"]);
});
