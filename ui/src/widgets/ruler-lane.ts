// What a ruler shows, as far as the page needs to know.

import type { Known } from "../timeline/footage";

/** One line of footage. Where it comes from is the page's business. */
export interface RulerLane {
  key: string;
  active: boolean;
  spans(from: number, to: number, msPerPx: number): Known;
}

/** What a drag does: moves the paper, moves the playhead, or the paper under a fixed playhead. */
export type DragMode = "pan" | "scrub" | "locked";

/** Pixels of the ruler's head, with days and times. */
export const HEAD_PX = 46;
