// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, expect, it } from "vitest";
import type { Camera, Stream, StreamOutcome } from "../../api/types";
import { speak, t } from "../../texts";
import ShareRow from "./ShareRow.svelte";

const DAY_S = 86_400;
let view: Record<string, unknown> | undefined;

afterEach(async () => {
  if (view) await unmount(view);
  view = undefined;
  document.body.replaceChildren();
});

function textOf(reaches_back_s: number | undefined): string {
  const stream = {
    ...{ name: "main", bytes: 4e9 },
    recorded: { from: "2026-11-20T00:00:00.000000Z", to: "2026-11-23T00:00:00.000000Z" },
  } as Stream;
  const now = { camera: "shed", stream: "main", forecast: { reaches_back_s } } as StreamOutcome;
  const props = {
    ...{ camera: { slug: "shed", name: "Shed" } as Camera, stream, now },
    ...{ longest: 30 * DAY_S, limitedBy: "disk" as const, limits: {}, unlearned: undefined },
    ...{ keep: undefined, maySave: true, waits: false },
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
