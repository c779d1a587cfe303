// A canvas for the timeline: its colours from the theme, its pixels from the screen.

import { draw, type Palette, type Scene } from "./draw";
import type { Paper } from "./paper";

/** The colours that the theme gives `element`. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: color("ink-2"),
    quiet: color("ink-3"),
    faint: color("tick-faint"),
    line: color("tick"),
    lane: color("lane"),
    footage: color("footage"),
    footageDim: color("footage-dim"),
    future: color("future"),
    accent: color("accent"),
    mark: color("mark"),
    live: color("live"),
    playhead: color("ink"),
    activity: color("activity"),
    kept: color("ink-2"),
  };
}

/** Paints `scene`, as sharp as the screen is. */
export function paint(
  sheet: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  paper: Paper,
): void {
  const ratio = devicePixelRatio;
  const [wide, high] = [Math.round(scene.width * ratio), Math.round(scene.height * ratio)];
  if (sheet.width !== wide || sheet.height !== high) {
    sheet.width = wide;
    sheet.height = high;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw(context, scene, palette, paper);
}
