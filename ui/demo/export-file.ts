// The file of an export (docs/format/export.md), made when it is asked for, and signed with a key
// that is made anew for each window: it proves what any export proves, of invented footage.

import style from "../../crates/export/src/page/page.css?raw";
import template from "../../crates/export/src/page/page.html?raw";
import script from "../../crates/export/src/page/page.js?raw";
import { Crc32, Sha256 } from "../src/proof/sums";
import { dosTime, type Entry, headOf, tailOf } from "../src/proof/zip";
import { blake3 } from "./blake3";
import type { Film } from "./film";
import { clipOf, concat } from "./mp4";

type Bytes = Uint8Array<ArrayBuffer>;

/** Exports are made in memory: each clip is cut off after this. */
const CLIP_MS_MAX = 60_000;
/** A name without a meaning, where a UUID has to stand. */
const NOBODY = "00000000-0000-7000-8000-000000000000";

export interface Export {
  id: string;
  name: string;
  by: string;
  asked: string;
  from: string;
  to: string;
  streams: { camera: string; camera_name: string; stream: string; has_footage: boolean }[];
}

export interface Key {
  /** In hexadecimal digits. */
  public: string;
  sign(bytes: Bytes): Promise<Bytes>;
}

/** Undefined where the browser cannot sign. */
export async function newKey(): Promise<Key | undefined> {
  try {
    const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign"])) as CryptoKeyPair;
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const hex = [...raw].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const sign = async (bytes: Bytes) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, bytes));
    return { public: hex, sign };
  } catch {
    return undefined;
  }
}

const utf8 = (text: string): Bytes => new TextEncoder().encode(text);
/** With microseconds, as the recorder writes times. */
const iso = (ms: number) => new Date(ms).toISOString().replace("Z", "000Z");

function hashes(bytes: Bytes) {
  const sha = new Sha256();
  sha.update(bytes);
  return { bytes: bytes.length, blake3: blake3(bytes), sha256: sha.hex() };
}

async function sourceOf(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text)));
  return `'sha256-${btoa(String.fromCharCode(...hash))}'`;
}

/** The page of an export, as crates/export/src/page.rs fills it in. */
async function pageOf(data: object): Promise<Bytes> {
  const policy =
    `default-src 'none'; script-src ${await sourceOf(script)}; style-src ${await sourceOf(style)}; ` +
    "media-src 'self' file: blob:; base-uri 'none'; form-action 'none'";
  const filled: Record<string, string> = {
    "%POLICY%": policy,
    "%STYLE%": style,
    "%SCRIPT%": script,
    "%DATA%": JSON.stringify(data).replaceAll("<", "\\u003c"),
  };
  return utf8(template.replace(/%(POLICY|STYLE|SCRIPT|DATA)%/g, (place) => filled[place] ?? ""));
}

function clipBytes(film: Film, from: number, to: number): Bytes {
  const { head, pictures } = clipOf(film, from, to);
  const parts = [head];
  for (let number = pictures.from; number < pictures.to; number++) {
    parts.push(film.picture(number).bytes);
  }
  return concat(parts);
}

/** Stored members and nothing else. */
function zipOf(files: [string, Bytes][], made: number): Blob {
  const parts: Bytes[] = [];
  const entries: Entry[] = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const sum = new Crc32();
    sum.update(bytes);
    const place = { head: at, from: 0, bytes: bytes.length };
    const entry: Entry = { name, ...place, crc: sum.value, made: dosTime(made) };
    const head = new Uint8Array(headOf(entry));
    entries.push(entry);
    parts.push(head, bytes);
    at += head.length + bytes.length;
  }
  return new Blob([...parts, new Uint8Array(tailOf(entries, at))]);
}

/** The whole ZIP. */
export async function exportFile(
  own: Export,
  key: Key,
  filmOf: (camera: string, stream: string) => Promise<Film>,
): Promise<Blob> {
  const from = Date.parse(own.from);
  const to = Math.min(Date.parse(own.to), from + CLIP_MS_MAX);
  const clips = [];
  const files: [string, Bytes][] = [];
  for (const { camera, camera_name, stream, has_footage } of own.streams) {
    if (!has_footage) continue;
    const film = await filmOf(camera, stream);
    const [file, bytes] = [`${camera}_${stream}.mp4`, clipBytes(film, from, to)];
    files.push([file, bytes]);
    const of = { camera, camera_name, camera_id: NOBODY, stream, stream_id: NOBODY };
    const streams = [{ ...of, codecs: [film.codec], gaps: [] }];
    clips.push({ file, ...hashes(bytes), shown: { from: iso(from), to: iso(to) }, streams });
  }
  const made = Date.parse(own.asked);
  const told = { id: own.id, name: own.name, by: own.by, made: iso(made), archive: NOBODY };
  const without = own.streams.filter(({ has_footage }) => !has_footage);
  const without_footage = without.map(({ camera, stream }) => `${camera}/${stream}`);
  const software = "holdfast demo";
  const page = await pageOf({
    ...{ ...told, from: iso(from), to: iso(to), publicKey: key.public, software },
    clips: clips.map(({ file, bytes, shown, streams }) => ({ file, bytes, ...shown, streams })),
    withoutFootage: without_footage,
  });
  const manifest = utf8(
    JSON.stringify({
      ...{ holdfast_export: 1, ...told, public_key: key.public, software },
      ...{ asked: { from: iso(from), to: iso(to) }, timestamps: false },
      ...{ clips, without_footage, page: hashes(page) },
    }),
  );
  files.push(["index.html", page], ["manifest.json", manifest]);
  files.push(["manifest.sig", await key.sign(manifest)]);
  return zipOf(files, made);
}
