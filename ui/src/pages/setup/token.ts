// The one-time token, as people paste it: alone, with its link, or with the whole line of the log.
// It is of base64url's letters alone: what a log puts around the link is no part of it.

export function tokenIn(pasted: string): string {
  return /[#&?]token=([\w-]+)/.exec(pasted)?.[1] ?? pasted.trim();
}
