// One of a player's two video elements, and the piece of footage in it.

import { type FrameTable, frameAt, frameLength } from "./frames";
import type { Piece } from "./plan";

/** Pieces begin on whole milliseconds: what is less than one later is the same picture. */
const BEGINNING_MS = 1;

/** A picture that begins no further away may be the one that was sought, and is hardly told from it. */
const NEAR_S = 0.1;

/** It has its first picture, the one that was sought, none left, or none at all. */
export type SlotEvent = "ready" | "seeked" | "ended" | "failed";

export class Slot {
  piece: Piece | undefined;
  /** Whether a picture of the piece can be shown. */
  ready = false;
  /** The instants of its pictures, once they were asked for. */
  table: FrameTable | undefined;
  /** Where to start inside the piece as soon as it can be. */
  private start = 0;
  /** The picture that was stepped to. */
  private exact: number | undefined;
  /** Media time (s) of the picture that was painted last. */
  private painted: number | undefined;
  /** The same, since it was sent elsewhere or came into sight. */
  private fresh: number | undefined;

  constructor(
    readonly video: HTMLVideoElement,
    private changed: (slot: Slot, event: SlotEvent) => void,
  ) {
    video.playsInline = true;
    video.preload = "auto";
    video.disableRemotePlayback = true;
    video.setAttribute("aria-hidden", "true");
    video.tabIndex = -1;
    video.onloadeddata = () => this.becomeReady();
    video.onseeked = () => {
      if (this.ready) changed(this, "seeked");
      else this.becomeReady();
    };
    video.onended = () => changed(this, "ended");
    video.onerror = () => {
      if (this.piece) changed(this, "failed");
    };
    video.onloadedmetadata = () => {
      if (this.start > 0) video.currentTime = this.start / 1000;
    };
    video.onplay = () => {
      this.exact = undefined;
    };
    if ("requestVideoFrameCallback" in video) this.notePaintings();
  }

  private notePaintings(): void {
    this.video.requestVideoFrameCallback((_, { mediaTime }) => {
      this.painted = mediaTime;
      this.fresh = mediaTime;
      this.notePaintings();
    });
  }

  /** Whether the picture that was sought is painted, of an element that can be seen. */
  get sawSought(): boolean {
    const { fresh, video } = this;
    return fresh !== undefined && Math.abs(fresh - video.currentTime) < NEAR_S;
  }

  /** It comes into sight: what was painted before is not on the screen yet. */
  appear(): void {
    this.fresh = undefined;
  }

  load(piece: Piece, url: string, time: number): void {
    this.piece = piece;
    this.ready = false;
    this.table = undefined;
    this.exact = undefined;
    this.painted = undefined;
    const start = time - piece.from;
    // A seek of no length would take as long as any other.
    this.start = start < BEGINNING_MS ? 0 : start;
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

  /** The instant of its media time 0: a clip begins with its first picture. */
  private get origin(): number {
    return this.table?.origin ?? this.piece?.from ?? 0;
  }

  get time(): number {
    return this.exact ?? this.origin + this.video.currentTime * 1000;
  }

  holds(time: number): boolean {
    return !!this.piece && time >= this.piece.from && time < this.piece.to - 20;
  }

  seek(time: number): void {
    if (!this.piece) return;
    this.exact = undefined;
    this.fresh = undefined;
    this.video.currentTime = Math.max(0, time - this.origin) / 1000;
  }

  /** Which picture of its table is seen. */
  seen(table: FrameTable): number {
    if (this.exact !== undefined) return frameAt(table, this.exact);
    // A film that was halted may say a time whose picture was not painted any more.
    const { currentTime } = this.video;
    const close = this.painted !== undefined && Math.abs(this.painted - currentTime) < 1;
    const seconds = close ? (this.painted ?? 0) : currentTime;
    return frameAt(table, table.origin + seconds * 1000);
  }

  /** Seeks into the middle of a picture's time, where no rounding leads to its neighbour. */
  showFrame(table: FrameTable, index: number): void {
    const time = table.times[index];
    if (time === undefined) return;
    this.seek(time + frameLength(table, index) / 2);
    this.exact = time;
  }

  private becomeReady(): void {
    if (this.ready || this.video.seeking || this.video.readyState < 2) return;
    this.ready = true;
    this.changed(this, "ready");
  }
}
