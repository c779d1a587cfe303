// Recorded footage: where it is, the list of it, and the clip of any range.

import { address, ask, at } from "./http";
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

/** The address of [from, to) as one `.mp4`. Whole milliseconds keep the address in the caches. */
export function clipUrl(of: StreamName, from: number, to: number): string {
  return address(path(of, "clip.mp4"), { from: Math.round(from), to: Math.round(to) }).href;
}
