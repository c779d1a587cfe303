// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { alarms } from "../../state/alarms.svelte";
import { setFormat } from "../../texts/format";
import { t } from "../../texts/later";
import Health from "./Health.svelte";

const alarm = (id: string, ended?: string) => ({
  ...{ id, kind: "disk-slow", subject: "disk1", began: "2026-11-22T20:00:00Z", words: "slow" },
  ...(ended ? { ended } : {}),
});
/** More than are shown, all over since. */
const over = Array.from({ length: 60 }, (_, n) => alarm(`over-${n}`, "2026-11-22T20:01:00Z"));

let rows: ReturnType<typeof alarm>[];
let answer: (url: URL) => Response | Promise<Response>;
let page: Record<string, unknown>;

const words = () => {
  flushSync();
  return document.body.textContent ?? "";
};

beforeEach(() => {
  setFormat({ language: "en-GB", zone: "UTC" });
  rows = [];
  answer = (url) => {
    const active = url.searchParams.get("active");
    const fit = rows.filter(({ ended }) => active === null || (active === "true") === !ended);
    return Response.json({ alarms: fit.slice(0, Number(url.searchParams.get("limit") ?? 100)) });
  };
  vi.stubGlobal("fetch", async (url: string | URL) => answer(new URL(url)));
  page = mount(Health, { target: document.body });
});

afterEach(async () => {
  alarms.end();
  await unmount(page);
  vi.unstubAllGlobals();
});

it("does not say that all is well before it knows", async () => {
  expect(words()).toContain(t.system.checking);
  expect(words()).not.toContain(t.system.fine);
  expect(words()).not.toContain(t.system.noAlarms);
  await alarms.refresh();
  expect(words()).toContain(t.system.fine);
  expect(words()).toContain(t.system.noAlarms);
});

it("says that it does not know when it could not ask, at first and later", async () => {
  const works = answer;
  answer = () => new Response(null, { status: 503 });
  await alarms.refresh();
  expect(words()).toContain(t.system.notKnown);
  expect(words()).not.toContain(t.system.noAlarms);
  answer = works;
  await alarms.refresh();
  expect(words()).toContain(t.system.fine);
  answer = () => Promise.reject(new TypeError("offline"));
  await alarms.refresh();
  expect(words()).toContain(t.system.notKnown);
  expect(words()).not.toContain(t.system.fine);
});

it("knows of what has been wrong for longer than all that is shown", async () => {
  rows = [...over, alarm("old")];
  await alarms.refresh();
  expect(alarms.lasting.map(({ id }) => id)).toEqual(["old"]);
  expect(words()).toContain(t.system.wrong(1));
  expect(alarms.list.map(({ id }) => id)).toContain("old");
  expect(new Set(alarms.list.map(({ id }) => id)).size).toBe(alarms.list.length);
});

it("tells no alarm twice that ended between two answers", async () => {
  const works = answer;
  rows = [alarm("a")];
  answer = (url) => {
    const { searchParams } = url;
    rows = [searchParams.has("active") ? alarm("a") : alarm("a", "2026-11-22T20:01:00Z")];
    return works(url);
  };
  await alarms.refresh();
  expect(alarms.list).toHaveLength(1);
});

it("drops what comes after the end", async () => {
  rows = [alarm("a")];
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const works = answer;
  answer = async (url) => {
    await held;
    return works(url);
  };
  const asked = alarms.refresh();
  alarms.end();
  go();
  await asked;
  expect(alarms.list).toEqual([]);
  expect(alarms.known).toBe(false);
});
