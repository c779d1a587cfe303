// @vitest-environment happy-dom
// The page inside exports, without a browser: which of what is given it plays, and what it says of that.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { bytesOfBlob } from "../src/proof/bytes";
import type { Manifest } from "../src/proof/manifest";
import { membersOf } from "../src/proof/zip";
import { verdictTexts } from "../src/texts/en/verdict";
import { type Case, cases, key, tampered } from "./tampered";

const zip = tampered(cases.find(({ what }) => what === "nothing") as Case);
const html = readFileSync(join(import.meta.dirname, "../../crates/export/src/page/page.html"));
const body = /<body>([\s\S]*?)<script/.exec(String(html))?.[1] ?? "";

/** The files of an export, by name. */
let files: Map<string, Buffer>;
let manifest: Manifest;
let clip: string;

const found = <Of extends HTMLElement>(id: string) => document.getElementById(id) as Of;
const verdict = () => found("verdict").textContent ?? "";

/** The page of the export with this id, which names this key. */
async function opened(id = manifest.id, publicKey = key) {
  const span = { from: "2026-11-29T10:00:00Z", to: "2026-11-29T10:01:00Z" };
  const data = {
    ...{ id, name: "The parcel", by: "anna", made: span.to, ...span, publicKey },
    ...{ software: "holdfast", withoutFootage: [] },
    clips: manifest.clips.map(({ file }) => ({ file, bytes: 1, ...span, streams: [] })),
  };
  document.body.innerHTML = body;
  const script = document.createElement("script");
  Object.assign(script, { type: "application/json", id: "data", text: JSON.stringify(data) });
  document.body.append(script);
  vi.resetModules();
  await import("../src/offline/page");
}

async function give(): Promise<void> {
  const given = [...files].map(([name, own]) => new File([new Uint8Array(own)], name));
  const input = found<HTMLInputElement>("files");
  Object.defineProperty(input, "files", { value: given, configurable: true });
  input.dispatchEvent(new Event("change"));
  await vi.waitFor(() => expect(verdict()).not.toBe(""));
}

/** How many clips are played from what was given. */
const played = () =>
  [...document.querySelectorAll("video")].filter(({ src }) => src.startsWith("blob:")).length;

beforeEach(async () => {
  files = new Map();
  const members = await membersOf(bytesOfBlob(new Blob([new Uint8Array(zip)])));
  for (const { name, from, bytes } of members) {
    files.set(name, Buffer.from(zip.subarray(from, from + bytes)));
  }
  manifest = JSON.parse(String(files.get("manifest.json")));
  clip = manifest.clips[0]?.file ?? "";
});

afterEach(() => {
  vi.restoreAllMocks();
});

it("plays the unpacked clips of its own export", async () => {
  await opened();
  await give();
  expect(verdict()).toContain("Nothing was changed since it was signed.");
  expect(played()).toBe(manifest.clips.length);
});

it("plays no clip of another export, though it has the name of one of its own", async () => {
  await opened("another");
  await give();
  expect(verdict()).toContain("This is another export than that of this page");
  expect(played()).toBe(0);
});

it("plays no clip that was changed, and none of a list that does not bear its signature", async () => {
  await opened();
  files.get(clip)?.fill(255, 0, 1);
  await give();
  expect(verdict()).toContain(`${clip} was changed`);
  expect(played()).toBe(manifest.clips.length - 1);
  await opened();
  files.get("manifest.sig")?.fill(0);
  await give();
  expect(played()).toBe(0);
});

/** Of an export with nothing but its list: no clip was read. */
function leaveTheRest() {
  for (const name of files.keys()) if (!name.startsWith("manifest.")) files.delete(name);
}

it("says of files of which some were not given that those are not checked", async () => {
  await opened();
  leaveTheRest();
  await give();
  expect(verdict()).toContain("What was given is as it was signed; the rest was not checked.");
  expect(verdict()).toContain(`Not among the files, and not checked:${clip}`);
});

it("calls nothing whole that was not read where the key is another one", async () => {
  await opened(manifest.id, "0".repeat(64));
  await give();
  expect(verdict()).toMatch(/^Whole, but signed with another key/);
  leaveTheRest();
  await give();
  expect(verdict()).not.toMatch(/Whole|Every clip|Nothing was changed/);
  expect(verdict()).toMatch(/^What was given .* with another key .*; the rest was not checked/);
  expect(verdict()).toContain(`Not among the files, and not checked:${clip}`);
});

it("calls nothing whole that was not read where no signature can be checked", async () => {
  vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new Error("Ed25519 is not known"));
  await opened();
  await give();
  expect(verdict()).toContain(verdictTexts.unsignedHeading + verdictTexts.unsignedOld);
  leaveTheRest();
  await give();
  expect(verdict()).not.toMatch(/Whole|Every clip|Nothing was changed/);
  expect(verdict()).toMatch(/^What was given .*neither the signature nor the rest was checked/);
  expect(verdict()).toContain(`Not among the files, and not checked:${clip}`);
});
