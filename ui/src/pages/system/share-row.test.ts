// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeAll, expect, it } from "vitest";
import type { Camera, Stream, StreamOutcome } from "../../api/types";
import { speak, speakWhole } from "../../texts";
import { t } from "../../texts/later";
import ShareRow from "./ShareRow.svelte";

// As the page does before it shows what is behind the first pages.
beforeAll(speakWhole);

const DAY_S = 86_400;
let view: Record<string, unknown> | undefined;

afterEach(async () => {
  if (view) await unmount(view);
  view = undefined;
  document.body.replaceChildren();
});

const outcome = (reaches_back_s: number | undefined) =>
  ({ camera: "shed", stream: "main", forecast: { reaches_back_s } }) as StreamOutcome;

function textOf(reaches_back_s: number | undefined, then?: number): string {
  const stream = {
    ...{ name: "main", bytes: 4e9 },
    recorded: { from: "2026-11-20T00:00:00.000000Z", to: "2026-11-23T00:00:00.000000Z" },
  } as Stream;
  const props = {
    ...{ camera: { slug: "shed", name: "Shed" } as Camera, stream },
    now: outcome(reaches_back_s),
    // biome-ignore lint/suspicious/noThenProperty: it is a property of the row, and no promise
    then: then === undefined ? undefined : outcome(then),
    ...{ longest: 30 * DAY_S, limitedBy: "disk" as const, limits: {}, unlearned: undefined },
    ...{ keep: undefined, mayAsk: true, maySave: true, waits: false },
    ...{ onlearn: () => {}, onpropose: () => {}, onsave: async () => {} },
  };
  view = mount(ShareRow, { target: document.body, props });
  flushSync();
  return (document.body.textContent ?? "").replace(/\s+/g, " ");
}

it("tells what is there now from how far it will reach", async () => {
  await speak("en", []);
  const text = textOf(21 * DAY_S);
  expect(text).toContain("3 days and 4 GB now");
  expect(text).toContain("will reach back 21 days, limited by the disk");
});

it("promises nothing while there is no forecast", async () => {
  await speak("en", []);
  expect(textOf(undefined)).not.toContain("reach");
});

it.each([
  ["de", /^wird 21 Tage zurückreichen$/],
  ["fr", /^remontera à 21 jours$/],
  ["es", /^llegará a cubrir 21 días$/],
  ["ja", /見込み$/],
  ["zh", /^预计/],
] as const)("says in %s that it is a forecast", async (language, expected) => {
  await speak(language, []);
  expect(t.storage.willReach(t.storage.reaches(21 * DAY_S))).toMatch(expected);
});

it.each([
  ["en", "would reach back 30 days instead of 21 days"],
  ["de", "würde 30 Tage statt 21 Tage zurückreichen"],
  ["fr", "remonterait à 30 jours au lieu de 21 jours"],
  ["es", "llegaría a cubrir 30 días en lugar de 21 días"],
  ["ja", "さかのぼれる見込みが 21 日から 30 日に変わります"],
  ["zh", "预计可追溯 30 天，而不是 21 天"],
] as const)("says in %s what limits that are thought of would change", async (language, words) => {
  await speak(language, []);
  expect(textOf(21 * DAY_S, 30 * DAY_S)).toContain(words);
});

it("says what they would change also where there was no forecast", async () => {
  await speak("en", []);
  expect(textOf(undefined, 30 * DAY_S)).toContain("not known yet → will reach back 30 days");
});
