// MP4 of a film: a clip of any range, as the recorder makes them, and fragments of what is live.
// All times are in milliseconds.

import type { Film, Picture } from "./film";

const SCALE = 1000;

type Part = number[] | Uint8Array;

const u32 = (value: number) => [24, 16, 8, 0].map((by) => (value / 2 ** by) & 255);
const u16 = (value: number) => [(value >> 8) & 255, value & 255];
const u64 = (value: number) => [...u32(Math.floor(value / 2 ** 32)), ...u32(value % 2 ** 32)];
const text = (value: string) => [...value].map((letter) => letter.charCodeAt(0));

export function concat(parts: Part[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function box(type: string, ...parts: Part[]): Uint8Array<ArrayBuffer> {
  const size = 8 + parts.reduce((sum, part) => sum + part.length, 0);
  return concat([u32(size), text(type), ...parts]);
}

const full = (type: string, version: number, flags: number, ...parts: Part[]) =>
  box(type, [version, ...u32(flags).slice(1)], ...parts);

const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].flatMap(u32);
const zeros = (count: number) => new Array<number>(count).fill(0);

const ftyp = () => box("ftyp", text("isom"), u32(512), text("isomiso6avc1mp41"));

const mvhd = (length: number) =>
  full("mvhd", 0, 0, zeros(8), u32(SCALE), u32(length), u32(0x10000), u16(0x100), zeros(10), [
    ...MATRIX,
    ...zeros(24),
    ...u32(2),
  ]);

function stsd({ width, height, description }: Film) {
  const shape = [...u16(width), ...u16(height), ...u32(0x480000), ...u32(0x480000)];
  const tail = [...zeros(4), ...u16(1), ...zeros(32), ...u16(24), ...u16(0xffff)];
  const head = [...zeros(6), ...u16(1), ...zeros(16)];
  return full("stsd", 0, 0, u32(1), box("avc1", head, shape, tail, box("avcC", description)));
}

/** @param shown the length that a player shows; @param length of all that is decoded */
function trak(film: Film, shown: number, length: number, edits: Uint8Array, tables: Part[]) {
  const tkhd = full("tkhd", 0, 3, zeros(8), u32(1), zeros(4), u32(shown), zeros(16), MATRIX, [
    ...u32(film.width * 0x10000),
    ...u32(film.height * 0x10000),
  ]);
  const mdhd = full("mdhd", 0, 0, zeros(8), u32(SCALE), u32(length), u16(0x55c4), zeros(2));
  const hdlr = full("hdlr", 0, 0, zeros(4), text("vide"), zeros(12), text("video\0"));
  const dinf = box("dinf", full("dref", 0, 0, u32(1), full("url ", 0, 1)));
  const stbl = box("stbl", stsd(film), ...tables);
  const minf = box("minf", full("vmhd", 0, 1, zeros(8)), dinf, stbl);
  return box("trak", tkhd, edits, box("mdia", mdhd, hdlr, minf));
}

/** By how much a picture is shown after it is decoded, where that is counted from `first` on. */
const composition = (film: Film, { at, number }: Picture) => at - number * film.step + film.delay;

export interface Clip {
  /** All bytes before those of pictures. */
  head: Uint8Array<ArrayBuffer>;
  /** Numbers of the first picture and of the one behind the last. */
  pictures: { from: number; to: number };
  /** Of the whole file. */
  size: number;
}

/** [from, to) of a film: what must be decoded before its first picture is hidden by an edit. */
export function clipOf(film: Film, from: number, to: number): Clip {
  const key = film.keyBefore(from);
  const last = film.lastBefore(to);
  const all: Picture[] = [];
  for (let number = key.number; number <= last; number++) all.push(film.picture(number));
  const shown = all.filter(({ at }) => at >= from && at < to).map(({ at }) => at);
  const begin = shown.length > 0 ? Math.min(...shown) : key.at;
  const length = all.length * film.step;
  const edits = box(
    "edts",
    full("elst", 0, 0, u32(1), u32(to - begin), [
      ...u32(begin - key.at + film.delay),
      ...u32(0x10000),
    ]),
  );
  const keys = all.flatMap((picture, i) => (picture.key ? [i + 1] : []));
  const tables = (start: number): Part[] => [
    full("stts", 0, 0, u32(1), u32(all.length), u32(film.step)),
    full(
      "ctts",
      0,
      0,
      u32(all.length),
      all.flatMap((own) => [...u32(1), ...u32(composition(film, own))]),
    ),
    full("stss", 0, 0, u32(keys.length), keys.flatMap(u32)),
    full("stsc", 0, 0, u32(1), u32(1), u32(all.length), u32(1)),
    full(
      "stsz",
      0,
      0,
      u32(0),
      u32(all.length),
      all.flatMap(({ bytes }) => u32(bytes.length)),
    ),
    full("stco", 0, 0, u32(1), u32(start)),
  ];
  const moov = (start: number) =>
    box("moov", mvhd(to - begin), trak(film, to - begin, length, edits, tables(start)));
  const start = ftyp().length + moov(0).length + 8;
  const body = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const head = concat([ftyp(), moov(start), u32(body + 8), text("mdat")]);
  return { head, pictures: { from: key.number, to: last + 1 }, size: head.length + body };
}

/** What a decoder of fragments is told first. */
export function initOf(film: Film): Uint8Array<ArrayBuffer> {
  const none: Part[] = [
    full("stts", 0, 0, u32(0)),
    full("stsc", 0, 0, u32(0)),
    full("stsz", 0, 0, u32(0), u32(0)),
    full("stco", 0, 0, u32(0)),
  ];
  const mvex = box("mvex", full("trex", 0, 0, u32(1), u32(1), zeros(12)));
  return concat([ftyp(), box("moov", mvhd(0), trak(film, 0, 0, new Uint8Array(), none), mvex)]);
}

/** Pictures that follow each other, as one fragment; media time 0 is `origin`, less the delay. */
export function fragmentOf(film: Film, pictures: Picture[], origin: number, sequence: number) {
  const first = pictures[0]?.number ?? 0;
  const rows = (start: number) =>
    pictures.flatMap((own) => [
      ...u32(film.step),
      ...u32(own.bytes.length),
      ...u32(own.key ? 0x2000000 : 0x1010000),
      ...u32(composition(film, own) + start),
    ]);
  const moof = (offset: number) =>
    box(
      "moof",
      full("mfhd", 0, 0, u32(sequence)),
      box(
        "traf",
        full("tfhd", 0, 0x20000, u32(1)),
        full("tfdt", 1, 0, u64(first * film.step - origin)),
        full("trun", 0, 0xf01, u32(pictures.length), u32(offset), rows(0)),
      ),
    );
  const data = pictures.map(({ bytes }) => bytes);
  return concat([moof(moof(0).length + 8), box("mdat", ...data)]);
}

/** Key frames in one answer: docs/format/keyframes.md. */
export function keyFramesOf(film: Film, frames: Picture[]): Uint8Array<ArrayBuffer> {
  const { codec, description, width, height } = film;
  const config = concat([
    [codec.length, ...text(codec), ...u16(width), ...u16(height), ...u16(1), ...u16(1)],
    u32(description.length),
    description,
  ]);
  const head = [...text("hfkf"), 1, 0, ...u16(1), ...u32(frames.length), ...u32(config.length)];
  const rows = frames.flatMap(({ at, bytes }) => [
    [...u64(at * 1000), ...zeros(4), ...u32(bytes.length)],
    bytes,
  ]);
  return concat([head, config, ...rows]);
}
