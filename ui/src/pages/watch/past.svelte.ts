// What recorded pictures need, with their players: what is live is seen first, and needs none of it.

import { Part } from "./part.svelte";

/** What is live has had its first pictures by then. */
const QUIET_MS = 5_000;

export const past = new Part(() => import("./recorded"));

/** Has it come once it is quiet: whoever goes back in time then waits for nothing. */
export function needPastSoon(): () => void {
  const timer = setTimeout(() => past.need(), QUIET_MS);
  return () => clearTimeout(timer);
}
