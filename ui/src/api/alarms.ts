// What is wrong, and what was.

import { ask } from "./http";
import type { Alarm, AlarmsPage } from "./types";

/** The newest alarms: those that last, and those that are over. */
export async function listAlarms(limit: number): Promise<Alarm[]> {
  const page = await ask<AlarmsPage>("GET", "alarms", { query: { limit } });
  return page.alarms;
}

/** Those that last, whenever they began, newest first. */
export async function listLasting(): Promise<Alarm[]> {
  const page = await ask<AlarmsPage>("GET", "alarms", { query: { active: "true" } });
  return page.alarms;
}

/** One page of them; `cursor` is `next` of the page before. */
export function pageOfAlarms(cursor: string | undefined, limit: number): Promise<AlarmsPage> {
  return ask("GET", "alarms", { query: { cursor, limit } });
}
