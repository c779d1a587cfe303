// Recording on demand.

import { ask, at } from "./http";
import type { Camera } from "./types";

/** For how long from now on: `10m`. */
export function recordNow(camera: string, length: string, streams: string[]): Promise<Camera> {
  return ask("POST", at`cameras/${camera}/record`, { body: { for: length, streams } });
}

/** As its settings say, from now on. */
export function recordAsSet(camera: string): Promise<Camera> {
  return ask("DELETE", at`cameras/${camera}/record`);
}
