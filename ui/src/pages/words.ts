// Why something did not work, in words.

import { ApiError } from "../api/http";
import { problemText } from "../texts";

/** `words` are the reader's where the place says more than the kind of problem. */
export function wordsOf(error: unknown, words?: string): string {
  if (error instanceof ApiError) return problemText(error.problem, words);
  return error instanceof Error ? error.message : String(error);
}
