// The ZIP of an export (docs/format/export.md): stored members and nothing else. What is no member's
// is made again from names, lengths and checksums, and has to be the same byte for byte.

import type { Bytes } from "./bytes";

export interface Member {
  name: string;
  /** Where its bytes begin in the ZIP. */
  from: number;
  bytes: number;
  crc: number;
  /** Its instant, as {@link dosTime} has it. */
  made: number;
}

/** The file is no export as a recorder writes it. */
export class NotAnExport extends Error {
  override name = "NotAnExport";
}

/** Names of members are of these letters. */
export const isPlain = (name: string) => /^[A-Za-z0-9._-]+$/.test(name);

/** An instant (ms since 1970) as a ZIP has it: UTC, two seconds, the date above the time; NaN for none. */
export function dosTime(at: number): number {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return Number.NaN;
  const year = Math.min(Math.max(when.getUTCFullYear(), 1980), 2107) - 1980;
  const date = (year << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate();
  const time = (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5);
  return date * 0x10000 + (time | (when.getUTCSeconds() >> 1));
}

const ELSEWHERE = 0xffffffff;
const END = 22;
const LONG_END = 56 + 20 + END;
const MADE_BY = 0x032d;
const MODE = 0o100644 * 0x10000;
/** A directory of ours is some kilobytes; a longer one is somebody else's. */
const DIRECTORY_MAX = 1 << 20;

/** A member, and where its head begins. */
export interface Entry extends Member {
  head: number;
}

/** Numbers in the order of a ZIP's fields, each of so many bytes, the lowest first. */
class Writer {
  private out: number[] = [];

  put(...fields: (readonly [size: 2 | 4 | 8, value: number])[]): this {
    for (const [size, value] of fields) {
      let rest = value;
      for (let i = 0; i < size; i++) {
        this.out.push(rest % 256);
        rest = Math.floor(rest / 256);
      }
    }
    return this;
  }

  text(text: string): this {
    for (const letter of text) this.out.push(letter.charCodeAt(0));
    return this;
  }

  /** ZIP64's extra field, where there is a number for it. */
  wide(numbers: number[]): this {
    if (numbers.length === 0) return this;
    this.put([2, 1], [2, 8 * numbers.length]);
    return this.put(...numbers.map((value) => [8, value] as const));
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.out);
  }
}

const wideLength = (numbers: number[]) => (numbers.length > 0 ? 4 + 8 * numbers.length : 0);
const sizes = ({ bytes }: Entry) => (bytes >= ELSEWHERE ? [bytes, bytes] : []);

/** What a member's head and its entry have in common. */
function common(entry: Entry, out: Writer): Writer {
  const size = Math.min(entry.bytes, ELSEWHERE);
  return out.put(
    ...([
      [2, entry.bytes >= ELSEWHERE ? 45 : 10],
      [4, 0],
      [4, entry.made],
      [4, entry.crc],
      [4, size],
      [4, size],
      [2, entry.name.length],
    ] as const),
  );
}

/** What stands before a member's bytes. */
export function headOf(entry: Entry): Uint8Array {
  const out = common(entry, new Writer().put([4, 0x04034b50]));
  return out
    .put([2, wideLength(sizes(entry))])
    .text(entry.name)
    .wide(sizes(entry)).bytes;
}

/** What stands behind all members; `start` is where it begins. */
export function tailOf(entries: Entry[], start: number): Uint8Array {
  const out = new Writer();
  for (const entry of entries) {
    const wide = [...sizes(entry), ...(entry.head >= ELSEWHERE ? [entry.head] : [])];
    common(entry, out.put([4, 0x02014b50], [2, MADE_BY]));
    out.put([2, wideLength(wide)], [2, 0], [4, 0], [4, MODE]);
    out.put([4, Math.min(entry.head, ELSEWHERE)]);
    out.text(entry.name).wide(wide);
  }
  const length = out.bytes.length;
  const count = entries.length;
  if (start >= ELSEWHERE) {
    out.put([4, 0x06064b50], [8, 44], [2, MADE_BY], [2, 45], [8, 0]);
    out.put([8, count], [8, count], [8, length], [8, start]);
    out.put([4, 0x07064b50], [4, 0], [8, start + length], [4, 1]);
  }
  out.put([4, 0x06054b50], [4, 0], [2, count], [2, count], [4, length]);
  return out.put([4, Math.min(start, ELSEWHERE)], [2, 0]).bytes;
}

const same = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

function wideAt(view: DataView, at: number): number {
  if (at + 8 > view.byteLength) throw new NotAnExport();
  return Number(view.getBigUint64(at, true));
}

/** Where the directory begins. */
async function startOf(zip: Bytes, signal?: AbortSignal): Promise<number> {
  if (zip.size < END) throw new NotAnExport();
  const end = await zip.read(Math.max(0, zip.size - LONG_END), zip.size, signal);
  const view = new DataView(end.buffer, end.byteOffset, end.byteLength);
  const last = view.byteLength - END;
  const start = view.getUint32(last + 16, true);
  return start === ELSEWHERE ? wideAt(view, last - 76 + 48) : start;
}

function entriesOf(tail: Uint8Array): Entry[] {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const entries: Entry[] = [];
  let next = 0;
  for (let at = 0; at + 46 <= tail.length && view.getUint32(at, true) === 0x02014b50; ) {
    const short = (place: number) => view.getUint16(at + place, true);
    const long = (place: number) => view.getUint32(at + place, true);
    const name = new TextDecoder().decode(tail.subarray(at + 46, at + 46 + short(28)));
    if (!isPlain(name)) throw new NotAnExport();
    const size = long(24);
    const bytes = size === ELSEWHERE ? wideAt(view, at + 46 + name.length + 4) : size;
    const entry: Entry = {
      ...{ name, bytes, crc: long(16), made: long(12), head: next },
      from: 0,
    };
    entry.from = next + 30 + name.length + wideLength(sizes(entry));
    next = entry.from + bytes;
    entries.push(entry);
    at += 46 + short(28) + short(30);
  }
  return entries;
}

/** The members, in order; throws {@link NotAnExport} where one byte is not as it has to be. */
export async function membersOf(zip: Bytes, signal?: AbortSignal): Promise<Member[]> {
  const start = await startOf(zip, signal);
  if (start >= zip.size || zip.size - start > DIRECTORY_MAX) throw new NotAnExport();
  const tail = await zip.read(start, zip.size, signal);
  const entries = entriesOf(tail);
  const last = entries.at(-1);
  if (!last || last.from + last.bytes !== start) throw new NotAnExport();
  if (!same(tailOf(entries, start), tail)) throw new NotAnExport();
  for (const entry of entries) {
    const head = await zip.read(entry.head, entry.from, signal);
    if (!same(headOf(entry), head)) throw new NotAnExport();
  }
  return entries.map(({ head: _, ...member }) => member);
}
