// Shows one picture after another, where nothing better works.

import { type LiveFacts, type LiveView, liveView, noFacts } from "./live-view";

export interface LoadedStill {
  picture: Blob;
  /** The instant of the picture. */
  at: number | undefined;
}

const EVERY_MS = 2_000;
/** When the server has too much to do, or answers otherwise than with a picture. */
const EVERY_MS_MAX = 10_000;
/** A still is that of the last key frame which is safe: some seconds old by nature. */
const LEAD_MS = 8_000;

interface Listener {
  view(view: LiveView): void;
  /** The next picture; the address lives until the one after it. */
  still(still: { url: string; at: number }): void;
  /** Seconds from picture to picture. */
  every(seconds: number): void;
}

export class StillsPlayer {
  private facts: LiveFacts;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked: AbortController | undefined;
  private url: string | undefined;
  private wait = EVERY_MS;
  private over = false;

  constructor(
    private load: (signal: AbortSignal) => Promise<LoadedStill>,
    private now: () => number,
    private listener: Listener,
    /** What cannot be played, to be said when there are no stills either. */
    private codec: { name: string | undefined } | undefined,
  ) {
    this.facts = noFacts(now());
    this.listener.every(EVERY_MS / 1000);
    void this.next();
  }

  /** The last picture's address is left to whoever still shows it: `forget` takes it back. */
  destroy(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.asked?.abort();
  }

  forget(): void {
    if (this.url) URL.revokeObjectURL(this.url);
  }

  get shown(): number | undefined {
    return this.facts.picture;
  }

  private async next(): Promise<void> {
    const begun = performance.now();
    this.asked = new AbortController();
    try {
      const { picture, at } = await this.load(this.asked.signal);
      if (this.over) return;
      const old = this.url;
      this.url = URL.createObjectURL(picture);
      this.facts.picture = at ?? this.now();
      this.facts.shownAt = this.now();
      this.facts.camera = "live";
      this.facts.lostSince = undefined;
      this.facts.unsupported = undefined;
      this.pace(EVERY_MS);
      this.listener.still({ url: this.url, at: this.facts.picture });
      // The picture before is on the screen until this one is decoded.
      if (old) setTimeout(() => URL.revokeObjectURL(old), 1_000);
    } catch {
      if (this.over) return;
      this.pace(Math.min(this.wait * 2, EVERY_MS_MAX));
      if (this.facts.picture === undefined && this.codec) {
        this.facts.camera = "unplayable";
        this.facts.unsupported = this.codec.name;
      } else this.facts.lostSince ??= this.now();
    }
    this.listener.view(liveView(this.facts, this.now(), LEAD_MS));
    const took = performance.now() - begun;
    this.timer = setTimeout(() => this.next(), Math.max(this.wait / 2, this.wait - took));
  }

  private pace(wait: number): void {
    if (wait === this.wait) return;
    this.wait = wait;
    this.listener.every(wait / 1000);
  }
}
