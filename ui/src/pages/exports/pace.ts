// How fast an export grows, and when it will be there.

/** A rate over less than this jumps about. */
const WINDOW_MS = 10_000;
const LEAST_MS = 900;

interface Sample {
  at: number;
  bytes: number;
}

/** What was seen of one export, newest last. */
export type Samples = readonly Sample[];

/** The same with what is seen now; what is older than a rate needs goes. */
export function seen(samples: Samples, at: number, bytes: number): Samples {
  const last = samples.at(-1);
  // Begun anew, after a restart.
  const known = last && bytes < last.bytes ? [] : samples;
  return [...known.filter((sample) => at - sample.at <= WINDOW_MS), { at, bytes }];
}

/** Bytes a second; undefined until enough was seen. */
export function rateOf(samples: Samples): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < LEAST_MS) return undefined;
  return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
}

/** Milliseconds until `all` bytes are written. */
export function leftOf(samples: Samples, all: number): number | undefined {
  const rate = rateOf(samples);
  const written = samples.at(-1)?.bytes ?? 0;
  return rate ? ((all - written) / rate) * 1000 : undefined;
}
