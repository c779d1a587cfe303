// A weekly schedule as somebody edits it: rows of days with one time each.

/** One time, on some days. */
export interface Row {
  /** Monday first. */
  days: boolean[];
  /** `HH:MM`; empty: not written yet. */
  from: string;
  /** `HH:MM`; `00:00`: the end of the day. Not after `from`: of the next day. */
  to: string;
}

/** A stretch of one day, in minutes. */
export interface Stretch {
  day: number;
  from: number;
  to: number;
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY_MINUTES = 24 * 60;

/** Weekdays in working hours: what a new schedule begins with. */
export const proposal = (): Row => ({
  days: DAYS.map((_, day) => day < 5),
  ...{ from: "08:00", to: "18:00" },
});

/** The server's texts, which it writes itself. */
export function rowsOf(texts: readonly string[] = []): Row[] {
  return texts.flatMap((text) => {
    const parts = /^(?:(\S+) )?(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text);
    if (!parts) return [];
    const [, days, from = "", to = ""] = parts;
    return [{ days: daysOf(days), from, to: to === "24:00" ? "00:00" : to }];
  });
}

function daysOf(text: string | undefined): boolean[] {
  const days = DAYS.map(() => text === undefined);
  for (const part of text?.split(",") ?? []) {
    const [first = "", last = first] = part.split("-");
    const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    for (let day = from; day >= 0 && to >= 0; day = (day + 1) % 7) {
      days[day] = true;
      if (day === to) break;
    }
  }
  return days;
}

export function textsOf(rows: readonly Row[]): string[] {
  return rows.map(({ days, from, to }) => {
    const named = groups(days).map(([first, last]) => {
      const [a, b] = [DAYS[first], DAYS[last]];
      return first === last ? a : last === first + 1 ? `${a},${b}` : `${a}-${b}`;
    });
    const prefix = days.every(Boolean) ? "" : `${named.join(",")} `;
    return `${prefix}${from}-${to === "00:00" ? "24:00" : to}`;
  });
}

/** Days that follow each other, by their first and last. */
export function groups(days: readonly boolean[]): [number, number][] {
  const all: [number, number][] = [];
  days.forEach((on, day) => {
    const last = all.at(-1);
    if (on && last && last[1] === day - 1) last[1] = day;
    else if (on) all.push([day, day]);
  });
  return all;
}

/** What is wrong with a row, if anything. */
export function wrongWith({ days, from, to }: Row): "days" | "time" | "length" | undefined {
  if (!days.some(Boolean)) return "days";
  if (!/^\d\d:\d\d$/.test(from) || !/^\d\d:\d\d$/.test(to)) return "time";
  return from === to && from !== "00:00" ? "length" : undefined;
}

/** Whether a row goes on until the next day. */
export const isOvernight = ({ from, to }: Row) => to !== "00:00" && to <= from;

/** Whether a row is the whole day. */
export const isAllDay = ({ from, to }: Row) => from === "00:00" && to === "00:00";

const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** The week as it is drawn. */
export function stretches(rows: readonly Row[]): Stretch[] {
  return rows
    .filter((row) => wrongWith(row) === undefined)
    .flatMap((row) =>
      row.days.flatMap((on, day) => {
        if (!on) return [];
        const [from, to] = [minutes(row.from), minutes(row.to)];
        if (!isOvernight(row)) return [{ day, from, to: to === 0 ? DAY_MINUTES : to }];
        const next = (day + 1) % 7;
        return [
          { day, from, to: DAY_MINUTES },
          { day: next, from: 0, to },
        ];
      }),
    );
}
