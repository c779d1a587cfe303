// What moves the clock of what is watched: going to an instant, dragging, steps, playing either way, and
// what happens where nothing is recorded.

import { faster } from "../../actions/watch";
import type { Camera } from "../../api/types";
import { PlaybackGroup } from "../../player/group";
import { notices } from "../../state/notices.svelte";
import { session } from "../../state/session.svelte";
import { t } from "../../texts";
import type { Address } from "./address";
import { footagesOf, newestOf, oldestOf } from "./lanes";
import type { Mark } from "./mark.svelte";
import { LAST_MS, nearestFootage, newestPicture } from "./nearest";
import type { Sight } from "./sight.svelte";

/** What is younger is live, for who plays faster than time goes. */
const EDGE_MS = 2_000;
/** Footage that ends longer ago is not that of a slow disk. */
const BEHIND_MS_MAX = 60_000;
/** So near to where a hand chose to be footage is what it meant, and at least this near. */
const MEANT_PX = 6;
const MEANT_MS = 1_000;

export abstract class Moving {
  /** The instant that is seen. While live, now. */
  time = $state(session.now());
  now = $state(session.now());
  live = $state(true);
  playing = $state(true);
  rate = $state(1);
  scrubbing = $state(false);

  abstract readonly posture: "live" | "timeline";
  /** The cameras that are seen. */
  abstract readonly shown: Camera[];
  /** No footage is older. */
  abstract readonly earliest: number;
  abstract readonly focus: string | undefined;
  abstract readonly mark: Mark;
  abstract readonly sight: Sight;
  protected abstract readonly address: Address;
  stage: HTMLElement | undefined;

  /** A picture was stepped to, here or where the address is from, and nothing has moved since. */
  protected stepped = $state(false);
  /** It stands on a single picture: its instant is said to the millisecond. */
  readonly exact = $derived(this.stepped && !this.live && !this.playing && !this.scrubbing);

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

  /** It would play if there were anything: what is chosen next does. */
  private stayed = false;
  /** Whether it plays once a hand lets go. */
  private resume = true;

  abstract setFocus(camera: string | undefined): void;
  /** From Live into the past: the same page, its other posture. */
  protected abstract enterTimeline(): void;

  protected tick(at: number): void {
    this.now = session.now();
    if (this.playing) this.stepped = false;
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

  protected beLive(): void {
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
    this.stepped = false;
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
  protected hold(ms: number): void {
    const edge = session.now() - ms;
    // A slow disk is further behind: what is not durable yet cannot be shown. Where nothing is
    // recorded at all it is that instant nevertheless.
    const newest = newestPicture(footagesOf(this.shown), edge);
    this.holdAt(edge - newest < BEHIND_MS_MAX ? newest : edge);
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
      this.stepped = true;
      return;
    }
    if (this.playing) this.pause();
    if (this.group.empty) {
      this.toNearest(by, { playing: false, tail: LAST_MS });
      return;
    }
    this.stepped = true;
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
        this.stepped = !playing;
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
}
