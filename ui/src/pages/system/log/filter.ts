// Which lines of the log are shown, as the address says it.

import type { LogFilter } from "../../../api/logs";
import type { LogLevel } from "../../../api/types";
import type { Query } from "../../../state/router.svelte";

export const LEVELS = ["debug", "info", "warn", "error"] as const satisfies LogLevel[];
/** Letters of a text that the recorder looks for. */
export const TEXT_MAX = 200;

export function readFilter({ level, camera, text }: Query): LogFilter {
  const known = LEVELS.find((one) => one === level && one !== "debug");
  return {
    level: known,
    camera: camera || undefined,
    text: text?.slice(0, TEXT_MAX) || undefined,
  };
}

/** Whether it leaves anything out. */
export const isNarrow = ({ level, camera, text }: LogFilter) =>
  level !== undefined || camera !== undefined || text !== undefined;
