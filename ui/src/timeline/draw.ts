// Paints the timeline on a canvas. What its lanes show lies on a paper of its own.

import { clock, clockMinutes, clockMs, day, month, monthShort, shownZone } from "../texts/format";
import { toLocal } from "../texts/zone";
import { box, type Lane, type LaneColours, type Paper } from "./paper";
import { above, type Grain, starts, ticks } from "./ticks";
import { shown, type View, xAt } from "./view";

/** Colours, taken from the theme. */
export interface Palette extends LaneColours {
  ink: string;
  quiet: string;
  faint: string;
  line: string;
  future: string;
  accent: string;
  mark: string;
  live: string;
  playhead: string;
}

export interface Scene {
  width: number;
  height: number;
  view: View;
  zone: string;
  lanes: readonly Lane[];
  /** Another one when lanes know more of what is in sight, or near. */
  version: number;
  /** Height of the head with days and times. */
  head: number;
  now: number;
  playhead: number | undefined;
  live: boolean;
  hover: number | undefined;
  mark: { from: number | undefined; to: number | undefined };
}

const FONT = '"Inter Variable", system-ui, sans-serif';

export function draw(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  paper: Paper,
): void {
  context.clearRect(0, 0, scene.width, scene.height);
  const grain = drawTicks(context, scene, palette);
  drawLanes(context, scene, palette, paper);
  drawAbove(context, scene, palette, above(grain));
  drawMark(context, scene, palette);
  drawNow(context, scene, palette);
  drawHover(context, scene, palette);
  drawPlayhead(context, scene, palette);
}

/** The lanes themselves, as far as time has come, and on them the paper with all that they show. */
function drawLanes(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  paper: Paper,
): void {
  const { view, width, now } = scene;
  const end = Math.min(width, xAt(view, width, now));
  context.fillStyle = palette.lane;
  for (const lane of scene.lanes) box(context, 0, lane.top, Math.max(0, end), lane.height, 3);
  paper.draw(context, view, { ...scene, colours: palette, ratio: devicePixelRatio });
}

function label(time: number, grain: Grain, zone: string): string {
  switch (grain) {
    case "ms":
      return clockMs(time).slice(0, -1);
    case "second":
      return clock(time);
    case "minute":
      return clockMinutes(time);
    case "day":
      return String(toLocal(time, zone).day);
    case "month":
      return monthShort(time);
    case "year":
      return String(toLocal(time, zone).year);
  }
}

function drawTicks(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): Grain {
  const { view, width, zone, head } = scene;
  const span = shown(view, width);
  const margin = 60 * view.msPerPx;
  const marks = ticks(span.from - margin, span.to + margin, view.msPerPx, zone);
  context.font = `500 11px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const tick of marks.ticks) {
    const x = Math.round(xAt(view, width, tick.time)) + 0.5;
    context.strokeStyle = tick.major ? palette.line : palette.faint;
    context.beginPath();
    context.moveTo(x, tick.major ? head - 7 : head - 4);
    context.lineTo(x, tick.major ? scene.height : head);
    context.stroke();
    if (!tick.major) continue;
    const text = label(tick.time, marks.grain, zone);
    const half = context.measureText(text).width / 2;
    // A time that is cut in half at the edge reads as another time.
    if (x - half < 4 || x + half > width - 4) continue;
    context.fillStyle = tick.time > scene.now ? palette.quiet : palette.ink;
    context.fillText(text, x, head - 12);
  }
  return marks.grain;
}

const NAMES = { day, month, year: (time: number) => String(toLocal(time, shownZone()).year) };

/** The day (or month, or year) along the top; the one at the left edge stays in sight. */
function drawAbove(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  unit: "day" | "month" | "year",
): void {
  const { view, width, zone } = scene;
  const span = shown(view, width);
  const names = starts(unit, span.from, span.to, zone);
  context.font = `600 11px ${FONT}`;
  context.textAlign = "left";
  names.forEach((start, i) => {
    const text = NAMES[unit](start);
    const next = names[i + 1];
    const room = next === undefined ? width : xAt(view, width, next) - 10;
    const wide = context.measureText(text).width;
    const x = Math.min(Math.max(xAt(view, width, start) + 6, 10), room - wide);
    if (x < xAt(view, width, start)) return;
    context.fillStyle = palette.quiet;
    context.fillText(text, x, 14);
    if (i === 0) return;
    const edge = Math.round(xAt(view, width, start)) + 0.5;
    context.strokeStyle = palette.quiet;
    context.beginPath();
    context.moveTo(edge, 4);
    context.lineTo(edge, 16);
    context.stroke();
  });
}

function drawMark(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { view, width, mark, head, height } = scene;
  if (mark.from === undefined && mark.to === undefined) return;
  const from = mark.from === undefined ? undefined : xAt(view, width, mark.from);
  const to = mark.to === undefined ? undefined : xAt(view, width, mark.to);
  if (from !== undefined && to !== undefined) {
    context.fillStyle = palette.mark;
    context.fillRect(from, head - 4, to - from, height - head + 4);
  }
  context.fillStyle = palette.accent;
  for (const [x, side] of [
    [from, 1],
    [to, -1],
  ] as const) {
    if (x === undefined) continue;
    context.fillRect(Math.round(x) - (side > 0 ? 0 : 2), head - 4, 2, height - head + 4);
    box(context, side > 0 ? x : x - 8, head - 4, 8, 8, 2);
  }
}

function drawNow(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { view, width, now, head, height } = scene;
  const x = Math.round(xAt(view, width, now)) + 0.5;
  if (x > width) return;
  context.fillStyle = palette.future;
  context.fillRect(Math.max(0, x), head, width - x, height - head);
  if (x < 0 || scene.live) return;
  context.strokeStyle = palette.quiet;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(x, head - 6);
  context.lineTo(x, height);
  context.stroke();
  context.setLineDash([]);
}

function drawHover(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  if (scene.hover === undefined) return;
  const x = Math.round(xAt(scene.view, scene.width, scene.hover)) + 0.5;
  context.strokeStyle = palette.quiet;
  context.beginPath();
  context.moveTo(x, scene.head - 8);
  context.lineTo(x, scene.height);
  context.stroke();
}

function drawPlayhead(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  if (scene.playhead === undefined) return;
  const x = Math.round(xAt(scene.view, scene.width, scene.playhead));
  const top = scene.head - 4;
  context.fillStyle = scene.live ? palette.live : palette.playhead;
  context.fillRect(x - 1, top, 2, scene.height - top);
  context.beginPath();
  context.roundRect(x - 6, top - 5, 12, 9, [3, 3, 1, 1]);
  context.moveTo(x - 6, top + 3);
  context.lineTo(x + 6, top + 3);
  context.lineTo(x, top + 9);
  context.closePath();
  context.fill();
}
