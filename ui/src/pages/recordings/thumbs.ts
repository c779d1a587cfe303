// Small pictures of rows. Only those in sight are asked for, a few at a time, and each once: one
// worker of the recorder may draw for all who look at it.

import { ApiError } from "../../api/http";

export interface Want {
  camera: string;
  /** In milliseconds since 1970. */
  at: number;
}

/** At once: while one is drawn the next is read. */
const AT_ONCE = 2;
/** What only flies past is not asked for. */
const REST_MS = 120;
const KEPT = 400;
/** The recorder has enough to do, or does not answer. */
const WAIT_MS = 1_000;
const WAIT_MS_MAX = 15_000;

interface Waiting extends Want {
  show: Set<(url: string | undefined) => void>;
  since: number;
}

export const keyOf = ({ camera, at }: Want) => `${camera} ${at}`;

export class Thumbs {
  /** Addresses by key, those seen longest ago first; undefined: there is no picture. */
  private kept = new Map<string, string | undefined>();
  private waiting = new Map<string, Waiting>();
  private running = 0;
  private wait = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly over = new AbortController();

  constructor(private load: (want: Want, signal: AbortSignal) => Promise<Blob>) {}

  /** What is known of it already. */
  known(want: Want): string | undefined {
    const url = this.kept.get(keyOf(want));
    if (url !== undefined) this.keep(keyOf(want), url);
    return url;
  }

  /** It came into sight: `show` hears its address. Until the returned function is called. */
  see(want: Want, show: (url: string | undefined) => void): () => void {
    const key = keyOf(want);
    if (this.kept.has(key)) {
      show(this.known(want));
      return () => {};
    }
    const waiting = this.waiting.get(key) ?? { ...want, show: new Set(), since: performance.now() };
    waiting.show.add(show);
    this.waiting.set(key, waiting);
    this.later(REST_MS);
    return () => {
      waiting.show.delete(show);
      if (waiting.show.size === 0 && this.waiting.get(key) === waiting) this.waiting.delete(key);
    };
  }

  /** Gives all of them back. */
  end(): void {
    this.over.abort();
    clearTimeout(this.timer);
    this.waiting.clear();
    for (const url of this.kept.values()) if (url) URL.revokeObjectURL(url);
    this.kept.clear();
  }

  private later(ms: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.next();
    }, ms);
  }

  private next(): void {
    if (this.timer !== undefined || this.over.signal.aborted) return;
    for (const [key, waiting] of this.waiting) {
      if (this.running >= AT_ONCE) return;
      const rest = REST_MS - (performance.now() - waiting.since);
      if (rest > 0) {
        this.later(rest);
        return;
      }
      this.waiting.delete(key);
      void this.ask(key, waiting);
    }
  }

  private async ask(key: string, waiting: Waiting): Promise<void> {
    this.running++;
    try {
      const url = URL.createObjectURL(await this.load(waiting, this.over.signal));
      if (this.over.signal.aborted) {
        URL.revokeObjectURL(url);
        return;
      }
      this.wait = 0;
      this.keep(key, url);
      for (const show of waiting.show) show(url);
    } catch (error) {
      if (this.over.signal.aborted) return;
      const status = error instanceof ApiError ? error.problem.status : 404;
      if (status !== 0 && status < 500) this.keep(key, undefined);
      else this.again(key, waiting);
    } finally {
      this.running--;
      this.next();
    }
  }

  /** All wait a while: whoever is turned away is not to press harder. */
  private again(key: string, waiting: Waiting): void {
    this.wait = Math.min(WAIT_MS_MAX, this.wait === 0 ? WAIT_MS : this.wait * 2);
    if (waiting.show.size > 0) this.waiting = new Map([[key, waiting], ...this.waiting]);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.later(this.wait);
  }

  private keep(key: string, url: string | undefined): void {
    this.kept.delete(key);
    this.kept.set(key, url);
    for (const [oldest, old] of this.kept) {
      if (this.kept.size <= KEPT) break;
      // What shows it goes on showing it.
      if (old) URL.revokeObjectURL(old);
      this.kept.delete(oldest);
    }
  }
}
