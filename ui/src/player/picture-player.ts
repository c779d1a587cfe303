// Shows recorded footage picture by picture, where the browser does not play the film: key frames
// that it decodes after all, or stills from the server. It has a clock of its own.

import type { ClipState } from "./clip-source";
import type { Member } from "./group";
import type { Piece, Plan } from "./plan";
import { Scrubber, type ScrubSource } from "./scrub";

/** Where the pictures come from. */
export interface PictureSource {
  plan(time: number, length: number): Promise<Plan>;
  /** The gap that `time` is known to be in, without asking. */
  gapAt(time: number): { from: number; to: number } | undefined;
  /** The instant of the next key frame after `time`, or of the last one before it. */
  neighbour(time: number, by: number): Promise<number | undefined>;
  scrub: ScrubSource;
}

/** Footage is looked for so far ahead. */
const LOOK_MS = 60_000;
/** While it plays, and a clock skims: every key frame. */
const PLAY_MS_PER_PX = 100;
/** At rest the very picture. */
const REST_MS_PER_PX = 0;
/** A hand that has not moved for so long rests. */
const REST_MS = 150;
/** The picture before may stand for so long while none comes. */
const STALE_MS = 8_000;
/** A tab that was away does not leap. */
const STEP_MS = 250;

export class PicturePlayer implements Member {
  state: ClipState = { kind: "loading" };
  /** Films lead where there are some: they cannot wait. */
  readonly loose = true;
  private at = 0;
  private playing = false;
  private rate = 1;
  private piece: Piece | undefined;
  private tickedAt: number | undefined;
  /** Counts what was asked for, so that answers to older questions are dropped. */
  private turn = 0;
  private looking = false;
  /** Single pictures that are still to be gone over, backwards below 0. */
  private left = 0;
  private walking = false;
  private destroyed = false;
  private cover: Scrubber;
  private resting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    stage: HTMLElement,
    private source: PictureSource,
    private changed: (state: ClipState) => void,
  ) {
    this.cover = new Scrubber(stage, source.scrub, {
      refused: () => {
        if (this.stale && this.state.kind === "ready") this.nothing({ kind: "failed" });
      },
    });
  }

  get time(): number {
    return this.at;
  }

  get flowing(): boolean {
    return this.state.kind === "ready" && !this.looking;
  }

  seek(time: number, scale?: number): void {
    clearTimeout(this.resting);
    this.left = 0;
    this.to(time);
    if (scale === undefined) {
      void this.look(time);
      return;
    }
    if (this.within(time, scale)) this.cover.show(time, scale);
    this.resting = setTimeout(() => void this.look(time), REST_MS);
  }

  play(): void {
    this.playing = true;
    this.left = 0;
    this.tickedAt = undefined;
  }

  pause(): void {
    this.playing = false;
    if (this.state.kind === "ready" && !this.destroyed) this.cover.show(this.at, REST_MS_PER_PX);
  }

  setRate(rate: number): void {
    this.rate = rate;
  }

  skim(time: number): boolean {
    clearTimeout(this.resting);
    this.left = 0;
    this.to(time);
    if (this.within(time, PLAY_MS_PER_PX)) this.cover.show(time, PLAY_MS_PER_PX, true);
    return true;
  }

  /** Steps that come while one is taken are taken after it. */
  async step(by: number): Promise<void> {
    this.playing = false;
    this.left += by;
    if (this.walking) return;
    this.walking = true;
    while (this.left !== 0 && !this.destroyed) {
      const [from, one] = [this.at, Math.sign(this.left)];
      const time = await this.source.neighbour(from, one).catch(() => undefined);
      // It is elsewhere by now: from there, if at all.
      if (this.at !== from) continue;
      if (time === undefined || this.destroyed) break;
      this.left -= one;
      this.to(time);
      await this.look(time);
    }
    this.left = 0;
    this.walking = false;
  }

  tick(clock?: number): void {
    if (this.state.kind !== "ready" || !this.playing || this.looking) return;
    const now = performance.now();
    const passed = Math.min(STEP_MS, now - (this.tickedAt ?? now)) * this.rate;
    this.tickedAt = now;
    this.at = clock ?? this.at + passed;
    const { piece } = this;
    if (piece && this.at >= piece.from - STEP_MS && this.at < piece.to) {
      this.cover.show(this.at, PLAY_MS_PER_PX, true);
    } else void this.look(this.at);
  }

  destroy(): void {
    this.destroyed = true;
    this.turn++;
    clearTimeout(this.resting);
    this.cover.close();
  }

  /** What is seen, if anything, is not of now any more. */
  private get stale(): boolean {
    const { shown, at } = this.cover;
    return !shown || at === undefined || Math.abs(at - this.at) > STALE_MS;
  }

  private to(time: number): void {
    this.turn++;
    this.at = time;
    this.tickedAt = undefined;
  }

  /** False where a gap is known to be, wider than the hand can tell. */
  private within(time: number, scale: number): boolean {
    const gap = this.source.gapAt(time);
    if (gap && gap.to - gap.from > 2 * scale) {
      this.nothing({ kind: "gap", from: gap.from, until: gap.to });
      return false;
    }
    if (this.state.kind !== "ready") this.become({ kind: "ready" });
    return true;
  }

  /** What there is at `time`, and its picture. */
  private async look(time: number): Promise<void> {
    const turn = ++this.turn;
    this.looking = true;
    if (this.state.kind !== "ready") this.become({ kind: "loading" });
    let plan: Plan | undefined;
    try {
      plan = await this.source.plan(time, LOOK_MS);
    } catch {
      // Said below.
    }
    if (turn !== this.turn || this.destroyed) return;
    this.looking = false;
    this.tickedAt = undefined;
    if (plan?.kind === "piece") {
      this.piece = plan.piece;
      if (this.state.kind !== "ready") this.become({ kind: "ready" });
      this.cover.show(time, this.playing ? PLAY_MS_PER_PX : REST_MS_PER_PX, this.playing);
    } else this.nothing(plan ?? { kind: "failed" });
  }

  private nothing(state: ClipState): void {
    this.cover.hide();
    this.become(state);
  }

  private become(state: ClipState): void {
    this.state = state;
    this.changed(state);
  }
}
