// The key frame before an instant, and the one after it, where pictures are all there is to step through. Pure.

import type { Piece } from "../../player/plan";

interface Asked {
  /** The instant of the first key frame in [from, to). */
  first(from: number, to: number): Promise<number | undefined>;
  /** The last `length` or less of the footage before `time`. */
  before(time: number, length: number): Promise<Piece | undefined>;
  /** Where the first footage after `time` begins, when there is none at `time`. */
  next(time: number): Promise<number | undefined>;
}

/** Cameras may send a key frame this seldom. */
const GOP_MS_MAX = 16_000;
/** Looked through from the end on: as a rule the last second has one. */
const WINDOWS_MS = [250, 750, 1_000, 2_000, 4_000, 8_000];

/** What the answer is asked for: `by` below 0 means before. */
export function neighbourOf(of: Asked) {
  async function after(time: number): Promise<number | undefined> {
    const near = await of.first(time + 1, time + GOP_MS_MAX);
    if (near !== undefined) return near;
    const from = await of.next(time + GOP_MS_MAX);
    return from === undefined ? undefined : of.first(from, from + GOP_MS_MAX);
  }

  async function before(time: number): Promise<number | undefined> {
    let end = time;
    // Footage may begin with the picture that is seen: then it is what was before the gap.
    for (let tries = 0; tries < 2; tries++) {
      const piece = await of.before(end, GOP_MS_MAX);
      if (!piece) return undefined;
      let { to } = piece;
      for (const length of WINDOWS_MS) {
        if (to <= piece.from) break;
        const last = await lastIn(to - length, to);
        if (last !== undefined) return last;
        to -= length;
      }
      end = piece.from;
    }
    return undefined;
  }

  async function lastIn(from: number, to: number): Promise<number | undefined> {
    let last: number | undefined;
    for (let at = await of.first(from, to); at !== undefined; at = await of.first(at + 1, to)) {
      if (at >= to) break;
      last = at;
      if (at + 1 >= to) break;
    }
    return last;
  }

  return (time: number, by: number) => (by < 0 ? before(time) : after(time));
}
