// What is kept whatever the rules for removing say.

import type { StreamName } from "./footage";
import { ask, at } from "./http";

const path = ({ camera, stream }: StreamName) => at`cameras/${camera}/streams/${stream}/protected`;
const whole = ({ from, to }: { from: number; to: number }) => ({
  from: Math.floor(from),
  to: Math.ceil(to),
});

/** Whole segments stay that the range touches. */
export function protectRange(of: StreamName, range: { from: number; to: number }): Promise<void> {
  return ask("PUT", path(of), { query: whole(range) });
}

export function unprotectRange(of: StreamName, range: { from: number; to: number }): Promise<void> {
  return ask("DELETE", path(of), { query: whole(range) });
}
