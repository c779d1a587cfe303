// The recorder that runs beside all files (shared-setup.ts).

import { inject } from "vitest";
import type { Shared } from "./shared-setup";

export function sharedRecorder(): Shared {
  return inject("shared");
}
