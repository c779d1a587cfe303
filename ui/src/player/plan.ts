// Which piece of footage to play for an instant. Pieces never reach over a gap, so that a piece's
// own time is wall time from its start on.

import { firstEndingAfter, type Span } from "../timeline/spans";

/** A range that is fetched as one clip, in whole milliseconds. */
export interface Piece extends Span {}

export type Plan =
  | { kind: "piece"; piece: Piece }
  /** Nothing here; the next footage begins at `until`, if there is any. */
  | { kind: "gap"; from: number | undefined; until: number | undefined }
  /** All that is on the disk has been played; more is coming. */
  | { kind: "edge" };

/** Shorter rests are not worth a request: they join the piece before, or wait to grow. */
export const PIECE_MS_MIN = 200;

/**
 * @param footage what is recorded around `time`, in order, known to at least `time + length`
 * @param growingFrom where footage that still grows ends by now; undefined when nothing grows
 */
export function planAt(
  time: number,
  footage: readonly Span[],
  length: number,
  growingFrom: number | undefined,
): Plan {
  const i = firstEndingAfter(footage, time);
  const found = footage[i];
  // Of what still grows only what is durable is served; the rest would be another clip later.
  const span =
    found && growingFrom !== undefined && found.to > growingFrom
      ? { from: found.from, to: Math.max(time, growingFrom) }
      : found;
  const before = footage[i - 1]?.to;
  if (!span) {
    return growingFrom !== undefined && time >= growingFrom - PIECE_MS_MIN
      ? { kind: "edge" }
      : { kind: "gap", from: before, until: undefined };
  }
  if (span.from > time + 1) return { kind: "gap", from: before, until: span.from };
  const from = Math.max(time, span.from);
  const rest = span.to - from;
  if (rest < PIECE_MS_MIN) {
    if (growingFrom !== undefined && span.to >= growingFrom) return { kind: "edge" };
    if (rest < 1) return planAt(span.to, footage, length, growingFrom);
  }
  const to = rest - length < PIECE_MS_MIN ? span.to : from + length;
  return { kind: "piece", piece: { from: Math.floor(from), to: Math.floor(to) } };
}

/** How long the pieces are for a speed: some half a minute of watching, and never huge. */
export function pieceLength(rate: number): number {
  return Math.min(30_000 * Math.max(1, rate), 300_000);
}
