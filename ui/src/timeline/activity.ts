// How much moves, as the ruler draws it: the greatest value of each column of pixels.

import type { Span } from "./spans";
import { type View, xAt } from "./view";

/** Values of steps of one length, one after the other. */
export interface Activity {
  from: number;
  stepMs: number;
  /** 0 to 255. */
  values: readonly number[];
}

/** What of it counts: [from, to). */
export interface ActivityPiece extends Span {
  activity: Activity;
}

/** Pixels of one column. */
export const COLUMN_PX = 3;

/** The greatest value in each column of a ruler that is `width` pixels wide. */
export function columns(pieces: readonly ActivityPiece[], view: View, width: number): Uint8Array {
  const found = new Uint8Array(Math.ceil(Math.max(0, width) / COLUMN_PX));
  for (const { activity, from, to } of pieces) {
    const { values, stepMs } = activity;
    const first = Math.max(0, Math.floor((from - activity.from) / stepMs));
    const end = Math.min(values.length, Math.ceil((to - activity.from) / stepMs));
    for (let i = first; i < end; i++) {
      const value = values[i] ?? 0;
      if (value === 0) continue;
      const time = activity.from + i * stepMs;
      const x = xAt(view, width, Math.max(time, from)) / COLUMN_PX;
      const last = xAt(view, width, Math.min(time + stepMs, to)) / COLUMN_PX;
      // A step is seen at any scale, and fills its columns where it is wider than one.
      for (let at = Math.floor(x); at < Math.max(Math.floor(x) + 1, last); at++) {
        if (at >= 0 && at < found.length && value > (found[at] ?? 0)) found[at] = value;
      }
    }
  }
  return found;
}
