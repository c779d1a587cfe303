// Reads all of an export and says whether one byte of it is another than was signed.

import type { Bytes } from "./bytes";
import { type Hashes, type Manifest, type Opened, open } from "./manifest";
import { Crc32, Sha256 } from "./sums";
import type { Member } from "./zip";

export { NotAnExport } from "./zip";

/** What is wrong with a member of the ZIP. */
export interface Wrong {
  file: string;
  what: "changed" | "missing" | "stray";
}

export interface Verdict extends Opened {
  /** Each file once, in the order of the ZIP, what is missing last. */
  wrong: Wrong[];
  /** So many more files are wrong; they are only counted. */
  unsaid: number;
}

/** Who packs a file chooses how much of it is wrong: more than this nobody reads. */
const WRONG_MAX = 50;
const PIECE = 1 << 20;

/** The files of an export, with their hashes; its list and the signature have none in the list. */
export function filesOf(manifest: Manifest): Map<string, Hashes | undefined> {
  return new Map<string, Hashes | undefined>([
    ...manifest.clips.map((clip) => [clip.file, clip] as const),
    ["index.html", manifest.page],
    ["manifest.json", undefined],
    ["manifest.sig", undefined],
  ]);
}

/** What is found wrong: of each file the first, and no more of them than somebody reads. */
export class Findings {
  private all = new Map<string, Wrong["what"]>();

  tell(file: string, what: Wrong["what"]): void {
    if (!this.all.has(file)) this.all.set(file, what);
  }

  get said(): Pick<Verdict, "wrong" | "unsaid"> {
    const wrong = [...this.all].slice(0, WRONG_MAX).map(([file, what]) => ({ file, what }));
    return { wrong, unsaid: this.all.size - wrong.length };
  }
}

/** The sums of the bytes [from, to); `progress` hears how many more were read. */
export async function sumsOf(
  source: Bytes,
  [from, to]: [number, number],
  progress: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<{ crc: number; sha256: string }> {
  const hash = new Sha256();
  const crc = new Crc32();
  for (let at = from; at < to; at += PIECE) {
    signal?.throwIfAborted();
    const piece = await source.read(at, Math.min(at + PIECE, to), signal);
    hash.update(piece);
    crc.update(piece);
    progress(piece.length);
  }
  return { crc: crc.value, sha256: hash.hex() };
}

async function isWhole(
  zip: Bytes,
  member: Member,
  signed: Hashes | undefined,
  progress: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const range: [number, number] = [member.from, member.from + member.bytes];
  const { crc, sha256 } = await sumsOf(zip, range, progress, signal);
  if (crc !== member.crc) return false;
  return !signed || (signed.bytes === member.bytes && signed.sha256 === sha256);
}

/** Verifies all of it; `progress` hears the bytes that were read so far. */
export async function verify(
  zip: Bytes,
  progress: (read: number) => void,
  signal?: AbortSignal,
): Promise<Verdict> {
  const opened = await open(zip, signal);
  const signed = filesOf(opened.manifest);
  const findings = new Findings();
  const seen = new Set<string>();
  let read = 0;
  const count = (bytes: number) => {
    read += bytes;
    progress(read);
  };
  for (const member of opened.members) {
    const file = member.name;
    if (!signed.has(file) || seen.has(file)) findings.tell(file, "stray");
    else if (!(await isWhole(zip, member, signed.get(file), count, signal))) {
      findings.tell(file, "changed");
    }
    seen.add(file);
  }
  for (const file of signed.keys()) if (!seen.has(file)) findings.tell(file, "missing");
  return { ...opened, ...findings.said };
}
