// The picture under a hand that drags through time: the archive's own key frames on a canvas, or
// stills from the server where the browser does not decode.

import { canDecode, KeyDecoder, type Picture, takes } from "./key-decoder";
import type { KeyFrame } from "./key-frames";
import { KeyStore, levelOf } from "./key-store";

export interface ScrubSource {
  keyFrames(from: number, to: number, max: number, signal: AbortSignal): Promise<ArrayBuffer>;
  still(at: number, signal: AbortSignal): Promise<Blob>;
  /** From where, and up to where, there is footage to ask for. */
  bounds(): { from: number; to: number };
}

interface Wish {
  time: number;
  msPerPx: number;
  /** Nothing from elsewhere in the meantime. */
  patient: boolean;
}

/** Decoded pictures kept for a hand that goes to and fro, by their pixels. */
const PIXELS_MAX = 4_000_000;
/** A still that could not be had is not asked for again sooner. */
const AGAIN_MS = 1_000;
/** Two refusals are no accident: stills of what is coded so from then on. */
const REFUSALS_MAX = 2;

/** Told by the scrubber. */
export interface Scrubbed {
  /** A picture is seen. */
  pictured?(): void;
  /** None could be had this time. */
  refused?(): void;
}

export class Scrubber {
  readonly canvas = document.createElement("canvas");
  private store: KeyStore;
  private decoder = new KeyDecoder();
  private decoded = new Map<KeyFrame, ImageBitmap>();
  private pixels = 0;
  /** How often in a row the browser has refused what is coded so. */
  private refusals = new Map<string, number>();
  /** What it has decoded: of a camera with two streams it may be one only. */
  private decodes = false;
  private stills = !canDecode();
  private busy = false;
  private wish: Wish | undefined;
  /** What is on the canvas. */
  private drawn: KeyFrame | number | undefined;
  private missed: { at: number; until: number } | undefined;
  private closed = false;
  private aborted = new AbortController();

  constructor(
    stage: HTMLElement,
    private source: ScrubSource,
    private told: Scrubbed = {},
  ) {
    this.canvas.className = "clip-canvas";
    this.canvas.setAttribute("aria-hidden", "true");
    stage.append(this.canvas);
    const load = source.keyFrames.bind(source);
    this.store = new KeyStore(load, source.bounds.bind(source), () => this.more());
  }

  /** Shows the picture nearest to `time`, over what is below, as soon as there is one. */
  show(time: number, msPerPx: number, patient = false): void {
    this.wish = { time, msPerPx, patient };
    void this.next();
  }

  /** Shows a picture that somebody else has. */
  paint(picture: ImageBitmap, at: number): void {
    this.wish = { time: at, msPerPx: 1, patient: true };
    if (this.drawn !== at) this.draw(picture, at, 1);
    else this.front();
  }

  /** Lets the picture below be seen. */
  hide(): void {
    this.wish = undefined;
    this.canvas.classList.remove("front");
    this.store.rest();
  }

  get shown(): boolean {
    return this.canvas.classList.contains("front");
  }

  /** The instant of what was drawn last. */
  get at(): number | undefined {
    return typeof this.drawn === "object" ? this.drawn.at : this.drawn;
  }

  close(): void {
    this.closed = true;
    this.aborted.abort();
    this.store.close();
    this.decoder.close();
    for (const picture of this.decoded.values()) picture.close();
    this.decoded.clear();
    this.canvas.remove();
  }

  private more(): void {
    if (this.wish) void this.next();
  }

  /** One picture at a time; the newest wish is the next. */
  private async next(): Promise<void> {
    if (this.busy || this.closed) return;
    this.busy = true;
    for (let done: unknown; this.wish && this.wish !== done && !this.closed; ) {
      const wish = this.wish;
      await (this.stills ? this.nextStill(wish) : this.nextKeyFrame(wish));
      done = wish;
    }
    this.busy = false;
  }

  private async nextKeyFrame(wish: Wish): Promise<void> {
    const { time, msPerPx, patient } = wish;
    const frame = this.store.at(time, msPerPx, patient);
    if (!frame) return;
    if (frame === this.drawn) return this.front();
    const kept = this.decoded.get(frame);
    if (kept) {
      this.decoded.delete(frame);
      this.decoded.set(frame, kept);
      return this.draw(kept, frame, frame.config.pixelAspect);
    }
    const { codec } = frame.config;
    if (!(await this.may(codec))) return this.nextStill(wish);
    let picture: Picture | undefined;
    try {
      picture = await this.decoder.decode(frame);
      if (!this.closed) {
        this.draw(picture, frame, frame.config.pixelAspect);
        await this.keep(frame, picture);
      }
      this.decodes = true;
      this.refusals.delete(codec);
    } catch {
      this.refuse(codec);
      if (this.stills) await this.nextStill(wish);
    } finally {
      picture?.close();
    }
  }

  /** Whether it is worth a try: the browser may say beforehand, or have refused before. */
  private async may(codec: string): Promise<boolean> {
    if ((this.refusals.get(codec) ?? 0) >= REFUSALS_MAX) return false;
    if (await takes(codec)) return true;
    this.refuse(codec, REFUSALS_MAX);
    return false;
  }

  private refuse(codec: string, times = 1): void {
    const before = this.refusals.get(codec) ?? 0;
    this.refusals.set(codec, before + times);
    // Where nothing else comes, key frames are not fetched for nothing any more.
    if (before + times >= REFUSALS_MAX && !this.decodes) this.stills = true;
  }

  private async keep(frame: KeyFrame, picture: Picture): Promise<void> {
    const bitmap = await createImageBitmap(picture);
    if (this.closed) {
      bitmap.close();
      return;
    }
    this.decoded.set(frame, bitmap);
    this.pixels += bitmap.width * bitmap.height;
    for (const [oldest, old] of this.decoded) {
      if (this.pixels <= PIXELS_MAX) break;
      this.pixels -= old.width * old.height;
      this.decoded.delete(oldest);
      old.close();
    }
  }

  private async nextStill({ time, msPerPx, patient }: Wish): Promise<void> {
    const { drawn } = this;
    const step = 1000 * 2 ** levelOf(msPerPx);
    // A clock that runs sees one after the other, and what is here for as long as that is near.
    const near = typeof drawn === "number" && Math.abs(time - drawn) < step;
    if (patient && near) return this.front();
    const at = Math.min(this.stillAt(time, msPerPx, patient), Math.floor(this.source.bounds().to));
    if (at === drawn) return this.front();
    // A clock that runs wishes for it again at once.
    const { missed } = this;
    if (missed && Math.abs(at - missed.at) < step && performance.now() < missed.until) return;
    let picture: ImageBitmap | undefined;
    try {
      const blob = await this.source.still(at, this.aborted.signal);
      picture = await createImageBitmap(blob);
      if (!this.closed) this.draw(picture, at, 1);
    } catch {
      // Nothing there, or too many ask: a later wish asks again.
      this.missed = { at, until: performance.now() + AGAIN_MS };
      if (!this.closed) this.told.refused?.();
    } finally {
      picture?.close();
    }
  }

  /** Under a hand on a grid, so that the same places are the same addresses. */
  private stillAt(time: number, msPerPx: number, patient: boolean): number {
    // At rest the very one: not before the instant of its key frame, of which there is a fraction.
    if (patient || msPerPx === 0) return Math.ceil(time);
    const step = 1000 * 2 ** levelOf(msPerPx);
    return Math.round(time / step) * step;
  }

  private draw(picture: Picture, what: KeyFrame | number, pixelAspect: number): void {
    const wide = "displayWidth" in picture ? picture.displayWidth : picture.width;
    const height = "displayHeight" in picture ? picture.displayHeight : picture.height;
    const width = "displayWidth" in picture ? wide : Math.round(wide * pixelAspect);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
    this.drawn = what;
    this.canvas.dataset.at = String(typeof what === "number" ? what : what.at);
    this.front();
  }

  private front(): void {
    if (!this.wish || this.shown) return;
    this.canvas.classList.add("front");
    this.told.pictured?.();
  }
}
