// The two video elements of a player: one is seen, the other loads what comes next.

import type { Piece } from "./plan";
import { Slot, type SlotEvent } from "./slot";

export class Pair {
  front: Slot;
  back: Slot;
  private rate = 1;
  private loaded: (() => void) | undefined;
  private loadedAt = 0;

  constructor(stage: HTMLElement, changed: (slot: Slot, event: SlotEvent) => void) {
    const slot = () => {
      const video = document.createElement("video");
      video.className = "clip-video";
      stage.append(video);
      return new Slot(video, changed);
    };
    this.front = slot();
    this.back = slot();
    this.show();
  }

  /** Loads it in the back; done when it has a picture, when it has none, or when it is let go. */
  load(piece: Piece, url: string, time: number): Promise<void> {
    // Whoever waits for the load that this one replaces goes on.
    this.letGo();
    return new Promise((resolve) => {
      this.loadedAt = performance.now();
      this.loaded = () => {
        this.loaded = undefined;
        resolve();
      };
      this.back.load(piece, url, time);
    });
  }

  /** For how long a load is under way; undefined where nobody waits for one. */
  get loadingMs(): number | undefined {
    return this.loaded && performance.now() - this.loadedAt;
  }

  /** Nobody waits any more for what the back loads. */
  letGo(): void {
    this.loaded?.();
  }

  swap(): void {
    [this.front, this.back] = [this.back, this.front];
    this.back.video.pause();
    this.front.appear();
    this.front.video.playbackRate = this.rate;
    this.front.video.muted = this.back.video.muted;
    this.show();
  }

  /** What comes after the front is got ready behind it, and nobody waits. */
  prepare(piece: Piece, url: string): void {
    this.back.load(piece, url, piece.from);
    this.back.video.playbackRate = this.rate;
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

  /** @param wanted whether it is still to play, when the browser has refused it with sound */
  play(wanted: () => boolean): void {
    const { video } = this.front;
    video.play().catch(() => {
      // Sound is not allowed before the first touch: silently, then.
      if (video.muted || !wanted()) return;
      this.setMuted(true);
      video.play().catch(() => {});
    });
  }

  destroy(): void {
    this.letGo();
    for (const slot of [this.front, this.back]) {
      slot.clear();
      slot.video.remove();
    }
  }

  private show(): void {
    this.front.video.classList.add("front");
    this.back.video.classList.remove("front");
  }
}
