// What is wrong with the recorder, kept up to date.

import { listAlarms } from "../api/alarms";
import type { Alarm } from "../api/types";

/** So often the list is asked for. */
const REFRESH_MS = 10_000;
/** Alarms that are shown; whoever wants older ones asks the API. */
const SHOWN = 50;

class Alarms {
  list = $state.raw<Alarm[]>([]);
  /** Those that last, newest first. */
  readonly lasting = $derived(this.list.filter((alarm) => !alarm.ended));
  private timer: ReturnType<typeof setInterval> | undefined;

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
    this.list = [];
  }

  async refresh(): Promise<void> {
    try {
      this.list = await listAlarms(SHOWN);
    } catch {
      // A recorder that is out of reach is said elsewhere; what was known stays.
    }
  }
}

export const alarms = new Alarms();
