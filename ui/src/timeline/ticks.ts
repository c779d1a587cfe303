// Where the ruler has its marks and what they say: round times of the clock on the wall, on days of
// 23 and 25 hours too.

import { fromLocal, type Local, offsetAt, toLocal } from "../texts/zone";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps below an hour are laid out in plain time, from an hour on by the calendar. */
type Step =
  | { unit: "ms"; count: number }
  | { unit: "hour" | "day" | "month" | "year"; count: number };

interface Rung {
  step: Step;
  /** Its usual length, for choosing. */
  ms: number;
}

const plain = (ms: number): Rung => ({ step: { unit: "ms", count: ms }, ms });
const hours = (count: number): Rung => ({ step: { unit: "hour", count }, ms: count * HOUR });
const days = (count: number): Rung => ({ step: { unit: "day", count }, ms: count * DAY });
const months = (count: number): Rung => ({ step: { unit: "month", count }, ms: count * 30 * DAY });
const years = (count: number): Rung => ({ step: { unit: "year", count }, ms: count * 365 * DAY });

const LADDER: Rung[] = [
  ...[10, 20, 50, 100, 200, 500].map(plain),
  ...[1, 2, 5, 10, 15, 30].map((n) => plain(n * SECOND)),
  ...[1, 2, 5, 10, 15, 30].map((n) => plain(n * MINUTE)),
  ...[1, 2, 3, 6, 12].map(hours),
  ...[1, 2, 7].map(days),
  ...[1, 3, 6].map(months),
  ...[1, 5].map(years),
];

/** How exactly a mark is to be named. */
export type Grain = "ms" | "second" | "minute" | "day" | "month" | "year";

export interface Tick {
  time: number;
  /** Whether it is named. */
  major: boolean;
}

export interface Ticks {
  ticks: Tick[];
  grain: Grain;
}

/** The marks in [from, to), named ones at least `labelPx` apart. */
export function ticks(
  from: number,
  to: number,
  msPerPx: number,
  zone: string,
  labelPx = 84,
): Ticks {
  const major = LADDER.findIndex((rung) => rung.ms / msPerPx >= labelPx);
  const named = LADDER[major < 0 ? LADDER.length - 1 : major] ?? plain(SECOND);
  const named_at = new Set(times(named.step, from, to, zone));
  const between = LADDER.slice(0, Math.max(0, major)).find(
    (rung) => rung.ms / msPerPx >= 9 && named.ms % rung.ms === 0,
  );
  const all = between
    ? [...new Set([...times(between.step, from, to, zone), ...named_at])].sort((a, b) => a - b)
    : [...named_at];
  return { ticks: all.map((time) => ({ time, major: named_at.has(time) })), grain: grain(named) };
}

function grain({ step, ms }: Rung): Grain {
  if (step.unit === "year") return "year";
  if (step.unit === "month") return "month";
  if (step.unit === "day") return "day";
  if (ms < SECOND) return "ms";
  return ms < MINUTE ? "second" : "minute";
}

/** No window shows more; a bound for nonsense input. */
const TICKS_MAX = 2000;

function times(step: Step, from: number, to: number, zone: string): number[] {
  return step.unit === "ms"
    ? plainTimes(step.count, from, to, zone)
    : calendarTimes(step.unit, step.count, from, to, zone);
}

function plainTimes(step: number, from: number, to: number, zone: string): number[] {
  // Zones are off by quarters of an hour, which half-hour marks have to follow.
  const shift = offsetAt(from, zone);
  const found = [];
  let time = Math.ceil((from + shift) / step) * step - shift;
  for (; time < to && found.length < TICKS_MAX; time += step) found.push(time);
  return found;
}

type Calendar = "hour" | "day" | "month" | "year";

function calendarTimes(
  unit: Calendar,
  count: number,
  from: number,
  to: number,
  zone: string,
): number[] {
  const found: number[] = [];
  let local = floorTo(unit, count, toLocal(from, zone));
  for (let i = 0; i < TICKS_MAX; i++) {
    const time = fromLocal(local, zone);
    if (time >= to) break;
    if (time >= from && time !== found.at(-1)) found.push(time);
    local = toward(unit, count, local);
  }
  return found;
}

function floorTo(unit: Calendar, count: number, at: Local): Local {
  const start = { ...at, minute: 0, second: 0 };
  if (unit === "hour") return { ...start, hour: at.hour - (at.hour % count) };
  const midnight = { ...start, hour: 0 };
  if (unit === "day") {
    if (count === 1) return midnight;
    // Longer steps count from a Monday, so that weeks begin where weeks begin.
    const days = Math.floor(Date.UTC(at.year, at.month - 1, at.day) / DAY) - 4;
    return { ...midnight, day: at.day - (((days % count) + count) % count) };
  }
  const first = { ...midnight, day: 1 };
  if (unit === "month") return { ...first, month: at.month - ((at.month - 1) % count) };
  return { ...first, month: 1, year: at.year - (at.year % count) };
}

function toward(unit: Calendar, count: number, at: Local): Local {
  const next = { ...at, [unit]: at[unit] + count };
  // Hours of a new day begin at its midnight again, also after a day of 23 or 25.
  return normal(next);
}

function normal(local: Local): Local {
  const date = new Date(Date.UTC(local.year, local.month - 1, local.day, local.hour));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: 0,
    second: 0,
  };
}

/** First instants of the days, months or years in [from, to), and of the one before. */
export function starts(
  unit: "day" | "month" | "year",
  from: number,
  to: number,
  zone: string,
): number[] {
  const before = fromLocal(floorTo(unit, 1, toLocal(from, zone)), zone);
  return [before, ...times({ unit, count: 1 }, from, to, zone).filter((t) => t > before)];
}

/** What stands above the marks: the next larger thing that a calendar has. */
export function above(grain: Grain): "day" | "month" | "year" {
  if (grain === "day") return "month";
  return grain === "month" || grain === "year" ? "year" : "day";
}
