// Pictures backwards: one group of pictures after the other is decoded forwards and shown from its
// end. A clip brings its lead-in from the key frame on, so that nothing is decoded twice.

import { type ClipTable, readClipTable } from "./clip-table";
import { frameTable, SAME_MS } from "./frames";
import { canDecode } from "./key-decoder";
import type { Piece } from "./plan";

export interface ReversePiece extends Piece {
  /** What its clip has from before this instant is not shown: a better stream has that. */
  since?: number;
}

export interface ReverseSource {
  /** The last `length` or less of the footage before `time`. */
  before(time: number, length: number): Promise<ReversePiece | undefined>;
  /** A whole clip. */
  clip(piece: Piece, signal: AbortSignal): Promise<ArrayBuffer>;
  /** The instant of the first key frame in [from, to). */
  keyFrameTime(from: number, to: number): Promise<number | undefined>;
}

interface Batch {
  /** From here on its pictures are known: the instant of its key frame. */
  from: number;
  to: number;
  pictures: { at: number; bitmap: ImageBitmap }[];
}

/** Shown of a clip at least; its lead-in comes on top. */
const LENGTH_MS = 500;
/** Pictures kept of a group; of longer ones every second or third. */
const PICTURES_MAX = 60;
const WIDTH_MAX = 800;
/** What could not be had is asked for again after so long, so often for one place. */
const RETRY_MS = 1_000;
const TRIES_MAX = 3;

/** The browser cannot make pictures of this; asking again changes nothing. */
class Undecodable extends Error {
  override name = "Undecodable";
}

export class Reverse {
  private batches: Batch[] = [];
  private loading = false;
  private failed = !canDecode();
  /** Failures in a row to get what is next, and when there may be another try. */
  private tries = 0;
  private retryAt = 0;
  private aborted = new AbortController();
  private wanted = 0;
  /** There is nothing before what is here. */
  private ended = false;

  constructor(
    private source: ReverseSource,
    private draw: (picture: ImageBitmap, at: number) => void,
  ) {}

  /** Whether this browser, and this footage, can be shown so; and whether it can be had. */
  get able(): boolean {
    return !this.failed && this.tries < TRIES_MAX;
  }

  /** Shows the picture of `time`; false while it is not here yet. */
  show(time: number): boolean {
    this.wanted = time;
    while (this.batches.length > 1 && (this.batches[0]?.from ?? 0) > time)
      drop(this.batches.shift());
    const batch = this.batches.find(({ from, to }) => from <= time && time < to);
    const picture = batch?.pictures.findLast(({ at }) => at <= time);
    if (picture) this.draw(picture.bitmap, picture.at);
    if (this.batches.length < 2) void this.load();
    // Before the first footage nothing is waited for.
    return !!batch || this.ended;
  }

  /** Forgets all: the next picture is elsewhere. */
  stop(): void {
    this.aborted.abort();
    this.aborted = new AbortController();
    for (const batch of this.batches) drop(batch);
    this.batches = [];
    this.ended = false;
    this.tries = 0;
    this.retryAt = 0;
  }

  private async load(): Promise<void> {
    if (this.loading || !this.able || performance.now() < this.retryAt) return;
    this.loading = true;
    const { signal } = this.aborted;
    const last = this.batches.at(-1);
    const end = last?.from ?? this.wanted + 1;
    try {
      const piece = await this.source.before(end, LENGTH_MS);
      if (signal.aborted) return;
      this.ended = !piece;
      const batch = piece && (await this.decode(piece, signal));
      // Up to its predecessor: over a gap the last picture stands, as in a film.
      if (signal.aborted) drop(batch);
      else if (batch) this.batches.push({ ...batch, to: Math.max(end, batch.to) });
      if (!signal.aborted) this.tries = 0;
    } catch (error) {
      if (error instanceof Undecodable) this.failed = true;
      else if (!signal.aborted) {
        this.tries++;
        this.retryAt = performance.now() + RETRY_MS;
      }
    } finally {
      this.loading = false;
    }
  }

  private async decode(piece: ReversePiece, signal: AbortSignal): Promise<Batch> {
    const bytes = await this.source.clip(piece, signal);
    const clip = readClipTable(bytes);
    const { origin } = await frameTable(piece, clip, this.source.keyFrameTime);
    const pictures = await decodeAll(bytes, clip, piece.to - origin);
    const all = pictures.map(({ at, bitmap }) => ({ at: origin + at, bitmap }));
    const since = piece.since ?? Number.NEGATIVE_INFINITY;
    const found = all.filter(({ at }) => at >= since - SAME_MS);
    for (const { at, bitmap } of all) if (at < since - SAME_MS) bitmap.close();
    found.sort((a, b) => a.at - b.at);
    // From there on this clip is shown, though its first picture may come later.
    const from = all.length > found.length ? since : found[0]?.at;
    return { from: from ?? piece.from, to: piece.to, pictures: found };
  }
}

function drop(batch: Batch | undefined): void {
  for (const { bitmap } of batch?.pictures ?? []) bitmap.close();
}

/** All pictures before `end` (ms of the clip's time), thinned to what may be kept. */
async function decodeAll(bytes: ArrayBuffer, { samples, config }: ClipTable, end: number) {
  if (!config) throw new Undecodable("the browser cannot be told how to decode this");
  const wanted = samples.filter(({ at }) => at < end - 0.5).map(({ at }) => Math.round(at * 1000));
  wanted.sort((a, b) => a - b);
  const every = Math.max(1, Math.ceil(wanted.length / PICTURES_MAX));
  const kept = new Set(wanted.filter((_, i) => i % every === 0));
  const making: Promise<{ at: number; bitmap: ImageBitmap }>[] = [];
  let trouble: unknown;
  const decoder = new VideoDecoder({
    output(frame) {
      if (kept.has(frame.timestamp)) making.push(picture(frame));
      else frame.close();
    },
    error(error) {
      trouble = error;
    },
  });
  try {
    decoder.configure({ ...config, optimizeForLatency: true });
    for (const { at, key, offset, size } of samples) {
      const data = new Uint8Array(bytes, offset, size);
      const timestamp = Math.round(at * 1000);
      decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp, data }));
    }
    await decoder.flush();
    if (trouble) throw trouble;
    return await Promise.all(making);
  } catch (cause) {
    for (const made of making) made.then(({ bitmap }) => bitmap.close()).catch(() => {});
    throw new Undecodable(String(cause), { cause });
  } finally {
    if (decoder.state !== "closed") decoder.close();
  }
}

async function picture(frame: VideoFrame): Promise<{ at: number; bitmap: ImageBitmap }> {
  const width = Math.min(frame.displayWidth, WIDTH_MAX);
  const height = Math.round((frame.displayHeight * width) / frame.displayWidth);
  const at = frame.timestamp / 1000;
  try {
    return {
      at,
      bitmap: await createImageBitmap(frame, { resizeWidth: width, resizeHeight: height }),
    };
  } finally {
    frame.close();
  }
}
