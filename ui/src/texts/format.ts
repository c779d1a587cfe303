// Times and numbers as people read them. Times are shown in the archive's time zone.

import { toLocal } from "./zone";

let language = "en";
let zone = "UTC";
let cache = new Map<string, Intl.DateTimeFormat>();

/** Sets the language (a BCP 47 tag) and the time zone of everything below. */
export function setFormat(to: { language?: string; zone?: string }): void {
  language = to.language ?? language;
  zone = to.zone ?? zone;
  cache = new Map();
}

/** Its name for people. */
export function zoneName(): string {
  return zone.replace(/^Etc\//, "").replaceAll("_", " ");
}

/** The time zone that times are shown in. */
export function shownZone(): string {
  return zone;
}

function dates(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  let format = cache.get(name);
  if (!format) {
    format = new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
    cache.set(name, format);
  }
  return format;
}

const two = (n: number) => String(n).padStart(2, "0");

/** `14:03:12`, the same in every language: a clock that is compared, not read aloud. */
export function clock(instant: number): string {
  const { hour, minute, second } = toLocal(instant, zone);
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

/** `14:03:12.480`. */
export function clockMs(instant: number): string {
  return clock(instant) + fraction(instant);
}

/** `.480`, of a second: what `clock` leaves out. */
export function fraction(instant: number): string {
  return `.${String(Math.floor(((instant % 1000) + 1000) % 1000)).padStart(3, "0")}`;
}

/** `14:03`. */
export function clockMinutes(instant: number): string {
  return clock(instant).slice(0, 5);
}

/** `Mon 23 Nov`. */
export function day(instant: number): string {
  return dates("day", { weekday: "short", day: "numeric", month: "short" }).format(instant);
}

/** `Monday 23 November 2026`. */
export function dayLong(instant: number): string {
  const form = { weekday: "long", day: "numeric", month: "long", year: "numeric" } as const;
  return dates("day-long", form).format(instant);
}

/** `November 2026`. */
export function month(instant: number): string {
  return dates("month", { month: "long", year: "numeric" }).format(instant);
}

/** `Nov`. */
export function monthShort(instant: number): string {
  return dates("month-short", { month: "short" }).format(instant);
}

/** Whether a comma stands between the two is the language's business. */
const MOMENT = {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
} as const;

/** `23 Nov 2026, 14:03:12`. */
export function moment(instant: number): string {
  return dates("moment", MOMENT).format(instant);
}

/** `23 Nov 2026, 14:03:12.480`. */
export function momentMs(instant: number): string {
  return dates("moment-ms", { ...MOMENT, fractionalSecondDigits: 3 }).format(instant);
}

/** `0:07`, `4:59`, `1:02:03`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const h = Math.floor(seconds / 3600);
  const m = Math.floor(seconds / 60) % 60;
  return h > 0 ? `${h}:${two(m)}:${two(seconds % 60)}` : `${m}:${two(seconds % 60)}`;
}

/** `12 s`, `4 min`, `3 h`, `2 d`: for reading at a glance. */
export function about(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  // British English writes "4 mins", which reads as if it were spoken.
  const tag = language.startsWith("en") ? "en-US" : language;
  const form = (value: number, unit: string) =>
    new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "short" }).format(value);
  if (seconds < 90) return form(seconds, "second");
  if (seconds < 90 * 60) return form(Math.round(seconds / 60), "minute");
  if (seconds < 36 * 3600) return form(Math.round(seconds / 3600), "hour");
  return form(Math.round(seconds / 86_400), "day");
}

const BYTES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** `412 kB`, `3.2 GB`. */
export function bytes(n: number): string {
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < BYTES.length - 1) {
    value /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: BYTES[unit] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: value < 10 && unit > 1 ? 1 : 0,
  }).format(value);
}

/** `4.1 Mbit/s`. */
export function bitRate(bitsPerSecond: number): string {
  const mega = bitsPerSecond >= 1e6;
  const value = bitsPerSecond / (mega ? 1e6 : 1e3);
  const text = new Intl.NumberFormat(language, {
    maximumFractionDigits: mega && value < 10 ? 1 : 0,
  }).format(value);
  return `${text} ${mega ? "Mbit/s" : "kbit/s"}`;
}

/** `29.97`, `30`. */
export function number(n: number, digits = 0): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(n);
}

/** The plural categories of each language, as CLDR has them for whole numbers. */
interface Categories {
  en: "one" | "other";
  de: "one" | "other";
  fr: "one" | "many" | "other";
  es: "one" | "many" | "other";
  ja: "other";
  zh: "other";
}

/**
 * How a language counts: takes a number and a sentence for each of the language's plural
 * categories, in which `#` stands for the number.
 */
export function plurals<Name extends keyof Categories>(
  name: Name,
): (n: number, forms: Record<Categories[Name], string>) => string {
  const rules = new Intl.PluralRules(name);
  return (n, forms) => {
    const known: Partial<Record<Intl.LDMLPluralRule, string>> = forms;
    return (known[rules.select(n)] ?? known.other ?? "").replace("#", number(n));
  };
}
