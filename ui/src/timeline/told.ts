// What is known of an instant, in words: for the tip at the ruler, and for those who listen.

import { causeText, t } from "../texts";
import { COLUMN_PX, columns } from "./activity";
import type { GapSpan, Known } from "./footage";
import { spanAt } from "./spans";

/** So many cameras are named one by one. */
const NAMED_MAX = 3;

type Ask = (from: number, to: number) => Known;

/** Gaps longer than so many pixels are not looked at to their ends. */
const REACH_PX = 400;

/**
 * One line or several about `time`; none where footage is all there is to say.
 * @param ask what is known of a range
 */
export function linesAt(ask: Ask, time: number, msPerPx: number): string[] {
  const lacking = lackingAt(ask, time, msPerPx);
  if (lacking.length > 0) return lacking;
  const margin = 3 * msPerPx;
  const known = ask(time - margin, time + margin);
  const gap = spanAt(known.gaps, time);
  if (gap) {
    const reach = REACH_PX * msPerPx;
    return [gapLine(spanAt(ask(time - reach, time + reach).gaps, time) ?? gap)];
  }
  if (!spanAt(known.footage, time)) return [t.timeline.nothing];
  const marks = marksAt(known, time, msPerPx, 2 * COLUMN_PX);
  return marks.length > 0 ? [marks.join(", ")] : [];
}

/** The same in one sentence, to the second: what a slider says of its place. */
export function stateAt(ask: Ask, time: number): string {
  const msPerPx = 1000 / COLUMN_PX;
  const second = Math.floor(time / 1000) * 1000;
  const here = ask(second, second + 1000);
  if (here.footage.length === 0) return linesAt(ask, second + 500, msPerPx).join(", ");
  return [
    t.timeline.recorded,
    ...lackingAt(ask, second + 500, msPerPx),
    ...marksAt(here, second + 500, msPerPx, COLUMN_PX),
  ].join(", ");
}

/** What stands out at `time`: movement, protection. */
function marksAt({ activity, kept }: Known, time: number, msPerPx: number, width: number) {
  const moves = columns(activity, { center: time, msPerPx }, width);
  return [
    ...(moves.some((value) => value > 0) ? [t.watching.moves] : []),
    ...(spanAt(kept, time) ? [t.watching.protected] : []),
  ];
}

const gapLine = (gap: GapSpan) => t.timeline.gap(causeText(gap.cause), gap.to - gap.from);

/** Of a lane of several cameras: which have nothing at `time`, and why. */
function lackingAt(ask: Ask, time: number, msPerPx: number): string[] {
  const reach = REACH_PX * msPerPx;
  const { lacking: cameras = [] } = ask(time - reach, time + reach);
  const lacking = cameras.flatMap(({ name, gaps }) => {
    const gap = spanAt(gaps, time);
    return gap ? [{ name, gap }] : [];
  });
  const [first] = lacking;
  if (!first) return [];
  const alike = lacking.every(({ gap }) => gap.cause === first.gap.cause);
  if (alike && lacking.length === cameras.length && cameras.length > 1) {
    // The shortest one says from when on there is something again.
    const gaps = lacking.map(({ gap }) => gap);
    return [t.past.allLack(gapLine(gaps.reduce((a, b) => (b.to < a.to ? b : a))))];
  }
  const lines = lacking
    .slice(0, NAMED_MAX)
    .map(({ name, gap }) => t.past.lacks(name, gapLine(gap)));
  const rest = lacking.length - lines.length;
  return rest > 0 ? [...lines, t.past.more(rest)] : lines;
}
