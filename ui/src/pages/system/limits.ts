// Limits that somebody thinks of: the stops of their sliders, and how a file says them.

import type { Keep, KeepChange, StreamOutcome, VolumeUse } from "../../api/types";

export const DAYS = [1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 365];
const GB = 1e9;
export const SIZES = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * GB),
  ...[1, 2, 5, 10, 20, 50].map((n) => n * 1000 * GB),
];

/** The stop of a value; one behind the last is "none". */
export function stopOf(stops: readonly number[], value: number | null | undefined): number {
  if (value === null || value === undefined) return stops.length;
  const found = stops.findIndex((stop) => stop >= value);
  return found < 0 ? stops.length : found;
}

export function valueAt(stops: readonly number[], stop: number): number | null {
  return stops[stop] ?? null;
}

/** Bytes as a configuration file has them. */
export function sizeText(n: number): string {
  return n >= 1e12 && n % 1e12 === 0 ? `${n / 1e12} TB` : `${n / GB} GB`;
}

/** `keep = { max_days = 14 }`; an empty one takes all limits away. */
export function keepText(keep: Keep): string {
  const parts = [
    ...(keep.max_bytes ? [`max_bytes = "${sizeText(keep.max_bytes)}"`] : []),
    ...(keep.max_days ? [`max_days = ${keep.max_days}`] : []),
    ...(keep.min_days ? [`min_days = ${keep.min_days}`] : []),
  ];
  return parts.length > 0 ? `keep = { ${parts.join(", ")} }` : "keep = {}";
}

/** The same limits with another one; null is none. The least gives way to the most, and it to that. */
export function withLimit(keep: Keep, key: keyof Keep, value: number | null): Keep {
  const { [key]: _, ...rest } = keep;
  if (value === null) return rest;
  const next: Keep = { ...rest, [key]: value };
  const { max_days: most, min_days: least } = next;
  if (most && least && least > most) next[key === "max_days" ? "min_days" : "max_days"] = value;
  return next;
}

/** What makes the one of the other: a limit that is the same is not in it. */
export function keepChange(was: Keep, keep: Keep): KeepChange {
  const keys = ["max_bytes", "max_days", "min_days"] as const;
  const other = keys.filter((key) => (was[key] || 0) !== (keep[key] || 0));
  return Object.fromEntries(other.map((key) => [key, keep[key] || null]));
}

export const sameKeep = (a: Keep, b: Keep) => Object.keys(keepChange(a, b)).length === 0;

/** What goes at once, of all streams together; not complete: more than that. */
export function removedOf(outcomes: Iterable<StreamOutcome>): { bytes: number; complete: boolean } {
  const all = [...outcomes].flatMap(({ removed }) => removed ?? []);
  const bytes = all.reduce((sum, own) => sum + own.bytes, 0);
  return { bytes, complete: all.every((own) => own.complete) };
}

/** Percents of a disk that stay free. */
export const FREE = [1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 40, 50];

/** The stop of so much of a disk, or the one nearest to it. */
export function freeStop(bytes: number, total: number): number {
  const percent = total > 0 ? (bytes / total) * 100 : 5;
  return FREE.reduce(
    (best, own, i) => (Math.abs(own - percent) < Math.abs((FREE[best] ?? 0) - percent) ? i : best),
    0,
  );
}

/** What a text for a server says a volume to be, and what a file has of it. */
export function volumeText(name: string, path: string, keepFree: string, use?: VolumeUse): string {
  const line = (key: string, value: string) =>
    `${key} = ${JSON.stringify(value).replaceAll("\x7f", "\\u007f")}`;
  return [
    "[[archive.volume]]",
    line("name", name),
    line("path", path),
    line("keep_free", keepFree),
    ...(use ? [line("use", use)] : []),
  ].join("\n");
}

/** What stays free, as the server takes it. */
export const KEEP_FREE = /^(([0-9]|[1-8][0-9])(\.[0-9])?%|90%|[0-9]{1,5}(\.[0-9]{1,3})? ?[kMGT]B)$/;
