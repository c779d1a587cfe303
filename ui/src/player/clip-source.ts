// What a player of recorded footage asks for, and what it says of itself.

import type { FrameTable } from "./frames";
import type { Piece, Plan } from "./plan";
import type { ReverseSource } from "./reverse";
import type { ScrubSource } from "./scrub";

/** Where the pieces come from. */
export interface ClipSource {
  plan(time: number, length: number): Promise<Plan>;
  url(piece: Piece): string;
  /** The instants of all pictures of a piece. */
  frames(piece: Piece): Promise<FrameTable>;
  /** The last `length` or less of the footage before `time`. */
  before(time: number, length: number): Promise<Piece | undefined>;
  /** The gap that `time` is known to be in, without asking. */
  gapAt(time: number): { from: number; to: number } | undefined;
  /** Pictures for a hand that drags. */
  scrub: ScrubSource;
  /** What playing backwards needs beside. */
  reverse: ReverseSource;
}

export type ClipState =
  /** Nothing asked for yet, or a first picture is on its way. */
  | { kind: "loading" }
  | { kind: "ready" }
  | { kind: "gap"; from: number | undefined; until: number | undefined }
  | { kind: "edge" }
  | { kind: "failed" }
  /** The footage of this piece is there, and the browser has no use for it. */
  | { kind: "unplayable"; piece: Piece };
