// What is said of schedules and of recording on demand. It is no part of the catalogue that every page
// loads: only the pages that show it do.

import { de } from "./de";
import { en, type ScheduleTexts } from "./en";
import { es } from "./es";
import { fr } from "./fr";
import { ja } from "./ja";
import { zh } from "./zh";

const all: Record<string, ScheduleTexts> = { de, en, es, fr, ja, zh };

/** In the language of the page. */
export function scheduleTexts(): ScheduleTexts {
  return all[document.documentElement.lang.slice(0, 2)] ?? en;
}

/** Names of days as the page's language has them, Monday first. */
export function dayNames(form: "short" | "long"): string[] {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, {
    ...{ weekday: form, timeZone: "UTC" },
  });
  // The 1st of January 2024 was a Monday.
  return Array.from({ length: 7 }, (_, day) => format.format(Date.UTC(2024, 0, 1 + day)));
}

/** `a, b and c` */
export function listed(parts: string[]): string {
  return new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" }).format(parts);
}
