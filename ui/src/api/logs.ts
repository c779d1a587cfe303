// What the recorder says of itself.

import { ask } from "./http";
import type { LogLevel, LogPage } from "./types";

/** Which lines are wanted. */
export interface LogFilter {
  level?: LogLevel | undefined;
  camera?: string | undefined;
  text?: string | undefined;
}

/** Lines of the log, oldest first: the newest, or those on one side of a line's number. */
export function readLog(
  filter: LogFilter,
  place: { after?: number; before?: number },
  limit: number,
  signal?: AbortSignal,
): Promise<LogPage> {
  return ask("GET", "logs", { query: { ...filter, ...place, limit }, signal });
}
