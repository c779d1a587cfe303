// How a live picture stays close to now: where to jump, how fast to run. Pure.

export interface Buffered {
  start: number;
  end: number;
}

export type Pace = { jumpTo: number } | { rate: number };

/** Behind the newest frame by this much it runs smoothly over the usual unevenness, in seconds. */
const TARGET_S = 0.35;
/** Up to here it catches up by running faster, beyond it jumps. */
const JUMP_S = 2;
/** A jump lands this far before the newest frame. */
const LAND_S = 0.2;

/** @param ranges what is buffered, in order; times in seconds of the media */
export function pace(ranges: readonly Buffered[], current: number, started: boolean): Pace {
  const newest = ranges.at(-1);
  if (!newest) return { rate: 1 };
  const landing = Math.max(newest.start, newest.end - LAND_S);
  if (!started) return { jumpTo: landing };
  const inside = ranges.find((range) => current >= range.start - 0.05 && current < range.end);
  if (!inside) {
    // A break between sessions, or an older range that was dropped: what comes next is the way on.
    const next = ranges.find((range) => range.start > current);
    if (next) return { jumpTo: next === newest ? Math.max(next.start, landing) : next.start };
    return { rate: 1 };
  }
  const behind = newest.end - current;
  if (behind > JUMP_S) return { jumpTo: landing };
  if (behind > TARGET_S * 3) return { rate: 1.15 };
  if (behind > TARGET_S * 1.7) return { rate: 1.05 };
  return { rate: 1 };
}

/** A follower that is off by less runs as it should. */
const NUDGE_MS = 8;
/** In so much time it catches up most of what it is off by, and by no more than so much. */
const CATCH_UP_MS = 500;
const NUDGE_MAX = 0.15;

/** The speed of a follower of recorded footage that is ahead of its clock by `off` (ms). */
export function nudged(rate: number, off: number): number {
  const share = Math.max(-NUDGE_MAX, Math.min(NUDGE_MAX, off / CATCH_UP_MS));
  return Math.max(0.1, rate * (Math.abs(off) < NUDGE_MS ? 1 : 1 - share));
}
