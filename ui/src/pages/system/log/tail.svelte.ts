// The end of the log, as it grows.

import { type LogFilter, readLog } from "../../../api/logs";
import type { LogLine, LogPage } from "../../../api/types";

/** A line, or what is to be said between two. */
export type Entry = { key: string; line?: LogLine; lost?: number; restarted?: true };

/** Lines of one question. */
const PAGE = 300;
/** Lines that are shown to whoever follows. */
const SHOWN_MAX = 2000;
/** Lines that pile up below whoever reads further up, until they come back. */
const WAITING_MAX = 5000;
/** Questions in a row while lines come faster than they are read. */
const AT_ONCE = 10;

export class Tail {
  entries = $state.raw<Entry[]>([]);
  /** An answer came: no lines means that there are none. */
  known = $state(false);
  /** Why the last question had no answer. */
  problem = $state.raw<unknown>();
  /** Where older lines are asked for; `undefined` where there are none. */
  earlier = $state<number>();
  /** Lines that came since the reader left the end. */
  fresh = $state(0);
  busy = $state(false);
  private at = $state(true);
  private next: number | undefined;
  private asking = false;
  private readonly ending = new AbortController();

  constructor(readonly filter: LogFilter) {}

  /** Whether the reader is at the end and sees what comes. */
  get following(): boolean {
    return this.at;
  }

  set following(at: boolean) {
    this.at = at;
    if (at) this.fresh = 0;
  }

  get ended(): boolean {
    return this.ending.signal.aborted;
  }

  end(): void {
    this.ending.abort();
  }

  /** Asks what has come. What has no answer is asked again the next time. */
  async poll(): Promise<void> {
    if (this.asking || (!this.at && this.entries.length > WAITING_MAX)) return;
    this.asking = true;
    try {
      for (let i = 0; i < AT_ONCE; i++) {
        const place = this.next === undefined ? {} : { after: this.next };
        const page = await readLog(this.filter, place, PAGE, this.ending.signal);
        this.take(page);
        if (!page.more) break;
      }
      this.problem = undefined;
    } catch (error) {
      if (!this.ended) this.problem = error;
    } finally {
      this.asking = false;
    }
  }

  private take(page: LogPage): void {
    const first = this.next === undefined;
    this.next = page.next;
    this.known = true;
    if (first) this.earlier = page.earlier;
    const said: Entry[] = [];
    // In a log of which nothing was seen, nothing is missing.
    if (page.restarted && !first) said.push({ key: `restarted ${page.next}`, restarted: true });
    if (page.lost > 0) said.push({ key: `lost ${page.next}`, lost: page.lost });
    said.push(...page.lines.map(entry));
    if (said.length === 0) return;
    this.entries = [...this.entries, ...said];
    if (!this.at) this.fresh += page.lines.length;
    else if (this.entries.length > SHOWN_MAX) {
      this.entries = this.entries.slice(-SHOWN_MAX);
      this.earlier = this.entries.find(({ line }) => line)?.line?.number;
    }
  }

  /** Asks for the lines before. Throws what is to be said. */
  async older(): Promise<void> {
    if (this.earlier === undefined || this.busy) return;
    this.busy = true;
    try {
      const page = await readLog(this.filter, { before: this.earlier }, PAGE, this.ending.signal);
      this.entries = [...page.lines.map(entry), ...this.entries];
      this.earlier = page.earlier;
    } finally {
      this.busy = false;
    }
  }

  /** All lines that are kept and fit, also those that are not shown. */
  async all(): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    // Before any number that there is.
    let after = 0;
    for (;;) {
      const page = await readLog(this.filter, { after }, 500, this.ending.signal);
      lines.push(...page.lines);
      if (!page.more) return lines;
      after = page.next;
    }
  }
}

const entry = (line: LogLine): Entry => ({ key: String(line.number), line });
