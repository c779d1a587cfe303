// What is watched: live or an instant of the past, which cameras, how fast; and its address.

import { faster, type Watching } from "../../actions/watch";
import type { Camera } from "../../api/types";
import { PlaybackGroup } from "../../player/group";
import { aspectOf, cameras } from "../../state/cameras.svelte";
import { lanes } from "../../state/lanes.svelte";
import { notices } from "../../state/notices.svelte";
import { go, type Query, route } from "../../state/router.svelte";
import { session } from "../../state/session.svelte";
import { t } from "../../texts";
import { Address } from "./address";
import { footagesOf, newestOf, oldestOf } from "./lanes";
import { Mark } from "./mark.svelte";
import { LAST_MS, nearestFootage, newestPicture } from "./nearest";
import { Shown } from "./shown.svelte";
import { Sight } from "./sight.svelte";

/** There is at least so much time to look at. */
const SPAN_MS_MIN = 10 * 60_000;
/** What is younger is live, for who plays faster than time goes. */
const EDGE_MS = 2_000;
const TEN_MS = 10_000;
const MARK_PX = 90;
/** So near to where a hand chose to be footage is what it meant, and at least this near. */
const MEANT_PX = 6;
const MEANT_MS = 1_000;

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
  /** A phone turned sideways: pictures and the ruler over them, nothing else. */
  flat = $state(false);
  /** Which download of the marked range is being chosen. */
  taking = $state(false);
  /** The paper of the lanes was moved: the hand may have meant the playhead. */
  pulled = $state(false);
  readonly mark = new Mark();
  readonly sight = new Sight(this);
  readonly show = new Shown((replace) => this.address.write(replace));
  private readonly address = new Address(
    () => this.posture,
    () => this.query(),
  );
  zoomBy: (factor: number) => void = () => {};
  stage: HTMLElement | undefined;

  readonly posture = $derived(route.page === "timeline" ? "timeline" : "live");
  readonly marked = $derived(this.mark.some);
  readonly range = $derived(this.mark.range);
  readonly mayTake = $derived(
    this.range !== undefined && this.posture === "timeline" && !this.flat,
  );
  readonly looping = $derived(this.mark.looping);
  readonly protectedNow = $derived(this.mark.protectedNow);
  readonly mayProtect = $derived(session.can("manage-footage"));
  readonly mayExport = $derived(session.can("export"));
  readonly merged = $derived(lanes.choice ? lanes.choice === "merged" : this.sight.locked);
  readonly mayMerge = $derived(this.posture === "timeline" && cameras.list.length > 1);
  /** Where footage of any camera begins; undefined without any. */
  readonly oldest = $derived.by(() => {
    void cameras.footageVersion;
    return oldestOf(cameras.list);
  });
  readonly earliest = $derived(
    Math.min(session.now() - SPAN_MS_MIN, this.oldest ?? Number.POSITIVE_INFINITY),
  );

  /** It stands where nothing is recorded. */
  private empty = $state(false);
  readonly beside = $derived.by(() => {
    if (!this.empty) return undefined;
    const { shown, time } = this;
    const [from = time, to = time] = [oldestOf(shown), newestOf(shown)];
    return { before: from < time, after: to > time };
  });

  /** The tiles know that they have nothing here: so already while it is found out what follows. */
  get inGap(): boolean {
    return !this.live && !this.scrubbing && this.group.empty;
  }

  readonly group = new PlaybackGroup({
    skipped: (ms) => notices.tell(t.timeline.skipped(ms)),
    edge: () => this.goLive(),
    ended: () => this.pause(),
    nothing: () => {
      this.pause();
      this.stayed = true;
    },
  });

  private frame = 0;

  constructor() {
    this.read(route.query);
    const tick = (at: number) => {
      this.frame = requestAnimationFrame(tick);
      this.tick(at);
    };
    this.frame = requestAnimationFrame(tick);
  }

  destroy(): void {
    this.address.end();
    cancelAnimationFrame(this.frame);
    this.group.pause();
  }

  // --- what is shown, and its address ---------------------------------------------------------

  get focus(): string | undefined {
    return this.show.focus;
  }

  get cameras(): Camera[] {
    return this.show.all;
  }

  get shown(): Camera[] {
    return this.show.now;
  }

  get wall() {
    return this.show.wall;
  }

  /** Takes up an address that was not written here. */
  read(query: Query): void {
    // Another page's: this one only stays until that one has come.
    if (route.page !== "timeline" && route.page !== "live") return;
    if (!this.address.isNews(query)) return;
    this.show.read(query);
    const at = query.at ? Date.parse(query.at) : Number.NaN;
    if (route.page === "timeline" && !Number.isNaN(at)) {
      const playing = query.play === "1";
      this.seek(Math.min(at, session.now()), { playing });
    } else this.beLive();
    this.sight.want(Number(query.span));
    this.group.prefer(this.focus);
  }

  private query(): Record<string, string | undefined> {
    const timeline = this.posture === "timeline";
    return {
      ...this.show.query(),
      // Rounded down: a picture's own instant must not lead to the one after it.
      at: timeline && !this.live ? new Date(Math.floor(this.time)).toISOString() : undefined,
      span: timeline ? this.sight.seconds?.toString() : undefined,
    };
  }

  setFocus(camera: string | undefined): void {
    this.show.focus = camera;
    this.group.prefer(camera);
    this.address.write(false);
  }

  setMerged(merged: boolean): void {
    lanes.set(merged ? "merged" : "stacked");
  }

  // --- time -----------------------------------------------------------------------------------

  private tick(at: number): void {
    this.now = session.now();
    if (this.live) this.time = this.now;
    else {
      this.group.tick(at);
      if (!this.scrubbing) this.time = this.group.time;
      if (this.playing && !this.scrubbing) this.turn();
    }
    this.empty = !this.playing && this.inGap;
    this.sight.follow(false);
    if (!this.live && this.playing) this.address.note();
  }

  /** At the end of what is repeated, and at both ends of all footage. */
  private turn(): void {
    const from = this.mark.turn(this.time, this.rate);
    if (from !== undefined) this.seek(from);
    else if (this.rate < 0 && this.time <= this.earliest) this.pause();
    else if (this.rate > 1 && this.time > this.now - EDGE_MS) this.goLive();
  }

  /** A hand is on the ruler. */
  touched = (): void => {
    this.sight.touch();
    this.address.note();
  };

  private beLive(): void {
    this.live = true;
    this.playing = true;
    this.group.pause();
    this.time = session.now();
  }

  goLive(): void {
    this.setRate(1);
    this.beLive();
    this.sight.home();
    this.address.write(true);
  }

  /** @param chosen by a hand, and not because of how far playing came: nothing leads elsewhere */
  seek(
    time: number,
    { playing = this.playing || this.stayed, scrubbing = false, chosen = false } = {},
  ): void {
    if (!scrubbing && time > session.now() - 1_500) {
      if (!this.live) this.goLive();
      return;
    }
    this.live = false;
    this.scrubbing = scrubbing;
    this.time = time;
    const { msPerPx } = this.sight.view;
    if (chosen) this.group.land(time, Math.max(MEANT_MS, MEANT_PX * msPerPx));
    else this.group.seek(time, scrubbing ? msPerPx : undefined);
    this.leaveEmpty();
    if (scrubbing) return;
    this.stayed = false;
    this.playing = playing;
    if (playing) this.group.play();
    else this.group.pause();
  }

  /** The ways out of a gap go with it: who was on one of them is on the pictures then. */
  private leaveEmpty(): void {
    if (document.activeElement?.closest("[data-beside]")) this.stage?.focus();
    this.empty = false;
  }

  /**
   * From here on, in the timeline. Not `chosen` is a place that something else has named: where a
   * tile has nothing there, playing goes on to what it has.
   */
  playFrom(
    time: number,
    { camera, chosen = true }: { camera?: string | undefined; chosen?: boolean } = {},
  ): void {
    if (camera && this.focus && camera !== this.focus) this.setFocus(camera);
    const was = this.posture;
    this.seek(time, { playing: true, chosen });
    if (was === "live" && !this.live) this.enterTimeline();
    else this.address.note();
  }

  /** A hand is on an instant of the ruler. Letting go there is to show it. */
  press(time: number): void {
    if (!this.live) this.group.expect(time);
  }

  scrub(time: number, phase: "start" | "move" | "end"): void {
    if (phase === "start") {
      this.resume = this.playing || this.stayed;
      this.group.pause();
      if (this.posture === "live") this.enterTimeline();
    }
    if (phase === "end") this.seek(time, { playing: this.resume, chosen: true });
    else this.seek(time, { scrubbing: true });
    this.address.note();
  }

  private resume = true;
  /** It would play if there were anything: what is chosen next does. */
  private stayed = false;

  /** From Live into the past: the same page, its other posture. */
  private enterTimeline(): void {
    this.live = false;
    const at = new Date(Math.round(this.time)).toISOString();
    this.address.enter("timeline", { ...this.query(), at });
  }

  toggle(): void {
    if (this.live) this.hold(EDGE_MS);
    else if (this.playing) this.pause();
    else {
      this.playing = true;
      this.stayed = false;
      this.group.seek(this.time);
      this.group.play();
    }
  }

  /** Holding the live picture means looking at what just passed, so long ago. */
  private hold(ms: number): void {
    this.holdAt(session.now() - ms);
  }

  private holdAt(time: number): void {
    this.seek(time, { playing: false });
    if (this.posture === "live") this.enterTimeline();
    else this.address.note();
  }

  private pause(): void {
    this.playing = false;
    this.stayed = false;
    this.group.pause();
    // Who stopped going back goes on forwards.
    if (this.rate < 0) this.setRate(1);
    this.address.note();
  }

  skip(ms: number): void {
    // In a gap that was chosen it is as good as chosen: back must not lead on.
    this.moveTo((this.live ? session.now() : this.time) + ms, { chosen: this.stayed });
  }

  /** Elsewhere in time; playing goes on, or not, as it was. */
  moveTo(time: number, { chosen = false } = {}): void {
    const was = this.posture;
    this.seek(time, { chosen });
    if (was === "live" && !this.live) this.enterTimeline();
    else this.address.note();
  }

  step(by: number): void {
    if (this.live) {
      // The picture before the one that is live is the newest that is recorded.
      this.holdAt(newestPicture(footagesOf(this.shown), session.now() - EDGE_MS));
      return;
    }
    if (this.playing) this.pause();
    if (this.group.empty) {
      this.toNearest(by, { playing: false, tail: LAST_MS });
      return;
    }
    void this.group.step(by).then(() => this.address.note());
  }

  toFootage(by: 1 | -1): void {
    this.toNearest(by, { playing: true });
  }

  private toNearest(by: number, { playing, tail }: { playing: boolean; tail?: number }): void {
    const { time } = this;
    nearestFootage(footagesOf(this.shown), time, by, tail).then(
      (to) => {
        // Whoever went elsewhere meanwhile stays there.
        if (this.live || this.time !== time) return;
        if (to === undefined) {
          notices.tell(by < 0 ? t.past.noneBefore : t.past.noneAfter);
          return;
        }
        this.seek(to, { playing });
        this.address.note();
      },
      () => notices.tell(t.timeline.failed, true),
    );
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.group.setRate(rate);
  }

  shuttle(direction: 1 | -1): void {
    const goesOn = this.playing && !this.live && Math.sign(this.rate) === direction;
    const rate = goesOn ? faster(this.rate) : direction;
    if (this.live) this.hold(EDGE_MS);
    this.setRate(rate);
    if (this.playing) return;
    this.playing = true;
    this.stayed = false;
    // Whoever plays, either way, leaves the gap that was chosen.
    this.group.seek(this.time);
    this.group.play();
  }

  zoom(factor: number): void {
    this.zoomBy(factor);
  }

  // --- the rest ---------------------------------------------------------------------------------

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  aspect = aspectOf;

  toggleFullScreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.stage?.requestFullscreen?.();
  }

  markHere(side: "from" | "to"): void {
    this.mark.set(side, this.time);
  }

  markTen(): void {
    // Who sees it live wants what has just been.
    if (this.live) this.hold(TEN_MS / 2);
    this.mark.ten(this.time, this.now, oldestOf(this.shown));
    // Somebody who marks wants to see it: as wide as a hand can take.
    const { msPerPx } = this.sight.view;
    if (TEN_MS / msPerPx < MARK_PX) this.zoomBy(TEN_MS / MARK_PX / msPerPx);
  }

  clearMark(): void {
    this.mark.clear();
    this.taking = false;
  }

  toggleLoop(): void {
    const { mark } = this;
    mark.looping = !mark.looping;
    if (mark.looping && mark.range) this.seek(mark.range.from, { playing: true });
  }

  toggleProtection(): void {
    void this.mark.toggleProtection(this.shown);
  }

  /** The marked range as a file: which one is asked where there are several cameras. */
  take(): void {
    const { range, shown } = this;
    const [only, ...others] = shown;
    if (!range || !only || others.length > 0) this.taking = true;
    else void import("./take").then((take) => take.saveFile(take.clipOf(only, range)));
  }

  exportMarked(): void {
    const { range, shown } = this;
    if (range) void import("./take").then(({ toExport }) => go("exports", toExport(shown, range)));
  }

  askTime(): void {
    this.asking = true;
  }
}
