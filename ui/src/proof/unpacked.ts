// Files that were in an export, without the ZIP: what that said of their order and of when they were
// made is gone, and nothing is held against it.

import type { Bytes } from "./bytes";
import { check, MANIFEST_MAX, type Manifest, parse, type Signature } from "./manifest";
import { Findings, filesOf, sumsOf, type Verdict } from "./verify";
import { NotAnExport } from "./zip";

export interface Checked extends Pick<Verdict, "wrong" | "unsaid"> {
  manifest: Manifest;
  signature: Signature;
  /** Files that were not given: nothing is said of those. */
  left: string[];
}

export interface Unpacked extends Checked {
  /** The files that are what the list says of them. */
  same: Set<string>;
}

/** A byte more than a signature has: of a longer file no more is read to know that it is none. */
const SIGNATURE_READ = 65;

/** Verifies the files that are given, by name; `progress` hears the bytes that were read so far. */
export async function verifyUnpacked(
  files: Map<string, Bytes>,
  progress: (read: number) => void,
  signal?: AbortSignal,
): Promise<Unpacked> {
  const list = files.get("manifest.json");
  if (!list || list.size > MANIFEST_MAX) throw new NotAnExport();
  const bytes = await list.read(0, list.size);
  const manifest = parse(bytes);
  const own = files.get("manifest.sig");
  const findings = new Findings();
  let signature: Signature = "unknown";
  if (own) signature = await check(manifest.public_key, await own.read(0, SIGNATURE_READ), bytes);
  else findings.tell("manifest.sig", "missing");
  const signed = filesOf(manifest);
  const same = new Set<string>();
  let read = 0;
  const count = (more: number) => {
    read += more;
    progress(read);
  };
  for (const [file, source] of files) {
    const hashes = signed.get(file);
    if (!signed.has(file)) findings.tell(file, "stray");
    if (!hashes) continue;
    const { sha256 } = await sumsOf(source, [0, source.size], count, signal);
    if (hashes.bytes === source.size && hashes.sha256 === sha256) same.add(file);
    else findings.tell(file, "changed");
  }
  const left = [...signed.keys()].filter((file) => !files.has(file) && file !== "manifest.sig");
  return { manifest, signature, left, same, ...findings.said };
}
