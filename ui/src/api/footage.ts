// Recorded footage: where it is, the list of it, and the clip of any range.

import { address, ask, askBytes, at } from "./http";
import type { RecordingsPage, Timeline } from "./types";

/** One stream of one camera, as addresses name it. */
export interface StreamName {
  camera: string;
  stream: string;
}

function path(of: StreamName, leaf: string): string {
  return at`cameras/${of.camera}/streams/${of.stream}/${leaf}`;
}

/** Footage and gaps of a stream in [from, to), in milliseconds since 1970. */
export function getTimeline(
  of: StreamName,
  from: number,
  to: number,
  resolutionMs: number,
  signal?: AbortSignal,
): Promise<Timeline> {
  const query = {
    from: Math.floor(from),
    to: Math.ceil(to),
    resolution: `${Math.max(1, Math.round(resolutionMs))}ms`,
  };
  return ask("GET", path(of, "timeline"), { query, signal });
}

/** One page of segments that touch the range, newest first. */
export function getRecordings(
  of: StreamName,
  range: { from?: number | undefined; to?: number | undefined },
  page: { cursor?: string | undefined; limit: number },
  signal?: AbortSignal,
): Promise<RecordingsPage> {
  const from = range.from === undefined ? undefined : Math.floor(range.from);
  const to = range.to === undefined ? undefined : Math.ceil(range.to);
  return ask("GET", path(of, "recordings"), { query: { from, to, ...page }, signal });
}

/**
 * The address of [from, to) as one `.mp4`, with the time of day as subtitles where that is wanted.
 * Whole milliseconds keep the address in the caches.
 */
export function clipUrl(of: StreamName, from: number, to: number, timestamps = false): string {
  const range = { from: Math.round(from), to: Math.round(to) };
  const query = { ...range, timestamps: timestamps ? "true" : undefined };
  return address(path(of, "clip.mp4"), query).href;
}

/** The address of [from, to) of several streams as one `.mp4`, with a track for each. */
export function jointClipUrl(of: readonly StreamName[], from: number, to: number): string {
  const url = address("clip.mp4", { from: Math.round(from), to: Math.round(to) });
  for (const { camera, stream } of of) url.searchParams.append("stream", `${camera}/${stream}`);
  return url.href;
}

/** Bytes of a clip; all without `bytes`. */
export async function getClipBytes(
  of: StreamName,
  { from, to }: { from: number; to: number },
  bytes?: { from: number; to: number },
  signal?: AbortSignal,
): Promise<ArrayBuffer> {
  const url = address(path(of, "clip.mp4"), { from, to });
  return (await askBytes(url, signal, bytes)).arrayBuffer();
}
