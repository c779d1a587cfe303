// Exact instants in fields: `<input type="datetime-local">` knows no zone, the archive's counts.

import { shownZone } from "../../texts/format";
import { fromLocal, toLocal } from "../../texts/zone";

const pad = (n: number, width = 2) => String(n).padStart(width, "0");

/** `2026-11-22T20:10:05.250`; thousandths only where there are some. */
export function toExact(at: number | undefined): string {
  if (at === undefined) return "";
  const { year, month, day, hour, minute, second } = toLocal(at, shownZone());
  const ms = ((at % 1000) + 1000) % 1000;
  const time = `${pad(hour)}:${pad(minute)}:${pad(second)}${ms ? `.${pad(ms, 3)}` : ""}`;
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${time}`;
}

/** The instant; undefined where the field says none. */
export function fromExact(text: string): number | undefined {
  const parts = /^(\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?$/.exec(text);
  if (!parts) return undefined;
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const ms = Number((parts[7] ?? "0").padEnd(3, "0"));
  return fromLocal({ year, month, day, hour, minute, second }, shownZone()) + ms;
}
