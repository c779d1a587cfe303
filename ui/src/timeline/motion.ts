// The window onto time in motion: eased zooms, and what goes on after a fling.

import { type Bounds, clamp, ease, type View, zoomAround } from "./view";

/** What is moved. */
export interface Paper {
  readonly view: View;
  readonly width: number;
  readonly bounds: Bounds;
  /** No motion is wanted: everything is there at once. */
  readonly calm: boolean;
  set(view: View): void;
  /** A fling goes on by so many pixels. */
  pull(dx: number): void;
  /** A fling has come to rest. */
  rested(): void;
}

const FRICTION = 0.94;
/** Slower than this, in pixels a millisecond, is standing; and no fling. */
const STILL = 0.02;
const FLING_MIN = 0.15;
/** A tab that was away does not leap. */
const STEP_MS_MAX = 64;
const EASE_MS = 55;

export class Motion {
  private goal: View | undefined;
  private speed = 0;
  private frame = 0;
  private frameAt = 0;

  constructor(private paper: Paper) {}

  /** Whether it goes on by itself after a fling. */
  get flung(): boolean {
    return this.speed !== 0;
  }

  zoom(factor: number, x: number): void {
    const { paper } = this;
    this.goal = zoomAround(this.goal ?? paper.view, paper.width, x, factor);
    if (paper.calm) {
      paper.set(clamp(this.goal, paper.bounds));
      this.goal = undefined;
    } else this.run();
  }

  /** A hand has it: where it was going is forgotten. */
  hold(): void {
    this.goal = undefined;
  }

  /** Let go with this speed, in pixels a millisecond. */
  fling(speed: number): void {
    this.speed = Math.abs(speed) > FLING_MIN && !this.paper.calm ? speed : 0;
    if (this.speed !== 0) this.run();
  }

  end(): void {
    cancelAnimationFrame(this.frame);
  }

  private run(): void {
    if (this.frame) return;
    this.frameAt = performance.now();
    this.frame = requestAnimationFrame((at) => this.animate(at));
  }

  private animate(at: number): void {
    this.frame = 0;
    const { paper, goal } = this;
    const passed = Math.min(STEP_MS_MAX, at - this.frameAt);
    this.frameAt = at;
    if (goal) {
      const view = clamp(ease(paper.view, goal, 1 - Math.exp(-passed / EASE_MS)), paper.bounds);
      paper.set(view);
      if (view === goal || view.msPerPx === goal.msPerPx) this.goal = undefined;
    }
    if (this.speed !== 0) {
      paper.pull(this.speed * passed);
      this.speed *= FRICTION ** (passed / 16);
      if (Math.abs(this.speed) < STILL) {
        this.speed = 0;
        paper.rested();
      }
    }
    if (this.goal || this.speed !== 0) this.run();
  }
}
