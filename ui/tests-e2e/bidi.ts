// Firefox's own WebDriver BiDi, below Playwright, for what Playwright leaves out there without a word.

import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";

interface Session {
  sessionId: string;
  send(method: string, params: object): Promise<unknown>;
  prependListener(event: string, listener: (told: Download) => void): void;
}

interface Download {
  url: string;
  navigation: string | null;
  download?: string;
}

/** Playwright's side of a page that it drives over BiDi: it hands out no session of its own. */
interface Driver {
  _session: Session;
  rawTouchscreen: { tap(progress: unknown, x: number, y: number): Promise<void> };
}

export function driverOf(page: Page): Driver {
  const { _connection } = page as unknown as {
    _connection: { toImpl?(of: Page): { delegate?: Partial<Driver> } };
  };
  const driver = _connection.toImpl?.(page).delegate;
  if (!driver?._session || !driver.rawTouchscreen) {
    throw new Error("this version of Playwright keeps its BiDi session elsewhere: see bidi.ts");
  }
  return driver as Driver;
}

/** Has Playwright tell of files that the page made itself, too: it drops a download that no
 * navigation began. */
export function enableDownloads(page: Page): void {
  const { _session: session } = driverOf(page);
  const ids = new Map<string, string>();
  const name = (told: Download) => {
    if (told.navigation || told.download) return;
    const id = ids.get(told.url) ?? randomUUID();
    ids.set(told.url, id);
    told.download = id;
  };
  session.prependListener("browsingContext.downloadWillBegin", name);
  session.prependListener("browsingContext.downloadEnd", name);
}
