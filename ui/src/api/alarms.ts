// What is wrong, and what was.

import { ask } from "./http";
import type { Alarm, AlarmsPage } from "./types";

/** The newest alarms: those that last, and those that are over. */
export async function listAlarms(limit: number): Promise<Alarm[]> {
  const page = await ask<AlarmsPage>("GET", "alarms", { query: { limit } });
  return page.alarms;
}
