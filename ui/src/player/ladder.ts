// How live pictures come: by the best way that works here, and back to it when it works again. Pure.

/** From best to last: a socket's segments, HLS, one picture after another. */
export type Step = "socket" | "hls" | "stills";

/** Why it is not the best way. */
export type Reason = "blocked" | "media" | "codec" | "pictures" | "hls";

export interface Standing {
  step: Step;
  reason?: Reason;
}

/** What the browser can do. */
export interface Abilities {
  /** Media Source Extensions. */
  media: boolean;
  /** Plays playlists by itself. */
  playlists: boolean;
}

/** What a stream sends: what this browser can decode, what it cannot, single pictures. */
export type Sent = "playable" | "unplayable" | "pictures";

const stills = (reason: Reason): Standing => ({ step: "stills", reason });

/** Where to begin. `blocked`: another tile has just found that no socket gets through. */
export function firstStep(can: Abilities, sent: Sent, blocked: boolean): Standing {
  if (sent === "pictures") return stills("pictures");
  if (sent === "unplayable") return stills("codec");
  if (can.media && !blocked) return { step: "socket" };
  return down({ step: "socket" }, can.media ? "blocked" : "media", can);
}

/** The next way after one has failed for this reason. */
export function down(from: Standing, reason: Reason, can: Abilities): Standing {
  const more = reason === "blocked" || reason === "media";
  if (from.step === "socket" && more && (can.media || can.playlists))
    return { step: "hls", reason };
  return stills(reason);
}

/** After how long to look whether a better way works now; undefined where only a new page can. */
export function climbAfterMs({ step, reason }: Standing): number | undefined {
  if (step === "socket") return undefined;
  switch (reason) {
    case "blocked":
      return 15_000;
    case "hls":
      return 30_000;
    case "codec":
      return 300_000;
    default:
      return undefined;
  }
}
