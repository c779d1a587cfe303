// What is known of one stream's footage, level of detail by level of detail. Asks for what a window
// needs, keeps what came, and shows something coarser while the fine is on its way.

import type { Activity, ActivityPiece } from "./activity";
import { cut, join, type Span, spanAt } from "./spans";

export interface GapSpan extends Span {
  cause: string | null;
}

/** An answer about [from, to). */
export interface Answer {
  footage: Span[];
  gaps: GapSpan[];
  /** What is not removed to make room. */
  kept?: Span[];
  activity?: Activity;
  /** From the oldest to the newest footage of the whole stream. */
  recorded?: Span | undefined;
  /** Footage before this instant is all there; undefined while the server does not know. */
  durableUntil?: number | undefined;
}

/** What a ruler draws of one stream, or of several. */
export interface Known {
  footage: Span[];
  gaps: GapSpan[];
  kept: Span[];
  activity: ActivityPiece[];
  /** Of several cameras in one: what each of them lacks, and why. */
  lacking?: Lacking[];
}

export interface Lacking {
  /** The camera's. */
  name: string;
  gaps: GapSpan[];
}

export type Load = (from: number, to: number, resolutionMs: number) => Promise<Answer>;

/** Resolutions that are asked for, finest first. */
const LEVELS = [100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000];
/** The level that playing goes by: shorter gaps are played over, which keeps a clip's time right. */
const PLAY_LEVEL = 1;
/** Resolution steps in one question. */
const CHUNK_STEPS = 2048;
/** What lies so close is known to the second without asking for more than a chunk or two. */
const NEAR_MS = 60_000;
/** Chunks kept; the longest unused go first. */
const CHUNKS_MAX = 256;
/** Footage grows about once a second. After a longer silence there may be a gap in it. */
const GROWTH_MS_MAX = 10_000;
/** What moves is asked for again after so long, or after two steps. */
const ACTIVITY_MS = 10_000;
/** A failed question is not repeated sooner. */
const RETRY_MS = 3_000;

interface Chunk extends Span {
  answer?: Answer;
  loading: Promise<void> | undefined;
  /** Ask again: time has passed over its end, or something changed. */
  stale: boolean;
  retryAt: number;
  /** When its answer came: what moves is not told by footage that grows. */
  answeredAt: number;
  used: number;
}

export class Footage {
  recorded: Span | undefined;
  durableUntil: number | undefined;
  private chunks = new Map<string, Chunk>();
  private clock = 0;

  constructor(
    private load: Load,
    /** The server's clock. */
    private now: () => number,
    private changed: () => void,
    /** The newest footage reaches further than before, and no more. */
    private grew: () => void = changed,
  ) {}

  /** The finest level that is not finer than a pixel. */
  static level(msPerPx: number): number {
    let level = 0;
    for (let i = 0; i < LEVELS.length; i++) if ((LEVELS[i] ?? 0) <= msPerPx) level = i;
    return level;
  }

  /** What is known of [from, to) at this scale; asks for what is missing. */
  at(from: number, to: number, msPerPx: number): Known {
    const level = Footage.level(msPerPx);
    const footage: Span[] = [];
    const gaps: GapSpan[] = [];
    const kept: Span[] = [];
    const activity: ActivityPiece[] = [];
    for (const chunk of this.chunksOf(level, from, Math.min(to, this.now()))) {
      this.want(chunk, level);
      const known = chunk.answer ?? this.coarser(level, chunk);
      if (!known) continue;
      const part = { from: Math.max(from, chunk.from), to: Math.min(to, chunk.to) };
      footage.push(...cut(known.footage, part.from, part.to));
      gaps.push(...cut(known.gaps, part.from, part.to));
      kept.push(...cut(known.kept ?? [], part.from, part.to));
      if (known.activity) activity.push({ ...part, activity: known.activity });
    }
    return { footage: join(footage), gaps: joinGaps(gaps), kept: join(kept), activity };
  }

  /** The gap that `time` is in, as exactly as it is known by now, whole where that is known. */
  gapAt(time: number): GapSpan | undefined {
    for (let level = 0; level < LEVELS.length; level++) {
      const at = chunkIndex(level, time);
      const near = [at - 1, at, at + 1].map((i) => this.chunks.get(key(level, i))?.answer?.gaps);
      if (near[1]) return spanAt(joinGaps(near.flatMap((gaps) => gaps ?? [])), time);
    }
    return undefined;
  }

  /** Footage grew without a break: known without asking. */
  grow(durableUntil: number): void {
    if (this.durableUntil !== undefined && durableUntil <= this.durableUntil) return;
    this.extend(durableUntil);
    this.grew();
  }

  private extend(durableUntil: number): void {
    const before = this.durableUntil;
    this.durableUntil = durableUntil;
    this.recorded = this.recorded
      ? { ...this.recorded, to: durableUntil }
      : { from: durableUntil, to: durableUntil };
    for (const chunk of this.chunks.values()) {
      if (!chunk.answer) continue;
      if (before === undefined) {
        if (chunk.to > durableUntil) chunk.stale = true;
        continue;
      }
      if (chunk.to <= before || chunk.from >= durableUntil) continue;
      const last = chunk.answer.footage.at(-1);
      const end = Math.min(durableUntil, chunk.to);
      // A last span that ended with what was durable goes on; anything else has to be asked for.
      const goesOn = durableUntil - before <= GROWTH_MS_MAX;
      if (goesOn && last && last.to >= Math.min(before, chunk.to) - 50)
        last.to = Math.max(last.to, end);
      else chunk.stale = true;
      const step = (chunk.to - chunk.from) / CHUNK_STEPS;
      const age = this.now() - chunk.answeredAt;
      if (age > Math.max(ACTIVITY_MS, 2 * step)) chunk.stale = true;
    }
  }

  /** Something happened that growing does not explain: ask again for the newest. */
  refresh(since = Number.NEGATIVE_INFINITY): void {
    for (const chunk of this.chunks.values()) if (chunk.to > since) chunk.stale = true;
    this.changed();
  }

  /** What is recorded around `time` to the second, waited for: for playing. */
  async around(time: number, length: number): Promise<Span[]> {
    const wanted = [...this.chunksOf(PLAY_LEVEL, time - 1000, Math.min(time + length, this.now()))];
    for (const chunk of wanted) await this.settled(chunk);
    return join(wanted.flatMap((chunk) => chunk.answer?.footage ?? []));
  }

  /** Where the first footage after `time` begins, when nothing is recorded at `time`. */
  async next(time: number): Promise<number | undefined> {
    for (const hours of [1, 48, 24 * 60, 24 * 800]) {
      const length = hours * 3_600_000;
      const to = Math.min(time + length, this.now());
      if (to <= time) return undefined;
      const { footage } = await this.load(time, to, length / CHUNK_STEPS);
      const first = footage.find((span) => span.to > time);
      if (first) return first.from;
      if (to >= this.now()) return undefined;
    }
    return undefined;
  }

  /** The last footage that begins before `time`, cut there, as far as it reaches back at once. */
  async before(time: number): Promise<Span | undefined> {
    const near = await this.lately(time);
    if (near) return near;
    const end = await this.lastEnd(time);
    if (end === undefined) return undefined;
    // Coarse answers round: what is really there is asked for around it.
    return cut(await this.around(end - NEAR_MS, 2 * NEAR_MS), 0, time).at(-1);
  }

  /** The same, where that is in the last minute. */
  async lately(time: number): Promise<Span | undefined> {
    return cut(await this.around(time - NEAR_MS, NEAR_MS), time - NEAR_MS, time).at(-1);
  }

  private async lastEnd(time: number): Promise<number | undefined> {
    const earliest = this.recorded?.from ?? 0;
    for (const hours of [1, 48, 24 * 60, 24 * 800]) {
      const length = hours * 3_600_000;
      const { footage } = await this.load(time - length, time, length / CHUNK_STEPS);
      const last = footage.at(-1);
      if (last) return Math.min(last.to, time);
      if (time - length <= earliest) return undefined;
    }
    return undefined;
  }

  private async settled(chunk: Chunk): Promise<void> {
    chunk.retryAt = 0;
    this.want(chunk, PLAY_LEVEL);
    await chunk.loading;
    if (!chunk.answer) throw new Error("what is recorded could not be asked for");
  }

  private learn(answer: Answer): void {
    if (answer.durableUntil !== undefined && answer.durableUntil > (this.durableUntil ?? 0)) {
      // What one answer says is true of the chunks of all other levels too.
      this.extend(answer.durableUntil);
    }
    if (answer.recorded) this.recorded = answer.recorded;
  }

  private *chunksOf(level: number, from: number, to: number): Generator<Chunk> {
    for (let i = chunkIndex(level, from); i <= chunkIndex(level, to); i++) {
      const length = chunkLength(level);
      let chunk = this.chunks.get(key(level, i));
      if (!chunk) {
        const whole = { from: i * length, to: (i + 1) * length };
        chunk = { ...whole, loading: undefined, stale: false, retryAt: 0, answeredAt: 0, used: 0 };
        this.chunks.set(key(level, i), chunk);
        this.forget();
      }
      chunk.used = ++this.clock;
      yield chunk;
    }
  }

  private want(chunk: Chunk, level: number): void {
    if (chunk.loading || (chunk.answer && !chunk.stale) || this.now() < chunk.retryAt) return;
    chunk.stale = false;
    chunk.loading = this.load(chunk.from, chunk.to, LEVELS[level] ?? 0)
      .then((answer) => {
        this.learn(answer);
        chunk.answer = answer;
        chunk.answeredAt = this.now();
        // Just after a start the server has not read everything yet: what is missing may come.
        if (answer.recorded && answer.durableUntil === undefined) {
          chunk.stale = true;
          chunk.retryAt = this.now() + RETRY_MS;
        }
      })
      .catch(() => {
        chunk.stale = true;
        chunk.retryAt = this.now() + RETRY_MS;
      })
      .finally(() => {
        chunk.loading = undefined;
        this.changed();
      });
  }

  /** Any other level that covers the chunk: better than nothing until its own answer comes. */
  private coarser(level: number, chunk: Chunk): Answer | undefined {
    for (let i = level + 1; i < LEVELS.length; i++) {
      const other = this.chunks.get(key(i, chunkIndex(i, chunk.from)));
      if (other?.answer) return other.answer;
    }
    return undefined;
  }

  private forget(): void {
    if (this.chunks.size <= CHUNKS_MAX) return;
    const oldest = [...this.chunks].sort(([, a], [, b]) => a.used - b.used);
    for (const [name] of oldest.slice(0, CHUNKS_MAX / 4)) this.chunks.delete(name);
  }
}

/** Gaps that the edge of a chunk has cut are one again. */
function joinGaps(gaps: readonly GapSpan[]): GapSpan[] {
  const joined: GapSpan[] = [];
  for (const gap of gaps) {
    const last = joined.at(-1);
    if (last && last.to === gap.from) joined[joined.length - 1] = { ...last, to: gap.to };
    else joined.push(gap);
  }
  return joined;
}

const key = (level: number, index: number) => `${level}:${index}`;
const chunkLength = (level: number) => (LEVELS[level] ?? 0) * CHUNK_STEPS;
const chunkIndex = (level: number, time: number) => Math.floor(time / chunkLength(level));
