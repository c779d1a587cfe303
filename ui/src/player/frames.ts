// Where single pictures are: the instants of all that a piece of footage shows.

import { type ClipTable, shownTimes } from "./clip-table";
import type { Piece } from "./plan";

export interface FrameTable {
  /** The instant of the clip's time 0, in milliseconds since 1970. */
  origin: number;
  /** The instants of all pictures, in order. */
  times: number[];
}

/** Times out of tables are whole ticks: two that are closer than this are one. */
export const SAME_MS = 0.6;

/** The index of the picture that is seen at `time`: the last that has begun; -1 before the first. */
export function frameAt({ times }: FrameTable, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Number.POSITIVE_INFINITY) <= time + SAME_MS) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How long the picture is seen, as far as its successor tells. */
export function frameLength({ times }: FrameTable, index: number): number {
  const [time, next, before] = [times[index], times[index + 1], times[index - 1]];
  if (time === undefined) return 0;
  return next !== undefined ? next - time : before !== undefined ? time - before : 40;
}

/**
 * A clip's time 0 is its first picture, which may come up to a frame after the piece's beginning.
 * When exactly is known of its key frames.
 *
 * @param keyFrame asks for the instant of the first key frame in [from, to)
 */
export async function frameTable(
  piece: Piece,
  clip: ClipTable,
  keyFrame: (from: number, to: number) => Promise<number | undefined>,
): Promise<FrameTable> {
  const shown = shownTimes(clip);
  const lead = clip.samples.find(({ key }) => key);
  // No later than the frame that is seen at its beginning is long; and cameras do pause.
  const late = Math.max(1500, 2 * ((shown[1] ?? 0) - (shown[0] ?? 0)));
  const expected = piece.from + (lead?.at ?? 0);
  const found = lead && (await keyFrame(expected - 1, expected + late));
  const origin = found !== undefined && lead ? found - lead.at : piece.from;
  return { origin, times: shown.map((at) => origin + at) };
}
