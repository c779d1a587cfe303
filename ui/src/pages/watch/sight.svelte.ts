// Which piece of time the ruler shows, and how it keeps the playhead in sight.

import { session } from "../../state/session.svelte";
import type { View } from "../../timeline/view";

/** The first window onto time, when the address names none. */
const SPAN_MS = 10 * 60_000;
/** Of a first day's footage: a hand can still take a second of it. */
const SPAN_MS_MIN = 2 * 60_000;
const SPAN_MS_MAX = 2 * 3_600_000;
/** Where now stands in a window that shows it: some room behind it shows that time goes on. */
const NOW_SHARE = 0.94;
/** After a hand was on the ruler, it does not move by itself for so long. */
const REST_MS = 4_000;

/** What is watched, as far as the ruler follows it. */
export interface Followed {
  readonly time: number;
  readonly now: number;
  readonly live: boolean;
  readonly playing: boolean;
  readonly scrubbing: boolean;
  /** Where footage begins; undefined without any. */
  readonly oldest: number | undefined;
}

export class Sight {
  view = $state.raw<View>({ center: session.now(), msPerPx: 0 });
  /** Width of the ruler in pixels, from the page. */
  width = $state(0);
  /** The playhead stands in the middle, and time moves under it. */
  locked = $state(false);
  private touchedAt = 0;
  private wantedSpan: number | undefined;

  constructor(private of: Followed) {}

  /** Seconds that are shown; undefined before the ruler has a width. */
  get seconds(): number | undefined {
    if (this.width === 0) return undefined;
    return Math.max(1, Math.round((this.view.msPerPx * this.width) / 1000));
  }

  /** The window that an address names. */
  want(seconds: number): void {
    const named = seconds > 0;
    this.wantedSpan = named ? seconds * 1000 : undefined;
    if (named && this.width > 0)
      this.view = { ...this.view, msPerPx: (seconds * 1000) / this.width };
  }

  /** Sets the first window, as soon as the ruler has a width. */
  setWidth(width: number): void {
    if (width <= 0 || width === this.width) return;
    const first = this.width === 0;
    this.width = width;
    if (!first) return;
    const span = this.wantedSpan ?? this.firstSpan();
    this.view = { center: this.of.time, msPerPx: span / width };
    if (this.of.live) this.follow(true);
  }

  private firstSpan(): number {
    const { oldest } = this.of;
    if (oldest === undefined) return SPAN_MS;
    const recorded = session.now() - oldest;
    return Math.min(Math.max(recorded * 1.25, SPAN_MS_MIN), SPAN_MS_MAX);
  }

  /** A hand is on the ruler. */
  touch(): void {
    this.touchedAt = performance.now();
  }

  /** To now, whatever a hand did. */
  home(): void {
    this.touchedAt = 0;
    this.follow(true);
  }

  /** Keeps the playhead in sight while time goes on. */
  follow(atOnce: boolean): void {
    if (this.width === 0) return;
    const { time, now, live, playing, scrubbing } = this.of;
    if (this.locked) {
      if (!scrubbing && time !== this.view.center) this.view = { ...this.view, center: time };
      return;
    }
    if (!atOnce && performance.now() - this.touchedAt < REST_MS) return;
    const half = (this.width / 2) * this.view.msPerPx;
    // Who has looked away looks at something: only what is in sight is kept there.
    const off = time - this.view.center;
    if (!atOnce && Math.abs(off) > half * 1.05) return;
    if (live) {
      const center = now - half * (2 * NOW_SHARE - 1);
      this.view = { ...this.view, center };
    } else if (playing && !scrubbing && off > half * 0.8) {
      this.view = { ...this.view, center: time - half * 0.8 };
    }
  }
}
