// What is wrong with the recorder, kept up to date.

import { listAlarms, listLasting } from "../api/alarms";
import type { Alarm } from "../api/types";

/** So often the list is asked for. */
const REFRESH_MS = 10_000;
/** Alarms that are shown; whoever wants older ones asks the API. */
const SHOWN = 50;

class Alarms {
  /** Those that last, newest first. */
  lasting = $state.raw<Alarm[]>([]);
  private newest = $state.raw<Alarm[]>([]);
  /** The newest, and behind them what has lasted for longer; each once. */
  readonly list = $derived.by(() => {
    const known = new Set(this.newest.map(({ id }) => id));
    return [...this.newest, ...this.lasting.filter(({ id }) => !known.has(id))];
  });
  /** An answer came: an empty list says that nothing is wrong. */
  known = $state(false);
  /** The last question was not answered: what is known may be over, and more may be wrong. */
  failed = $state(false);
  private timer: ReturnType<typeof setInterval> | undefined;
  /** Questions are counted: an answer that an end or a later one has overtaken is dropped. */
  private asked = 0;
  private heard = 0;

  start(): void {
    if (this.timer !== undefined) return;
    void this.refresh();
    this.timer = setInterval(() => {
      if (document.visibilityState === "visible") void this.refresh();
    }, REFRESH_MS);
  }

  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.heard = ++this.asked;
    this.lasting = [];
    this.newest = [];
    this.known = false;
    this.failed = false;
  }

  async refresh(): Promise<void> {
    const turn = ++this.asked;
    const answer = await Promise.all([listAlarms(SHOWN), listLasting()]).catch(() => undefined);
    if (turn < this.heard) return;
    this.heard = turn;
    this.failed = answer === undefined;
    if (!answer) return;
    [this.newest, this.lasting] = answer;
    this.known = true;
  }
}

export const alarms = new Alarms();
