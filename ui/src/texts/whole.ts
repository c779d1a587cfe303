// A language in two parts: what the first pages say, and what only the pages behind them say.

import type { First } from "./en";
import type { Later } from "./en/later";

/** `later` is a part of `first` from then on. */
export function makeWhole(first: First, later: Later): void {
  const { manage, system, ...pages } = later;
  Object.assign(first, pages);
  Object.assign(first.manage, manage);
  Object.assign(first.system, system);
}
