// Key frames around a cursor that moves: which windows to ask for, what to keep, which picture is
// nearest. Bounded in bytes and in questions; the newest wish comes first.

import { type KeyFrame, parseKeyFrames } from "./key-frames";

export type LoadKeyFrames = (
  from: number,
  to: number,
  max: number,
  signal: AbortSignal,
) => Promise<ArrayBuffer>;

/** Key frames of one question. */
export const WINDOW_FRAMES = 16;
/** The finest distance asked for; cameras send key frames no more often as a rule. */
const STEP_MS_MIN = 1_000;
/** Pixels of the ruler for which one picture is enough. */
const PX_A_PICTURE = 1.5;
/** Questions under way at a time. */
const ASKED_MAX = 2;
const WINDOWS_MAX = 96;
/** Cameras may send a key frame this seldom. */
const GOP_MS_MAX = 15_000;
/** A window that failed is not asked for again sooner. */
const RETRY_MS = 2_000;

interface Window {
  level: number;
  from: number;
  to: number;
  /** Up to where it was asked for: footage may have grown since. */
  askedTo: number;
  frames: KeyFrame[];
  bytes: number;
  known: boolean;
  asking: AbortController | undefined;
  retryAt: number;
  used: number;
}

const stepOf = (level: number) => STEP_MS_MIN * 2 ** level;
const lengthOf = (level: number) => stepOf(level) * WINDOW_FRAMES;

/** The level whose pictures are as far apart as the ruler can tell. */
export function levelOf(msPerPx: number): number {
  return Math.max(0, Math.ceil(Math.log2((msPerPx * PX_A_PICTURE) / STEP_MS_MIN)));
}

export class KeyStore {
  private windows = new Map<string, Window>();
  private bytes = 0;
  private uses = 0;
  private last = { time: 0, level: 0, direction: 1 };
  private closed = false;

  /**
   * @param bounds between which footage can be asked for by now
   * @param changed something came
   */
  constructor(
    private load: LoadKeyFrames,
    private bounds: () => { from: number; to: number },
    private changed: () => void,
    private bytesMax = 12_000_000,
    private now: () => number = () => performance.now(),
  ) {}

  /**
   * The picture nearest to `time` of those that are here; asks for what is wanted around it. With
   * `patient` none until those around `time` are here: a clock that runs must not show what is ahead.
   */
  at(time: number, msPerPx: number, patient = false): KeyFrame | undefined {
    const level = levelOf(msPerPx);
    const moved = time - this.last.time;
    const direction = moved === 0 ? this.last.direction : Math.sign(moved);
    this.last = { time, level, direction };
    this.ask();
    if (patient && !this.windows.get(name(level, indexOf(level, time)))?.known) return undefined;
    return this.nearest(time, level);
  }

  /** Nothing is asked for any more, until the cursor moves again. */
  rest(): void {
    for (const window of this.windows.values()) window.asking?.abort();
  }

  close(): void {
    this.closed = true;
    this.rest();
    this.windows.clear();
  }

  private nearest(time: number, level: number): KeyFrame | undefined {
    let best: KeyFrame | undefined;
    let off = Math.max(GOP_MS_MAX, 3 * stepOf(level));
    for (const window of this.windows.values()) {
      if (time < window.from - off || time > window.to + off) continue;
      for (const frame of window.frames) {
        const distance = Math.abs(frame.at - time);
        if (distance < off) {
          off = distance;
          best = frame;
          window.used = ++this.uses;
        }
      }
    }
    return best;
  }

  /** What is wanted, most wanted first. */
  private wishes(): [level: number, index: number][] {
    const { time, level, direction } = this.last;
    const index = indexOf(level, time);
    // A coarse one covers a sudden jump; the one behind is for the hand that turns around.
    const coarse = level + 3;
    return [
      [level, index],
      [level, index + direction],
      [coarse, indexOf(coarse, time)],
      [level, index - direction],
      [level, index + 2 * direction],
    ];
  }

  private ask(): void {
    if (this.closed) return;
    const bounds = this.bounds();
    const wanted = this.wishes().map(([level, index]) => this.window(level, index));
    const missing = wanted.filter((window) => this.lacks(window, bounds));
    for (const window of this.windows.values()) {
      if (window.asking && !wanted.includes(window)) window.asking.abort();
    }
    let asked = [...this.windows.values()].filter(({ asking }) => asking).length;
    for (const window of missing) {
      if (asked >= ASKED_MAX) {
        // The picture under the cursor does not wait for what is only guessed.
        if (window !== wanted[0]) break;
        const guess = wanted.findLast(({ asking }) => asking);
        guess?.asking?.abort();
      }
      asked++;
      void this.bring(window, bounds);
    }
  }

  private lacks(window: Window, { from, to }: { from: number; to: number }): boolean {
    if (window.asking || this.now() < window.retryAt) return false;
    if (window.from >= to || window.to <= from) return false;
    if (!window.known) return true;
    const goal = Math.min(window.to, to);
    return goal - window.askedTo > Math.max(STEP_MS_MIN, stepOf(window.level) / 2);
  }

  private async bring(window: Window, bounds: { from: number; to: number }): Promise<void> {
    const asking = new AbortController();
    window.asking = asking;
    asking.signal.addEventListener("abort", () => {
      if (window.asking === asking) window.asking = undefined;
    });
    const from = Math.max(window.from, bounds.from);
    const to = Math.min(window.to, bounds.to);
    try {
      const buffer = await this.load(from, to, WINDOW_FRAMES, asking.signal);
      if (asking.signal.aborted || this.closed) return;
      window.frames = parseKeyFrames(buffer);
      this.bytes += buffer.byteLength - window.bytes;
      window.bytes = buffer.byteLength;
      window.known = true;
      window.askedTo = to;
    } catch {
      if (!asking.signal.aborted) window.retryAt = this.now() + RETRY_MS;
    } finally {
      if (window.asking === asking) window.asking = undefined;
    }
    if (asking.signal.aborted || this.closed) return;
    this.forget();
    this.changed();
    this.ask();
  }

  private window(level: number, index: number): Window {
    const key = name(level, index);
    let window = this.windows.get(key);
    if (!window) {
      const from = index * lengthOf(level);
      window = {
        level,
        from,
        to: from + lengthOf(level),
        askedTo: from,
        frames: [],
        bytes: 0,
        known: false,
        asking: undefined,
        retryAt: 0,
        used: 0,
      };
      this.windows.set(key, window);
    }
    window.used = ++this.uses;
    return window;
  }

  private forget(): void {
    if (this.bytes <= this.bytesMax && this.windows.size <= WINDOWS_MAX) return;
    const oldest = [...this.windows].sort(([, a], [, b]) => a.used - b.used);
    // What is wanted now stays, however large it is.
    const kept = new Set(this.wishes().map(([level, index]) => name(level, index)));
    for (const [key, window] of oldest) {
      if (this.bytes <= this.bytesMax && this.windows.size <= WINDOWS_MAX) break;
      if (kept.has(key)) continue;
      window.asking?.abort();
      this.windows.delete(key);
      this.bytes -= window.bytes;
    }
  }
}

const name = (level: number, index: number) => `${level}:${index}`;
const indexOf = (level: number, time: number) => Math.floor(time / lengthOf(level));
