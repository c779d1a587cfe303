// The one-time token, as people paste it: alone, with its link, or with the whole line of the log.

export function tokenIn(pasted: string): string {
  return /[#&?]token=([^&\s]+)/.exec(pasted)?.[1] ?? pasted.trim();
}
