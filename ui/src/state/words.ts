// What went wrong, in words.

import { ApiError } from "../api/http";
import { problemText } from "../texts";

/** What happened and the way on, for whatever was thrown while the server was asked. */
export function words(error: unknown): string {
  return problemText(error instanceof ApiError ? error.problem : { type: "unexpected" });
}
