// What an export proves, in one word.

import type { Verdict } from "./verify";

/** Whole, and signed with another key than is known, or with one that this browser cannot ask. */
export type Standing = "bad" | "unsigned" | "other" | "whole";

/** `own` is the key that is known from elsewhere: an export's proves the export with itself. */
export function standingOf(
  { wrong, signature, manifest }: Pick<Verdict, "wrong" | "signature" | "manifest">,
  own: string | undefined,
): Standing {
  if (wrong.length > 0 || signature === "bad") return "bad";
  if (signature === "unknown") return "unsigned";
  return manifest.public_key === own ? "whole" : "other";
}
