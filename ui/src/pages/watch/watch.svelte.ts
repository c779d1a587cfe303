// What is watched: live or an instant of the past, which cameras, how fast; and its address.

import type { Watching } from "../../actions/watch";
import type { Camera } from "../../api/types";
import { PlaybackGroup } from "../../player/group";
import { aspectOf, cameras } from "../../state/cameras.svelte";
import { notices } from "../../state/notices.svelte";
import { go, type Query, route } from "../../state/router.svelte";
import { session } from "../../state/session.svelte";
import { t } from "../../texts";
import type { View } from "../../timeline/view";

/** The first window onto time, when the address names none. */
const SPAN_MS_MIN = 10 * 60_000;
const SPAN_MS_MAX = 2 * 3_600_000;
/** Where now stands in a window that shows it: some room behind it shows that time goes on. */
const NOW_SHARE = 0.94;
/** After a hand was on the ruler, it does not move by itself for so long. */
const REST_MS = 4_000;
const URL_MS = 700;

export class Watch implements Watching {
  /** The instant that is seen. While live, now. */
  time = $state(session.now());
  now = $state(session.now());
  live = $state(true);
  playing = $state(true);
  rate = $state(1);
  muted = $state(true);
  scrubbing = $state(false);
  fullScreen = $state(false);
  asking = $state(false);
  focus = $state<string>();
  /** Cameras chosen by address; all when undefined. */
  chosen = $state.raw<string[] | undefined>(undefined);
  mark = $state.raw<{ from: number | undefined; to: number | undefined }>(NO_MARK);
  view = $state.raw<View>({ center: session.now(), msPerPx: 0 });
  /** Width of the ruler in pixels, from the page. */
  width = $state(0);
  locked = $state(false);
  zoomBy: (factor: number) => void = () => {};
  stage: HTMLElement | undefined;

  readonly cameras = $derived(
    this.chosen ? cameras.list.filter(({ slug }) => this.chosen?.includes(slug)) : cameras.list,
  );
  readonly shown = $derived(
    this.focus ? this.cameras.filter(({ slug }) => slug === this.focus) : this.cameras,
  );
  readonly posture = $derived(route.page === "timeline" ? "timeline" : "live");
  readonly marked = $derived(this.mark.from !== undefined || this.mark.to !== undefined);
  readonly earliest = $derived.by(() => {
    void cameras.footageVersion;
    const starts = cameras.list.flatMap(({ streams }) =>
      streams.flatMap(({ recorded }) => (recorded ? [Date.parse(recorded.from)] : [])),
    );
    return Math.min(session.now() - SPAN_MS_MIN, ...starts);
  });

  readonly group = new PlaybackGroup({
    skipped: (ms) => notices.tell(t.timeline.skipped(ms)),
    edge: () => this.goLive(),
    ended: () => this.pause(),
  });

  private frame = 0;
  private touchedAt = 0;
  private urlTimer: ReturnType<typeof setTimeout> | undefined;
  private written = "";

  constructor() {
    this.read(route.query);
    const tick = (at: number) => {
      this.frame = requestAnimationFrame(tick);
      this.tick(at);
    };
    this.frame = requestAnimationFrame(tick);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.urlTimer);
    this.group.pause();
  }

  // --- the address ----------------------------------------------------------------------------

  /** Takes up an address that was not written here: a link, a bookmark, the back button. */
  read(query: Query): void {
    if (JSON.stringify(query) === this.written) return;
    this.written = JSON.stringify(query);
    this.focus = query.focus;
    this.chosen = query.cams?.split(",");
    const at = query.at ? Date.parse(query.at) : Number.NaN;
    if (route.page === "timeline" && !Number.isNaN(at)) {
      const playing = query.play === "1";
      this.seek(Math.min(at, session.now()), { playing });
    } else this.beLive();
    const span = Number(query.span);
    if (span > 0 && this.width > 0)
      this.view = { ...this.view, msPerPx: (span * 1000) / this.width };
    this.wantedSpan = span > 0 ? span * 1000 : undefined;
    this.group.prefer(this.focus);
  }

  private wantedSpan: number | undefined;

  private query(): Record<string, string | undefined> {
    const timeline = this.posture === "timeline";
    return {
      focus: this.focus,
      cams: this.chosen?.join(","),
      at: timeline && !this.live ? new Date(Math.round(this.time)).toISOString() : undefined,
      span:
        timeline && this.width > 0
          ? String(Math.max(1, Math.round((this.view.msPerPx * this.width) / 1000)))
          : undefined,
    };
  }

  private write(replace: boolean): void {
    clearTimeout(this.urlTimer);
    this.urlTimer = undefined;
    const query = this.query();
    this.written = JSON.stringify(
      Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)),
    );
    go(this.posture, query, { replace });
  }

  /** Writes the address a little later, once for many changes. */
  noteAddress(): void {
    this.urlTimer ??= setTimeout(() => this.write(true), URL_MS);
  }

  // --- time -----------------------------------------------------------------------------------

  /** Sets the first window, as soon as the ruler has a width. */
  setWidth(width: number): void {
    if (width <= 0 || width === this.width) return;
    const first = this.width === 0;
    this.width = width;
    if (!first) return;
    const span = this.wantedSpan ?? this.firstSpan();
    this.view = { center: this.time, msPerPx: span / width };
    if (this.live) this.follow(true);
  }

  private firstSpan(): number {
    const recorded = session.now() - this.earliest;
    return Math.min(Math.max(recorded * 1.25, SPAN_MS_MIN), SPAN_MS_MAX);
  }

  private tick(at: number): void {
    this.now = session.now();
    if (this.live) this.time = this.now;
    else {
      this.group.tick(at);
      if (!this.scrubbing) this.time = this.group.time;
    }
    this.follow(false);
    if (!this.live && this.playing) this.noteAddress();
  }

  /** A hand is on the ruler. */
  touched = (): void => {
    this.touchedAt = performance.now();
    this.noteAddress();
  };

  /** Keeps the playhead in sight while time goes on. */
  private follow(atOnce: boolean): void {
    if (this.width === 0) return;
    if (this.locked) {
      if (!this.scrubbing) this.view = { ...this.view, center: this.time };
      return;
    }
    if (!atOnce && performance.now() - this.touchedAt < REST_MS) return;
    const half = (this.width / 2) * this.view.msPerPx;
    // Who has looked away looks at something: only what is in sight is kept there.
    const off = this.time - this.view.center;
    if (!atOnce && Math.abs(off) > half * 1.05) return;
    if (this.live) {
      const center = this.now - half * (2 * NOW_SHARE - 1);
      this.view = { ...this.view, center };
    } else if (this.playing && !this.scrubbing && off > half * 0.8) {
      this.view = { ...this.view, center: this.time - half * 0.8 };
    }
  }

  private beLive(): void {
    this.live = true;
    this.playing = true;
    this.group.pause();
    this.time = session.now();
  }

  goLive(): void {
    this.touchedAt = 0;
    this.setRate(1);
    this.beLive();
    this.follow(true);
    this.write(true);
  }

  seek(time: number, { playing = this.playing, scrubbing = false } = {}): void {
    if (!scrubbing && time > session.now() - 1_500) {
      if (!this.live) this.goLive();
      return;
    }
    this.live = false;
    this.scrubbing = scrubbing;
    this.time = time;
    this.group.seek(time, scrubbing);
    if (scrubbing) return;
    this.playing = playing;
    if (playing) this.group.play();
    else this.group.pause();
  }

  /** From here on, in the timeline. */
  playFrom(time: number, camera?: string): void {
    if (camera && this.focus && camera !== this.focus) this.setFocus(camera);
    const was = this.posture;
    this.seek(time, { playing: true });
    if (was === "live" && !this.live) this.enterTimeline();
    else this.noteAddress();
  }

  scrub(time: number, phase: "start" | "move" | "end"): void {
    if (phase === "start") {
      this.resume = this.playing;
      this.group.pause();
      if (this.posture === "live") this.enterTimeline();
    }
    if (phase === "end") this.seek(time, { playing: this.resume });
    else this.seek(time, { scrubbing: true });
    this.noteAddress();
  }

  private resume = true;

  /** From Live into the past: the same page, its other posture. */
  private enterTimeline(): void {
    this.live = false;
    const query = { ...this.query(), at: new Date(Math.round(this.time)).toISOString() };
    this.written = JSON.stringify(
      Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)),
    );
    go("timeline", query);
  }

  toggle(): void {
    if (this.live) {
      // Holding the live picture means looking at what just passed.
      this.seek(session.now() - 2_000, { playing: false });
      if (this.posture === "live") this.enterTimeline();
    } else if (this.playing) this.pause();
    else {
      this.playing = true;
      this.group.seek(this.time);
      this.group.play();
    }
  }

  private pause(): void {
    this.playing = false;
    this.group.pause();
    this.noteAddress();
  }

  skip(ms: number): void {
    this.moveTo((this.live ? session.now() : this.time) + ms);
  }

  /** Elsewhere in time; playing goes on, or not, as it was. */
  moveTo(time: number): void {
    const was = this.posture;
    this.seek(time);
    if (was === "live" && !this.live) this.enterTimeline();
    else this.noteAddress();
  }

  step(by: number): void {
    this.playing = false;
    this.group.pause();
    this.group.step(by);
    this.noteAddress();
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.group.setRate(rate);
  }

  zoom(factor: number): void {
    this.zoomBy(factor);
  }

  // --- what is shown ----------------------------------------------------------------------------

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  setFocus(camera: string | undefined): void {
    this.focus = camera;
    this.group.prefer(camera);
    this.write(false);
  }

  /** Shows or hides a camera among the others. */
  toggleCamera(camera: Camera): void {
    const all = cameras.list.map(({ slug }) => slug);
    const chosen = this.chosen ?? all;
    const next = chosen.includes(camera.slug)
      ? chosen.filter((slug) => slug !== camera.slug)
      : all.filter((slug) => slug === camera.slug || chosen.includes(slug));
    if (next.length === 0) return;
    this.chosen = next.length === all.length ? undefined : next;
    if (this.focus && !next.includes(this.focus)) this.focus = undefined;
    this.write(true);
  }

  aspect = aspectOf;

  toggleFullScreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.stage?.requestFullscreen?.();
  }

  markHere(side: "from" | "to"): void {
    const other = side === "from" ? "to" : "from";
    const kept = this.mark[other];
    const wrong = kept !== undefined && (side === "from" ? kept <= this.time : kept >= this.time);
    this.mark = { ...NO_MARK, [other]: wrong ? undefined : kept, [side]: this.time };
  }

  clearMark(): void {
    this.mark = NO_MARK;
  }

  askTime(): void {
    this.asking = true;
  }
}

const NO_MARK = { from: undefined, to: undefined };
