// The window onto time: what instant is at which pixel, and how a gesture moves it.

/** Which piece of time is shown. */
export interface View {
  /** The instant in the middle, in milliseconds since 1970. */
  center: number;
  /** Milliseconds that one CSS pixel stands for. */
  msPerPx: number;
}

/** Single pictures are well apart at this scale. */
export const MS_PER_PX_MIN = 1;
/** The longest span that fits the window: a bit more than a year. */
export const SPAN_MS_MAX = 400 * 86_400_000;

/** The instants between which the middle may be. */
export interface Bounds {
  earliest: number;
  latest: number;
}

export function timeAt(view: View, width: number, x: number): number {
  return view.center + (x - width / 2) * view.msPerPx;
}

export function xAt(view: View, width: number, time: number): number {
  return width / 2 + (time - view.center) / view.msPerPx;
}

/** The span shown, first and last instant. */
export function shown(view: View, width: number): { from: number; to: number } {
  const half = (width / 2) * view.msPerPx;
  return { from: view.center - half, to: view.center + half };
}

export function clampScale(msPerPx: number, width: number): number {
  const most = SPAN_MS_MAX / Math.max(1, width);
  return Math.min(Math.max(msPerPx, MS_PER_PX_MIN), most);
}

/** Scaled by `factor` (above 1: more time) with the instant at `x` staying where it is. */
export function zoomAround(view: View, width: number, x: number, factor: number): View {
  const msPerPx = clampScale(view.msPerPx * factor, width);
  const held = timeAt(view, width, x);
  return { center: held - (x - width / 2) * msPerPx, msPerPx };
}

/** Moved as if the paper were pulled `dx` pixels to the right. */
export function pan(view: View, dx: number): View {
  return { ...view, center: view.center - dx * view.msPerPx };
}

/** Kept inside its bounds. */
export function clamp(view: View, bounds: Bounds): View {
  const center = Math.min(Math.max(view.center, bounds.earliest), bounds.latest);
  return center === view.center ? view : { ...view, center };
}

/** A step from `from` towards `to`; scales are eased by ratio, so that zooming feels even. */
export function ease(from: View, to: View, share: number): View {
  const close =
    Math.abs(Math.log(to.msPerPx / from.msPerPx)) < 0.002 &&
    Math.abs(to.center - from.center) < to.msPerPx / 2;
  if (close || share >= 1) return to;
  return {
    center: from.center + (to.center - from.center) * share,
    msPerPx: from.msPerPx * (to.msPerPx / from.msPerPx) ** share,
  };
}
