// Each file runs in Chromium, in Firefox or in both: `vitest.e2e.config.ts` says which.

import { it } from "vitest";

export const inFirefox = process.env.E2E_BROWSER === "firefox";

/** In a file for both browsers, a test that one of them is enough for: it is about what the recorder
 * answers and about what the page makes of that, which is the same words in each. Chromium has it. */
export const once = it.skipIf(inFirefox);
