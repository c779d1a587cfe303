// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Root } from "../../api/types";
import type { Verdict } from "../../proof/verify";
import { session } from "../../state/session.svelte";
import { setFormat } from "../../texts/format";
import { t } from "../../texts/later";
import Told from "./Told.svelte";

const OURS = "a1".repeat(32);
const THEIRS = "b2".repeat(32);
const hashes = { bytes: 5, blake3: "0".repeat(64), sha256: "0".repeat(64) };
const span = { from: "2026-11-22T20:10:00.000000Z", to: "2026-11-22T20:15:00.000000Z" };

const verdict = (over: Partial<Verdict>, key = OURS): Verdict => ({
  members: [],
  manifest: {
    ...{ holdfast_export: 1, id: "e", name: "The parcel", public_key: key },
    ...{ software: "holdfast", made: span.to, by: "anna", asked: span },
    clips: [{ file: "front_main.mp4", ...hashes, shown: span, streams: [] }],
    ...{ without_footage: [], page: hashes },
  },
  signature: "good",
  wrong: [],
  unsaid: 0,
  ...over,
});

let told: Record<string, unknown> | undefined;

/** What the page says. */
function say(of: Verdict): string {
  told = mount(Told, { target: document.body, props: { verdict: of } });
  flushSync();
  return (document.body.textContent ?? "").replace(/\s+/g, " ");
}

beforeEach(() => {
  setFormat({ language: "en-GB", zone: "UTC" });
  session.root = { public_key: OURS, permissions: [] } as unknown as Root;
});

afterEach(async () => {
  if (told) await unmount(told);
  told = undefined;
  session.root = undefined;
  document.body.replaceChildren();
});

const command = (key: string) => `--public-key ${key}`;

it("says what is proven only where it is, with the recorder's own key for a proof elsewhere", () => {
  const words = say(verdict({}));
  expect(words).toContain(t.exports.verify.wholeHeading);
  expect(words).toContain(t.exports.verify.limits);
  expect(words).toContain(command(OURS));
});

it("claims nothing where no signature was checked", () => {
  const words = say(verdict({ signature: "unknown" }));
  expect(words).toContain(t.exports.verify.unsignedHeading);
  expect(words).not.toContain(t.exports.verify.limits);
  expect(words).not.toContain(t.exports.verify.foreign);
  expect(words).toContain(command(OURS));
});

it("says of an unchecked one that it names another key, and leads to no proof with that", () => {
  const words = say(verdict({ signature: "unknown" }, THEIRS));
  expect(words).toContain(t.exports.verify.unsignedHeading);
  expect(words).toContain(t.exports.verify.foreign);
  expect(words).not.toContain(t.exports.verify.limits);
  expect(words).toContain(command(OURS));
  expect(words).not.toContain(command(THEIRS));
});

it("claims nothing of one that somebody else signed", () => {
  const words = say(verdict({}, THEIRS));
  expect(words).toContain(t.exports.verify.otherHeading);
  expect(words).not.toContain(t.exports.verify.limits);
  expect(words).toContain(command(OURS));
  expect(words).not.toContain(command(THEIRS));
});

it("leads to no proof while the recorder's key is not known", () => {
  session.root = undefined;
  const words = say(verdict({ signature: "unknown" }, THEIRS));
  expect(words).not.toContain("--public-key");
  expect(words).not.toContain(t.exports.verify.foreign);
});

it("keeps its verdict whatever the file's names are", () => {
  const { clips } = verdict({}).manifest;
  const twice = { ...verdict({}).manifest, clips: [...clips, ...clips] };
  expect(say(verdict({ manifest: twice }))).toContain(t.exports.verify.wholeHeading);
});

it("tells what is wrong in plain names, and how much more of it there is", () => {
  const stray = { file: "a\u202egpj.mp4", what: "stray" } as const;
  const words = say(verdict({ wrong: [stray, stray], unsaid: 7 }));
  expect(words).toContain(t.exports.verify.badHeading);
  expect(words).not.toContain("\u202e");
  expect(words).toContain(t.exports.verify.wrong.stray("a gpj.mp4"));
  expect(words).toContain(t.exports.verify.unsaid(7));
});
