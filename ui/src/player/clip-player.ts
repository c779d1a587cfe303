// Plays recorded footage of one stream through two video elements: one shows, the other has the next
// piece ready. The picture that is seen stays until the next one can be shown.

import { type Piece, type Plan, pieceLength } from "./plan";

/** Where the pieces come from. */
export interface ClipSource {
  plan(time: number, length: number): Promise<Plan>;
  url(piece: Piece): string;
}

export type ClipState =
  /** Nothing asked for yet, or a first picture is on its way. */
  | { kind: "loading" }
  | { kind: "ready" }
  | { kind: "gap"; from: number | undefined; until: number | undefined }
  | { kind: "edge" }
  | { kind: "failed" };

/** Steps of a scrub load only this much. */
const SCRUB_MS = 2_000;
/** A loaded piece with less left than this to play has its successor loaded. */
const AHEAD_MS = 12_000;
/** How far a follower may be off before it jumps, or runs a little faster or slower. */
const JUMP_MS = 900;
const NUDGE_MS = 45;
/** A picture that takes longer than this is given up for a newer wish. */
const PATIENCE_MS = 600;

/** One video element and the piece in it. */
class Slot {
  piece: Piece | undefined;
  /** Whether a picture of the piece can be shown. */
  ready = false;
  /** Where to start inside the piece as soon as it can be. */
  private start = 0;

  constructor(
    readonly video: HTMLVideoElement,
    private changed: (slot: Slot, event: "ready" | "ended" | "failed") => void,
  ) {
    video.playsInline = true;
    video.preload = "auto";
    video.disableRemotePlayback = true;
    video.setAttribute("aria-hidden", "true");
    video.tabIndex = -1;
    video.onloadeddata = () => this.becomeReady();
    video.onseeked = () => this.becomeReady();
    video.onended = () => changed(this, "ended");
    video.onerror = () => {
      if (this.piece) changed(this, "failed");
    };
    video.onloadedmetadata = () => {
      if (this.start > 0) video.currentTime = this.start / 1000;
    };
  }

  load(piece: Piece, url: string, time: number): void {
    this.piece = piece;
    this.ready = false;
    this.start = Math.max(0, time - piece.from);
    this.video.src = url;
    this.video.load();
  }

  clear(): void {
    if (!this.piece) return;
    this.piece = undefined;
    this.ready = false;
    this.video.removeAttribute("src");
    this.video.load();
  }

  get time(): number {
    return (this.piece?.from ?? 0) + this.video.currentTime * 1000;
  }

  holds(time: number): boolean {
    return !!this.piece && time >= this.piece.from && time < this.piece.to - 20;
  }

  seek(time: number): void {
    if (this.piece) this.video.currentTime = Math.max(0, time - this.piece.from) / 1000;
  }

  private becomeReady(): void {
    if (this.ready || this.video.seeking || this.video.readyState < 2) return;
    this.ready = true;
    this.changed(this, "ready");
  }
}

export class ClipPlayer {
  state: ClipState = { kind: "loading" };
  /** The instant wanted last: what is shown, or will be. */
  private wanted = 0;
  private playing = false;
  private rate = 1;
  private scrubbing = false;
  private front: Slot;
  private back: Slot;
  /** Counts what was asked for, so that answers to older questions are dropped. */
  private turn = 0;
  private planning = false;
  private pending: number | undefined;
  private preparing = false;
  private frameMs = 40;
  private destroyed = false;

  constructor(
    stage: HTMLElement,
    private source: ClipSource,
    private changed: (state: ClipState) => void,
  ) {
    const slot = () => {
      const video = document.createElement("video");
      video.className = "clip-video";
      stage.append(video);
      return new Slot(video, (from, event) => this.slotChanged(from, event));
    };
    this.front = slot();
    this.back = slot();
    this.show();
  }

  /** The element whose picture is seen. */
  get video(): HTMLVideoElement {
    return this.front.video;
  }

  /** The instant that is seen, or wanted while it is loading. */
  get time(): number {
    return this.state.kind === "ready" && this.front.ready && this.pending === undefined
      ? this.front.time
      : this.wanted;
  }

  /** Whether pictures move now, or would if it were not paused. */
  get flowing(): boolean {
    return this.state.kind === "ready" && this.front.ready && this.front.video.readyState >= 3;
  }

  /** Shows the instant `time`; while scrubbing, as cheaply and as soon as can be. */
  seek(time: number, scrubbing = false): void {
    this.wanted = time;
    this.scrubbing = scrubbing;
    if (this.front.ready && this.front.holds(time) && this.state.kind === "ready") {
      this.turn++;
      this.pending = undefined;
      // A seek under way is finished first: ever newer ones would never show a picture.
      if (this.front.video.seeking && scrubbing) this.afterSeek = time;
      else this.front.seek(time);
      return;
    }
    this.pending = time;
    // What was there is not what is there now: until the answer comes, nothing is known.
    if (this.state.kind !== "ready") this.become({ kind: "loading" });
    // A load that hangs must not hold up the newer wish; one that is young shows its picture first.
    if (this.loaded && performance.now() - this.loadedAt > PATIENCE_MS) this.loaded();
    void this.next();
  }

  private afterSeek: number | undefined;

  play(): void {
    this.playing = true;
    this.scrubbing = false;
    this.drive();
  }

  pause(): void {
    this.playing = false;
    this.drive();
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.front.video.playbackRate = rate;
    this.back.video.playbackRate = rate;
  }

  setMuted(muted: boolean): void {
    this.front.video.muted = muted;
    this.back.video.muted = muted;
  }

  /** One picture forward or back. */
  step(by: number): void {
    this.pause();
    this.seek(this.time + by * this.frameMs);
  }

  setFrameRate(rate: number | null | undefined): void {
    if (rate && rate > 0.5) this.frameMs = 1000 / rate;
  }

  /** Called often while playing: prepares what comes next, and keeps in step with `clock`. */
  tick(clock?: number): void {
    if (this.destroyed || this.state.kind !== "ready") return;
    const { front } = this;
    if (!front.ready || !front.piece) return;
    const left = front.piece.to - front.time;
    if (this.playing && left < AHEAD_MS * Math.max(1, this.rate)) void this.prepare();
    if (clock === undefined || !this.playing || this.pending !== undefined) return;
    const off = front.time - clock;
    if (Math.abs(off) > JUMP_MS * Math.max(1, this.rate)) this.seek(clock);
    else {
      const nudge = Math.abs(off) < NUDGE_MS ? 0 : Math.max(-0.1, Math.min(0.1, off / 2000));
      front.video.playbackRate = Math.max(0.1, this.rate * (1 - nudge));
    }
  }

  destroy(): void {
    this.destroyed = true;
    this.turn++;
    for (const slot of [this.front, this.back]) {
      slot.clear();
      slot.video.remove();
    }
  }

  /** Takes up the newest wish; one question is under way at a time. */
  private async next(): Promise<void> {
    if (this.planning || this.destroyed) return;
    this.planning = true;
    while (this.pending !== undefined && !this.destroyed) {
      const time = this.pending;
      const turn = ++this.turn;
      if (this.back.ready && this.back.holds(time)) {
        this.back.seek(time);
        this.pending = undefined;
        this.swap();
        break;
      }
      let plan: Plan;
      try {
        plan = await this.source.plan(time, this.scrubbing ? SCRUB_MS : pieceLength(this.rate));
      } catch {
        if (turn === this.turn) this.become({ kind: "failed" });
        this.pending = undefined;
        break;
      }
      if (this.pending !== time) continue;
      if (plan.kind !== "piece") {
        this.pending = undefined;
        this.front.video.pause();
        this.become(plan);
        break;
      }
      await this.loadInto(this.back, plan.piece, time);
      if (this.pending === time) this.pending = undefined;
    }
    this.planning = false;
  }

  /** Loads and, as soon as there is a picture, shows it. */
  private loadInto(slot: Slot, piece: Piece, time: number): Promise<void> {
    return new Promise((resolve) => {
      this.loadedAt = performance.now();
      this.loaded = () => {
        this.loaded = undefined;
        resolve();
      };
      slot.load(piece, this.source.url(piece), time);
    });
  }

  private loaded: (() => void) | undefined;
  private loadedAt = 0;

  /** Has the piece after this one ready. */
  private async prepare(): Promise<void> {
    const after = this.front.piece?.to;
    if (after === undefined || this.preparing || this.pending !== undefined) return;
    if (this.back.piece?.from === after) return;
    this.preparing = true;
    const turn = this.turn;
    try {
      const plan = await this.source.plan(after, pieceLength(this.rate));
      if (turn === this.turn && plan.kind === "piece" && this.pending === undefined) {
        this.back.load(plan.piece, this.source.url(plan.piece), plan.piece.from);
        this.back.video.playbackRate = this.rate;
      }
    } catch {
      // The end of this piece asks again, and says so if it fails again.
    } finally {
      this.preparing = false;
    }
  }

  private slotChanged(slot: Slot, event: "ready" | "ended" | "failed"): void {
    if (this.destroyed) return;
    if (slot === this.back && this.loaded) {
      if (event === "ready") this.swap();
      else if (event === "failed") this.fail(slot);
      this.loaded();
      return;
    }
    if (slot !== this.front) return;
    if (event === "ready" && this.afterSeek !== undefined) {
      const time = this.afterSeek;
      this.afterSeek = undefined;
      this.seek(time, this.scrubbing);
    }
    if (event === "ended") this.goOn();
    if (event === "failed") this.fail(slot);
  }

  /** The piece is over: the next one, or whatever is there. */
  private goOn(): void {
    const after = this.front.piece?.to;
    if (after === undefined || !this.playing) return;
    this.wanted = after;
    if (this.back.ready && this.back.piece?.from === after) this.swap();
    else {
      this.pending = after;
      void this.next();
    }
  }

  private swap(): void {
    [this.front, this.back] = [this.back, this.front];
    this.back.video.pause();
    this.front.video.playbackRate = this.rate;
    this.front.video.muted = this.back.video.muted;
    this.become({ kind: "ready" });
    this.show();
    this.drive();
  }

  private fail(slot: Slot): void {
    slot.clear();
    this.become({ kind: "failed" });
  }

  private show(): void {
    this.front.video.classList.add("front");
    this.back.video.classList.remove("front");
  }

  private drive(): void {
    const { video } = this.front;
    if (this.playing && this.state.kind === "ready") {
      video.play().catch(() => {
        // Sound is not allowed before the first touch: silently, then.
        if (video.muted || !this.playing) return;
        this.setMuted(true);
        video.play().catch(() => {});
      });
    } else video.pause();
  }

  private become(state: ClipState): void {
    this.state = state;
    this.changed(state);
  }
}
