// The footage nearest to an instant at which nothing is recorded, of all cameras that are shown. Pure.

import type { Span } from "../../timeline/spans";

/** What is asked of one stream's footage. */
interface Asked {
  /** The last footage that begins before `time`. */
  before(time: number): Promise<Span | undefined>;
  /** Where the first footage after `time` begins. */
  next(time: number): Promise<number | undefined>;
}

/** So much of what was before a gap is played: what led to it is what is looked for. */
const TAIL_MS = 10_000;

/** In so much before the end of footage there is a picture. */
export const LAST_MS = 1_000;

/**
 * Where to go: the last `tail` ms before the gap where `by` is below 0, else where the footage
 * after it begins. What cannot be asked counts as nothing, unless none can be.
 */
export async function nearestFootage(
  of: readonly Asked[],
  time: number,
  by: number,
  tail = TAIL_MS,
): Promise<number | undefined> {
  const answers = await Promise.allSettled(
    of.map((footage) => (by < 0 ? lastBefore(footage, time, tail) : footage.next(time))),
  );
  const [failed] = answers.filter((answer) => answer.status === "rejected");
  if (failed && answers.every(({ status }) => status === "rejected")) throw failed.reason;
  const known = answers.flatMap((answer) =>
    answer.status === "fulfilled" && answer.value !== undefined ? [answer.value] : [],
  );
  if (known.length === 0) return undefined;
  return by < 0 ? Math.max(...known) : Math.min(...known);
}

/** An instant near the end of what is recorded by now, at `edge` at the latest. */
export function newestPicture(
  of: readonly { durableUntil: number | undefined }[],
  edge: number,
): number {
  const ends = of.flatMap(({ durableUntil }) => durableUntil ?? []);
  return ends.length > 0 ? Math.min(edge, Math.max(...ends) - LAST_MS) : edge;
}

async function lastBefore(footage: Asked, time: number, tail: number): Promise<number | undefined> {
  const span = await footage.before(time);
  return span && Math.max(span.from, span.to - tail);
}
