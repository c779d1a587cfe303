// What the list of recordings is narrowed to; the address says it in UTC.

import { shownZone } from "../../texts/format";
import { fromLocal, startOfDay, toLocal } from "../../texts/zone";

export const RANGES = ["any", "hour", "today", "yesterday", "week", "own"] as const;
export type Range = (typeof RANGES)[number];

export const ALL_STREAMS = "all";

export interface Filter {
  camera: string | undefined;
  /** A name, all of them, or each camera's first. */
  stream: string | undefined;
  range: Range;
  /** With `own`: the two ends, either may be open. In milliseconds since 1970. */
  from: number | undefined;
  to: number | undefined;
  /** Play and download only what lies inside. */
  trim: boolean;
}

function instant(text: string | undefined): number | undefined {
  const at = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

export function readFilter(query: Record<string, string>): Filter {
  return {
    camera: query.camera,
    stream: query.stream,
    range: RANGES.find((range) => range === query.range) ?? "any",
    from: instant(query.from),
    to: instant(query.to),
    trim: query.trim !== "0",
  };
}

const text = (at: number | undefined) =>
  at === undefined ? undefined : new Date(at).toISOString();

export function writeFilter(filter: Filter): Record<string, string | undefined> {
  const own = filter.range === "own";
  return {
    camera: filter.camera,
    stream: filter.stream,
    range: filter.range === "any" ? undefined : filter.range,
    from: own ? text(filter.from) : undefined,
    to: own ? text(filter.to) : undefined,
    trim: filter.trim ? undefined : "0",
  };
}

/** The ends of the range at this moment; days are the archive's. */
export function ends(
  { range, from, to }: Filter,
  now: number,
): { from: number | undefined; to: number | undefined } {
  const today = startOfDay(now, shownZone());
  const local = toLocal(now, shownZone());
  const daysAgo = (days: number) =>
    fromLocal({ year: local.year, month: local.month, day: local.day - days }, shownZone());
  switch (range) {
    case "any":
      return { from: undefined, to: undefined };
    case "hour":
      return { from: now - 3_600_000, to: undefined };
    case "today":
      return { from: today, to: undefined };
    case "yesterday":
      return { from: daysAgo(1), to: today };
    case "week":
      return { from: daysAgo(6), to: undefined };
    case "own":
      return { from, to };
  }
}

/** For `<input type="datetime-local">`, which knows no zone. */
export function toField(at: number | undefined): string {
  if (at === undefined) return "";
  const { year, month, day, hour, minute } = toLocal(at, shownZone());
  const two = (n: number) => String(n).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

export function fromField(value: string): number | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(value);
  if (!parts) return undefined;
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0] = parts.slice(1).map(Number);
  return fromLocal({ year, month, day, hour, minute }, shownZone());
}
