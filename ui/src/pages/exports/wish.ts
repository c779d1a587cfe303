// What a person wants exported: read from the address, and said to the server.

import type { Camera, NewExport, Stream } from "../../api/types";

/** More streams are in no export. */
export const STREAMS_MAX = 16;
const DEFAULT_MS = 10 * 60_000;

export interface Wish {
  name: string;
  /** The chosen stream of each chosen camera, by slug. */
  streams: Record<string, string>;
  from: number | undefined;
  to: number | undefined;
  together: boolean;
  timestamps: boolean;
}

const instant = (text: string | undefined) => {
  const at = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
};

/** `cameras=front-door,yard/sub`: a camera without a stream means its first. */
export function readWish(
  query: Record<string, string>,
  cameras: readonly Camera[],
  now: number,
): Wish {
  const streams: Record<string, string> = {};
  for (const part of (query.cameras ?? "").split(",")) {
    const [slug = "", name] = part.split("/");
    const camera = cameras.find((camera) => camera.slug === slug);
    const stream = camera?.streams.find((stream) => stream.name === name) ?? camera?.streams[0];
    if (stream) streams[slug] = stream.name;
  }
  const only = cameras.length === 1 ? cameras[0] : undefined;
  if (!query.cameras && only?.streams[0]) streams[only.slug] = only.streams[0].name;
  const from = instant(query.from);
  const to = instant(query.to);
  const end = to ?? (from === undefined ? Math.floor(now / 1000) * 1000 : undefined);
  return {
    name: query.name ?? "",
    streams,
    from: from ?? (end === undefined ? undefined : end - DEFAULT_MS),
    to: end,
    together: query.together === "1",
    timestamps: query.timestamps === "1",
  };
}

export const chosen = ({ streams }: Wish): string[] =>
  Object.entries(streams).map(([camera, stream]) => `${camera}/${stream}`);

export type Fault = "noCamera" | "tooMany" | "noRange" | "backwards";

/** What keeps it from being asked for. */
export function faultOf(wish: Wish): Fault | undefined {
  const count = chosen(wish).length;
  if (wish.from === undefined || wish.to === undefined) return "noRange";
  if (wish.to <= wish.from) return "backwards";
  if (count === 0) return "noCamera";
  return count > STREAMS_MAX ? "tooMany" : undefined;
}

export function request(wish: Wish): NewExport {
  const time = (at: number | undefined) => new Date(at ?? 0).toISOString();
  return {
    name: wish.name.trim() || null,
    streams: chosen(wish),
    from: time(wish.from),
    to: time(wish.to),
    together: wish.together && chosen(wish).length > 1,
    timestamps: wish.timestamps,
  };
}

/** What is known of a stream's footage in the range. */
export interface Inside {
  recordedMs: number;
  gaps: number;
  whole: boolean;
}

/** A break of less is between two segments that follow one another. */
const SLACK_MS = 1_000;

export function insideOf(
  footage: readonly { from: number; to: number }[],
  from: number,
  to: number,
): Inside {
  let recordedMs = 0;
  let gaps = 0;
  let end = from;
  for (const span of footage) {
    if (span.from - end > SLACK_MS) gaps++;
    recordedMs += Math.max(0, Math.min(span.to, to) - Math.max(span.from, end));
    end = Math.max(end, span.to);
  }
  if (footage.length > 0 && to - end > SLACK_MS) gaps++;
  return { recordedMs, gaps, whole: footage.length > 0 && gaps === 0 };
}

/** Bytes of so much of a stream, at the rate that it has now. */
export function estimate(stream: Stream | undefined, recordedMs: number): number | undefined {
  return stream?.bit_rate === undefined ? undefined : (stream.bit_rate / 8000) * recordedMs;
}
