// The marked range: its two ends, whether it is repeated, and whether it was just protected.

import type { StreamName } from "../../api/footage";
import { protectRange, unprotectRange } from "../../api/keeping";
import type { Camera } from "../../api/types";
import { cameras } from "../../state/cameras.svelte";
import { notices } from "../../state/notices.svelte";
import { t } from "../../texts";
import type { Span } from "../../timeline/spans";

type Ends = { from: number | undefined; to: number | undefined };
const NONE: Ends = { from: undefined, to: undefined };

const TEN_MS = 10_000;
/** A range has at least so much. */
const LEAST_MS = 100;

export class Mark {
  ends = $state.raw<Ends>(NONE);
  looping = $state(false);
  private kept = $state.raw<{ range: Span; streams: StreamName[] }>();
  private busy = false;

  readonly some = $derived(this.ends.from !== undefined || this.ends.to !== undefined);
  readonly range = $derived.by<Span | undefined>(() => {
    const { from, to } = this.ends;
    return from !== undefined && to !== undefined ? { from, to } : undefined;
  });
  readonly protectedNow = $derived(
    this.kept !== undefined &&
      this.kept.range.from === this.range?.from &&
      this.kept.range.to === this.range?.to,
  );

  set(side: "from" | "to", time: number): void {
    const other = side === "from" ? "to" : "from";
    const kept = this.ends[other];
    const wrong = kept !== undefined && (side === "from" ? kept <= time : kept >= time);
    this.ends = { ...NONE, [other]: wrong ? undefined : kept, [side]: time };
    if (!this.range) this.looping = false;
  }

  /** One end is dragged: never over the other. */
  move(side: "from" | "to", time: number): void {
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = this.ends;
    const held = side === "from" ? Math.min(time, to - LEAST_MS) : Math.max(time, from + LEAST_MS);
    this.ends = { ...this.ends, [side]: held };
  }

  /**
   * Ten seconds: from the end that is marked, or around `time`; not beyond `now`, and not before
   * `oldest`, where footage begins.
   */
  ten(time: number, now: number, oldest = Number.NEGATIVE_INFINITY): void {
    const { from, to } = this.ends;
    if (from !== undefined && to === undefined) {
      this.ends = { from, to: Math.max(from + LEAST_MS, Math.min(from + TEN_MS, now)) };
      return;
    }
    const around = to === undefined || from !== undefined;
    if (!around) {
      this.ends = { from: to - TEN_MS, to };
      return;
    }
    const end = Math.min(Math.max(time + TEN_MS / 2, oldest + TEN_MS), now);
    this.ends = { from: end - TEN_MS, to: end };
  }

  clear(): void {
    this.ends = NONE;
    this.looping = false;
  }

  /** Where to go on when the range is repeated and `time` has left it. */
  turn(time: number, rate: number): number | undefined {
    const { range } = this;
    if (!this.looping || !range) return undefined;
    if (rate > 0 && time >= range.to) return range.from;
    return rate < 0 && time <= range.from ? range.to : undefined;
  }

  /** Protects the range on all recorded streams of these cameras, or takes that back. */
  async toggleProtection(of: readonly Camera[]): Promise<void> {
    const { range } = this;
    if (!range || this.busy) return;
    this.busy = true;
    const back = this.protectedNow ? this.kept : undefined;
    const streams = back?.streams ?? of.flatMap(recorded);
    try {
      const change = back ? unprotectRange : protectRange;
      await Promise.all(streams.map((stream) => change(stream, range)));
      this.kept = back ? undefined : { range, streams };
      notices.tell(back ? t.watching.given : t.watching.kept(range.to - range.from));
    } catch {
      notices.tell(t.watching.failed, true);
    } finally {
      this.busy = false;
      for (const stream of streams) cameras.footage(stream).refresh(range.from);
    }
  }
}

function recorded({ slug, streams }: Camera): StreamName[] {
  return streams
    .filter((stream) => stream.recorded)
    .map(({ name }) => ({ camera: slug, stream: name }));
}
