// Plays recorded footage of one stream through two video elements: one shows, the other has the next
// piece ready. The picture that is seen stays until the next one can be shown.

import type { ClipSource, ClipState } from "./clip-source";
import type { FrameTable } from "./frames";
import type { Member } from "./group";
import { nudged } from "./pace";
import { Pair } from "./pair";
import { type Piece, type Plan, pieceLength } from "./plan";
import { Reverse } from "./reverse";
import { Scrubber } from "./scrub";
import type { Slot, SlotEvent } from "./slot";
import { Steps } from "./steps";

/** While a hand rests in a drag, so much is loaded: it may be let go here. */
const RESTING_MS = 10_000;
/** A hand that has not moved for so long rests. */
const REST_MS = 70;
/** A clock that skims shows every key frame. */
const SKIM_MS_PER_PX = 100;
/** Where a pixel is less than this, single frames are looked for, and the element seeks to them. */
const FINE_MS_PER_PX = 20;
/** A loaded piece with less left than this to play has its successor loaded. */
const AHEAD_MS = 12_000;
/** Where nothing comes after a piece, or it could not be asked, it is asked again after so long. */
const AGAIN_MS = 1_000;
/** How far a follower may be off before it jumps. */
const JUMP_MS = 600;
/** A picture that takes longer than this is given up for a newer wish. */
const PATIENCE_MS = 600;
/** What fails so often in a row, while the server gives it, is no film to this browser. */
const FAILURES_MAX = 2;
/** `MediaError.code`: what has come, or may come, cannot be decoded; below it nothing has come. */
const ERR_DECODE = 3;

export class ClipPlayer implements Member {
  state: ClipState = { kind: "loading" };
  /** The instant wanted last: what is shown, or will be. */
  private wanted = 0;
  private playing = false;
  private rate = 1;
  private scrubbing = false;
  private pair: Pair;
  /** Counts what was asked for, so that answers to older questions are dropped. */
  private turn = 0;
  private planning = false;
  private pending: number | undefined;
  private preparing = false;
  /** Where there was nothing to prepare, and until when that is not asked again. */
  private nothing = { after: Number.NaN, until: 0 };
  private destroyed = false;
  private cover: Scrubber;
  private reverse: Reverse;
  private steps: Steps;
  private resting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    stage: HTMLElement,
    private source: ClipSource,
    private changed: (state: ClipState) => void,
  ) {
    this.pair = new Pair(stage, (slot, event) => this.slotChanged(slot, event));
    this.cover = new Scrubber(stage, source.scrub);
    this.reverse = new Reverse(source.reverse, (picture, at) => this.cover.paint(picture, at));
    this.steps = new Steps({
      source,
      seen: () => (this.front.ready && this.state.kind === "ready" ? this.front : undefined),
      busy: () => !this.destroyed && (this.pending !== undefined || this.moved),
      tableOf: (slot) => this.tableOf(slot),
      show: async (piece, time) => {
        const turn = ++this.turn;
        await this.pair.load(piece, this.source.url(piece), time);
        return turn === this.turn && this.front.piece === piece ? this.front : undefined;
      },
    });
  }

  private get front(): Slot {
    return this.pair.front;
  }

  private get back(): Slot {
    return this.pair.back;
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

  /**
   * Shows the instant `time`. In a drag `scale` says how many milliseconds a pixel of it is: what
   * is nearest is shown at once, and the very picture when the hand rests.
   */
  seek(time: number, scale?: number): void {
    clearTimeout(this.resting);
    this.reverse.stop();
    this.wanted = time;
    this.scrubbing = scale !== undefined;
    if (scale !== undefined && (scale > FINE_MS_PER_PX || !this.here(time))) this.drag(time, scale);
    else this.settle(time);
  }

  /**
   * Shows `time` of a clock that runs backwards, or faster than films do; false while there is no
   * picture for it. Every picture backwards at up to twice the speed, else key frames.
   */
  skim(time: number, rate: number): boolean {
    clearTimeout(this.resting);
    this.wanted = time;
    if (!this.leave(time, SKIM_MS_PER_PX)) return true;
    if (rate < 0 && rate >= -2 && this.reverse.able) return this.reverse.show(time);
    this.cover.show(time, SKIM_MS_PER_PX, true);
    return true;
  }

  private drag(time: number, scale: number): void {
    if (this.leave(time, scale)) this.cover.show(time, scale);
    this.resting = setTimeout(() => this.settle(time), REST_MS);
  }

  /** Leaves what the elements show for what the canvas will; false where there is a gap. */
  private leave(time: number, scale: number): boolean {
    // Answers to older questions show nothing any more.
    this.turn++;
    this.pending = undefined;
    this.afterSeek = undefined;
    this.moved = true;
    this.pair.letGo();
    this.front.video.pause();
    const gap = this.source.gapAt(time);
    // What is thinner than the hand can tell is not worth a flicker.
    if (gap && gap.to - gap.from > 2 * scale) {
      this.cover.hide();
      this.become({ kind: "gap", from: gap.from, until: gap.to });
      return false;
    }
    // The canvas shows what there is: nobody waits for an element.
    if (this.state.kind !== "ready") this.become({ kind: "ready" });
    return true;
  }

  /** The hand was elsewhere since the front's picture was sought. */
  private moved = false;

  private here(time: number): boolean {
    return this.front.ready && this.front.holds(time) && this.state.kind === "ready";
  }

  private settle(time: number): void {
    if (this.here(time)) {
      this.turn++;
      this.pending = undefined;
      // What is on its way elsewhere is not shown when it comes.
      this.pair.letGo();
      // A seek under way is finished first: ever newer ones would never show a picture.
      if (this.front.video.seeking && this.scrubbing) this.afterSeek = time;
      else if (Math.abs(this.front.time - time) < 0.5 && !this.moved) this.uncover();
      else this.front.seek(time);
      this.moved = false;
      return;
    }
    this.moved = false;
    // A load that hangs must not hold up the newer wish; one that is young shows its picture first.
    const isNewer = time !== this.pending;
    this.pending = time;
    // What was there is not what is there now: until the answer comes, nothing is known.
    if (this.state.kind !== "ready") this.become({ kind: "loading" });
    if (isNewer && (this.pair.loadingMs ?? 0) > PATIENCE_MS) this.pair.letGo();
    void this.next();
  }

  /** The element has the picture: two paintings later at most it is seen, and the canvas can go. */
  private uncover(): void {
    if (!this.cover.shown || this.front.sawSought) {
      this.cover.hide();
      return;
    }
    const turn = this.turn;
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (turn === this.turn && !this.moved) this.cover.hide();
      }),
    );
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

  /** Of what the elements play: above 0. */
  setRate(rate: number): void {
    this.rate = rate;
    this.pair.setRate(rate);
  }

  setMuted(muted: boolean): void {
    this.pair.setMuted(muted);
  }

  /** One picture forward or back; done when it is seen. */
  async step(by: number): Promise<void> {
    this.pause();
    await this.steps.take(by);
    this.wanted = this.front.time;
  }

  private async tableOf(slot: Slot): Promise<FrameTable> {
    const { piece } = slot;
    if (slot.table || !piece) return slot.table ?? { origin: 0, times: [] };
    const table = await this.source.frames(piece);
    if (slot.piece === piece) slot.table = table;
    return table;
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
      const rate = nudged(this.rate, off);
      if (Math.abs(front.video.playbackRate - rate) > 0.005) front.video.playbackRate = rate;
    }
  }

  destroy(): void {
    this.destroyed = true;
    this.turn++;
    clearTimeout(this.resting);
    this.reverse.stop();
    this.cover.close();
    this.pair.destroy();
  }

  /** Takes up the newest wish; one question is under way at a time. */
  private async next(): Promise<void> {
    if (this.planning || this.destroyed) return;
    this.planning = true;
    while (this.pending !== undefined && !this.destroyed) {
      const time = this.pending;
      const turn = ++this.turn;
      if (this.back.ready && this.back.holds(time)) {
        seekTo(this.back, time);
        this.pending = undefined;
        this.swap();
        break;
      }
      let plan: Plan;
      try {
        plan = await this.source.plan(time, this.scrubbing ? RESTING_MS : pieceLength(this.rate));
      } catch {
        if (turn === this.turn) this.become({ kind: "failed" });
        this.pending = undefined;
        break;
      }
      if (this.pending !== time) continue;
      if (plan.kind !== "piece") {
        this.pending = undefined;
        this.front.video.pause();
        this.cover.hide();
        this.become(plan);
        break;
      }
      await this.pair.load(plan.piece, this.source.url(plan.piece), time);
      if (this.pending === time) this.pending = undefined;
    }
    this.planning = false;
  }

  /** Has the piece after this one ready. */
  private async prepare(): Promise<void> {
    const after = this.front.piece?.to;
    if (after === undefined || this.preparing || this.pending !== undefined) return;
    if (this.back.piece?.from === after) return;
    if (this.nothing.after === after && performance.now() < this.nothing.until) return;
    this.preparing = true;
    const turn = this.turn;
    // What grows is known without asking, and played as soon as it is there.
    let again = false;
    try {
      const plan = await this.source.plan(after, pieceLength(this.rate));
      again = plan.kind !== "gap";
      if (turn === this.turn && plan.kind === "piece" && this.pending === undefined) {
        this.pair.prepare(plan.piece, this.source.url(plan.piece));
      }
    } catch {
      // The end of this piece asks again, and says so if it fails again.
    } finally {
      this.preparing = false;
      if (!again) this.nothing = { after, until: performance.now() + AGAIN_MS };
    }
  }

  private slotChanged(slot: Slot, event: SlotEvent): void {
    if (this.destroyed) return;
    if (slot === this.back && this.pair.loadingMs !== undefined) {
      if (event === "ready") this.swap();
      else if (event === "failed") this.fail(slot);
      this.pair.letGo();
      return;
    }
    if (slot !== this.front) return;
    if (event === "seeked" || event === "ready") this.sought();
    if (event === "ended") this.goOn();
    if (event === "failed") this.fail(slot);
  }

  private sought(): void {
    const time = this.afterSeek;
    this.afterSeek = undefined;
    if (time !== undefined) this.settle(time);
    else if (this.pending === undefined) this.uncover();
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
    this.pair.swap();
    this.failures = 0;
    this.become({ kind: "ready" });
    this.drive();
    // Its first picture may come up to a frame after its beginning: which instant that is, is asked.
    this.tableOf(this.front).catch(() => {});
    if (this.pending === undefined || this.pending === this.wanted) this.uncover();
  }

  private fail(slot: Slot): void {
    const { piece } = slot;
    const refused = (slot.video.error?.code ?? 0) >= ERR_DECODE;
    slot.clear();
    this.cover.hide();
    this.become({ kind: "failed" });
    if (piece && refused) void this.judge(piece);
  }

  private failures = 0;

  /** Elements do not tell a server that is away from a film that they cannot play: it is asked. */
  private async judge(piece: Piece): Promise<void> {
    try {
      await this.source.frames(piece);
    } catch {
      return;
    }
    if (this.destroyed || this.state.kind !== "failed") return;
    if (++this.failures >= FAILURES_MAX) this.become({ kind: "unplayable", piece });
    else this.seek(this.wanted);
  }

  private drive(): void {
    if (this.playing && this.state.kind === "ready") this.pair.play(() => this.playing);
    else this.front.video.pause();
  }

  private become(state: ClipState): void {
    this.state = state;
    this.changed(state);
  }
}

/** A seek to where it stands would take as long as any other. */
function seekTo(slot: Slot, time: number): void {
  if (Math.abs(slot.time - time) >= 1) slot.seek(time);
}
