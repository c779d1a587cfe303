// The address bar of what is watched: read where somebody else wrote it, and written a little later.

import { go, type Page, type Query } from "../../state/router.svelte";

const URL_MS = 700;

type Wanted = Record<string, string | undefined>;

export class Address {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private written = "";
  private ended = false;

  constructor(
    private page: () => Page,
    private query: () => Wanted,
  ) {}

  /** Whether it was not written here: a link, a bookmark, the back button. */
  isNews(query: Query): boolean {
    const text = JSON.stringify(query);
    if (text === this.written) return false;
    this.written = text;
    return true;
  }

  write(replace: boolean): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    // The person is elsewhere: an answer that comes now leads nobody back.
    if (!this.ended) this.go(this.page(), this.query(), replace);
  }

  /** The same page in its other posture. */
  enter(page: Page, query: Wanted): void {
    this.go(page, query, false);
  }

  /** Writes it a little later, once for many changes. */
  note(): void {
    if (!this.ended) this.timer ??= setTimeout(() => this.write(true), URL_MS);
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private go(page: Page, query: Wanted, replace: boolean): void {
    const said = Object.entries(query).filter(([, value]) => value !== undefined);
    this.written = JSON.stringify(Object.fromEntries(said));
    go(page, query, { replace });
  }
}
