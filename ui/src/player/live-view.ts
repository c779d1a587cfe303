// What a live tile may honestly say, from what has been seen and heard. Pure: events and `now` in.

/** What is known of a live stream. Times are in milliseconds of the server's clock. */
export interface LiveFacts {
  /** Since when the socket has been away, from its loss to the first word on a new one. */
  lostSince: number | undefined;
  /** What the server says of the camera. */
  camera: "unknown" | "live" | "waiting-for-key-frame" | "unplayable" | "no-signal";
  cameraSince: number;
  /** Why there is no signal, as gaps name their causes. */
  cause: string | undefined;
  /** The instant of the newest picture that was shown. */
  picture: number | undefined;
  /** When that was shown. */
  shownAt: number | undefined;
  /** The codec that this browser cannot play. */
  unsupported: string | undefined;
}

export type LiveView =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "late"; ms: number }
  | { kind: "key-frame" }
  | { kind: "no-signal"; since: number; cause: string | undefined }
  | { kind: "reconnecting"; since: number }
  /** The codec that cannot be played; not known when the server says so of all of them. */
  | { kind: "unsupported"; codec: string | undefined };

/** Pictures that are this old are late. */
export const LATE_MS = 2_500;
/** Without a new picture for this long nothing is live, whatever the server says. */
export const STILL_MS = 3_000;

export const noFacts = (now: number): LiveFacts => ({
  lostSince: undefined,
  camera: "unknown",
  cameraSince: now,
  cause: undefined,
  picture: undefined,
  shownAt: undefined,
  unsupported: undefined,
});

/** @param lead what the way of the pictures is behind by nature, in milliseconds: that is not late */
export function liveView(facts: LiveFacts, now: number, lead = 0): LiveView {
  if (facts.unsupported !== undefined) return { kind: "unsupported", codec: facts.unsupported };
  if (facts.camera === "unplayable") return { kind: "unsupported", codec: undefined };
  if (facts.lostSince !== undefined) return { kind: "reconnecting", since: facts.lostSince };
  if (facts.camera === "no-signal") {
    return { kind: "no-signal", since: facts.cameraSince, cause: facts.cause };
  }
  if (facts.camera === "waiting-for-key-frame" && facts.shownAt === undefined) {
    return { kind: "key-frame" };
  }
  if (facts.picture === undefined || facts.shownAt === undefined) return { kind: "connecting" };
  // A slow camera may send a picture every few seconds and still be live: both must be old.
  const late = now - facts.picture;
  if (now - facts.shownAt > STILL_MS + lead || late > LATE_MS + lead)
    return { kind: "late", ms: late };
  return { kind: "live" };
}
