// Wall clocks: instants as people in a time zone read them, and back.

/** What a wall clock and a calendar show. */
export interface Local {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-u-ca-iso8601", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return format;
}

/** The offsets of whole quarter hours, for asking Intl is slow and a drag asks a lot. */
const offsets = new Map<string, number>();
const OFFSETS_MAX = 4096;
const QUARTER = 900_000;

/** Milliseconds that the clocks of `zone` are ahead of UTC at `instant`. */
export function offsetAt(instant: number, zone: string): number {
  // No zone in use changes its clocks inside a quarter hour.
  const quarter = Math.floor(instant / QUARTER) * QUARTER;
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(quarter)) part[type] = Number(value);
  const local = Date.UTC(
    part.year ?? 1970,
    (part.month ?? 1) - 1,
    part.day ?? 1,
    part.hour ?? 0,
    part.minute ?? 0,
    part.second ?? 0,
  );
  if (offsets.size >= OFFSETS_MAX) offsets.clear();
  offsets.set(key, local - quarter);
  return local - quarter;
}

/** What the clocks of `zone` show at `instant`. */
export function toLocal(instant: number, zone: string): Local {
  const shifted = new Date(instant + offsetAt(instant, zone));
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
  };
}

/**
 * The instant at which the clocks of `zone` show `local`. Fields may run over (day 32, hour 25). An
 * hour that a spring skips gives the instant as far after the change; of the two hours that an
 * autumn repeats, the first is meant.
 */
export function fromLocal(local: Partial<Local> & { year: number }, zone: string): number {
  const plain = Date.UTC(
    local.year,
    (local.month ?? 1) - 1,
    local.day ?? 1,
    local.hour ?? 0,
    local.minute ?? 0,
    local.second ?? 0,
  );
  const before = offsetAt(plain - 86_400_000, zone);
  const guess = plain - before;
  if (offsetAt(guess, zone) === before) return guess;
  const after = offsetAt(plain + 86_400_000, zone);
  const later = plain - after;
  return offsetAt(later, zone) === after ? later : guess;
}

/** Midnight, in `zone`, of the day that `instant` is in. */
export function startOfDay(instant: number, zone: string): number {
  const { year, month, day } = toLocal(instant, zone);
  return fromLocal({ year, month, day }, zone);
}

/** Whether the name is one that this browser knows. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}
