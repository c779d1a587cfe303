// What an export says of itself (docs/format/export.md), and whether that is signed.

import type { Bytes } from "./bytes";
import { dosTime, isPlain, type Member, membersOf, NotAnExport } from "./zip";

export interface Hashes {
  bytes: number;
  blake3: string;
  sha256: string;
}

export interface Clip extends Hashes {
  file: string;
  shown: { from: string; to: string };
  streams: {
    camera: string;
    camera_name: string;
    stream: string;
    codecs: string[];
    gaps: { from: string; to: string; cause?: string }[];
  }[];
}

export interface Manifest {
  holdfast_export: number;
  id: string;
  name: string;
  public_key: string;
  software: string;
  made: string;
  by: string;
  asked: { from: string; to: string };
  clips: Clip[];
  without_footage: string[];
  page: Hashes;
}

/** Of the manifest's signature: `unknown` where this browser cannot check one (plain http, say). */
export type Signature = "good" | "bad" | "unknown";

export interface Opened {
  members: Member[];
  manifest: Manifest;
  signature: Signature;
}

/** A manifest is some kilobytes: no recorder writes a longer one. */
export const MANIFEST_MAX = 32 << 20;

const fromHex = (text: string) =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export async function check(
  key: string,
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
): Promise<Signature> {
  if (!/^[0-9a-f]{64}$/.test(key) || signature.length !== 64) return "bad";
  try {
    const own = await crypto.subtle.importKey("raw", fromHex(key), "Ed25519", false, ["verify"]);
    return (await crypto.subtle.verify("Ed25519", own, signature, signed)) ? "good" : "bad";
  } catch {
    return "unknown";
  }
}

/** What a member of the list is, as far as it is read: whether a value is that. */
type Is = (value: unknown) => boolean;

const isText: Is = (value) => typeof value === "string";
const isSum: Is = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value as string);
const isList =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);
const isObject =
  (members: Record<string, Is>): Is =>
  (value) => {
    if (typeof value !== "object" || value === null) return false;
    return Object.entries(members).every(([name, is]) =>
      is((value as Record<string, unknown>)[name]),
    );
  };

/** An instant of RFC 3339, of a day that there is. */
const isInstant: Is = (value) => {
  const form = /^\d{4}-\d\d-(\d\d)T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  const day = form.exec(String(value))?.[1];
  if (!isText(value) || day === undefined) return false;
  const text = value as string;
  const midnight = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  return Number.isFinite(Date.parse(text)) && new Date(midnight).getUTCDate() === Number(day);
};

const SPAN = { from: isInstant, to: isInstant };
const HASHES = { bytes: Number.isInteger, blake3: isSum, sha256: isSum };
const GAP = {
  ...SPAN,
  cause: (value: unknown) => value === undefined || value === null || isText(value),
};
const STREAM = {
  ...{ camera: isText, camera_name: isText, camera_id: isText, stream: isText, stream_id: isText },
  ...{ codecs: isList(isText), gaps: isList(isObject(GAP)) },
};
const CLIP = {
  ...{ ...HASHES, file: isText, shown: isObject(SPAN), streams: isList(isObject(STREAM)) },
};
const isManifest = isObject({
  holdfast_export: (value) => value === 1,
  ...{ id: isText, name: isText, archive: isText, public_key: isText, software: isText },
  ...{ made: isInstant, by: isText, asked: isObject(SPAN) },
  timestamps: (value) => typeof value === "boolean",
  ...{ clips: isList(isObject(CLIP)), without_footage: isList(isText), page: isObject(HASHES) },
});

/** Members that are no clips. */
const OTHERS = ["index.html", "manifest.json", "manifest.sig"];

/** Each clip has a plain name, and one of its own. */
function areNamed(clips: Clip[]): boolean {
  const names = clips.map(({ file }) => file);
  return (
    new Set([...names, ...OTHERS]).size === names.length + OTHERS.length && names.every(isPlain)
  );
}

/** What the list says; throws {@link NotAnExport} where it is none. */
export function parse(bytes: Uint8Array): Manifest {
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new NotAnExport();
  }
  if (!isManifest(said) || !areNamed((said as Manifest).clips)) throw new NotAnExport();
  return said as Manifest;
}

/** Whether the members are in the manifest's order, and of its instant; strays are told elsewhere. */
function fits(members: Member[], { clips, made }: Manifest): boolean {
  const began = dosTime(Date.parse(made));
  const there = new Set(members.map(({ name }) => name));
  const expected = [...clips.map(({ file }) => file), ...OTHERS].filter((name) => there.has(name));
  const known = new Set(expected);
  const found = [...there].filter((name) => known.has(name));
  return (
    members.every((member) => member.made === began) &&
    found.every((name, n) => name === expected[n])
  );
}

/** What the ZIP says of itself, from its ends alone: its clips are not read. */
export async function open(zip: Bytes, signal?: AbortSignal): Promise<Opened> {
  const members = await membersOf(zip, signal);
  const read = async (name: string, most: number) => {
    const found = members.find((member) => member.name === name);
    if (!found || found.bytes > most) throw new NotAnExport();
    return zip.read(found.from, found.from + found.bytes, signal);
  };
  const bytes = await read("manifest.json", MANIFEST_MAX);
  const manifest = parse(bytes);
  if (!fits(members, manifest)) throw new NotAnExport();
  const signature = await check(manifest.public_key, await read("manifest.sig", 64), bytes);
  return { members, manifest, signature };
}
