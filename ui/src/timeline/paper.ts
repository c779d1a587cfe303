// What the lanes show, on a sheet that is wider than the window: where a hand moves time, the sheet moves,
// and is painted anew only at its end, and when more of it is known.

import { COLUMN_PX, columns } from "./activity";
import type { Known } from "./footage";
import { join } from "./spans";
import { shown, type View, xAt } from "./view";

/** Colours, taken from the theme. */
export interface LaneColours {
  /** A lane without footage. */
  lane: string;
  footage: string;
  footageDim: string;
  /** Where something moves. */
  activity: string;
  /** What is protected. */
  kept: string;
}

/** One line of footage, and where it is. */
export interface Lane {
  /** From the top of the canvas. */
  top: number;
  height: number;
  /** Whether its pictures are shown now. */
  active: boolean;
  /** What is known by now; what is missing is asked for. */
  spans(from: number, to: number, msPerPx: number): Known;
}

/** What the sheet depends on. Lanes and colours are other ones when anything of them is. */
export interface Lanes {
  lanes: readonly Lane[];
  colours: LaneColours;
  width: number;
  height: number;
  /** Above this no lane is. */
  head: number;
  /** Pixels of the screen for one of the page. */
  ratio: number;
  /** Another one when more is known of what is in sight, or near. */
  version: number;
}

/** So much of the window's width is there on both sides of it, where there is room for it. */
const BESIDE = 1 / 3;
/** A sheet has no more pixels: four bytes each, and above 16.7 million an iPhone shows nothing. */
const PIXELS_MAX = 12_000_000;

export class Paper {
  private sheet: HTMLCanvasElement | undefined;
  private of: (Lanes & { msPerPx: number }) | undefined;
  /** What the sheet shows. */
  private from = 0;
  private width = 0;

  /** Shows the lanes in this window, on whole pixels of the screen. */
  draw(context: CanvasRenderingContext2D, view: View, lanes: Lanes): void {
    if (lanes.lanes.length === 0 || lanes.height <= lanes.head) return;
    if (!this.fits(view, lanes)) {
      const beside = this.beside(view, lanes);
      if (beside < 0) {
        this.end();
        paintStraight(context, view, lanes);
        return;
      }
      this.paint(view, lanes, beside);
    }
    const { sheet } = this;
    // Nothing can be taken from a sheet without pixels.
    if (!sheet?.width || !sheet.height) return;
    const { ratio } = lanes;
    const x = onPixel(xAt(view, lanes.width, this.from), ratio);
    // A pixel of the sheet is one of the screen, whatever the ratio.
    const y = pixelsAbove(lanes) / ratio;
    context.drawImage(sheet, x, y, sheet.width / ratio, sheet.height / ratio);
  }

  /** Gives back at once what it takes of the memory. */
  end(): void {
    if (this.sheet) this.sheet.width = this.sheet.height = 0;
    this.sheet = undefined;
    this.of = undefined;
  }

  private fits(view: View, lanes: Lanes): boolean {
    const { of, from } = this;
    if (!of || of.msPerPx !== view.msPerPx) return false;
    if (lanes.version !== of.version) return false;
    if (lanes.lanes !== of.lanes || lanes.colours !== of.colours) return false;
    if (lanes.width !== of.width || lanes.height !== of.height || lanes.ratio !== of.ratio)
      return false;
    const window = shown(view, lanes.width);
    return window.from >= from && window.to <= from + this.width * view.msPerPx;
  }

  /** What is painted on each side of the window; below zero where not even that has room. */
  private beside(view: View, lanes: Lanes): number {
    const { width, ratio } = lanes;
    const most = Math.floor(PIXELS_MAX / pixelsHigh(lanes) / ratio);
    const room = Math.floor((most - width - COLUMN_PX) / 2);
    // While the scale changes each frame is painted, and none is moved.
    const scaled = this.of && this.of.msPerPx !== view.msPerPx;
    return Math.min(scaled ? 0 : Math.ceil(width * BESIDE), room);
  }

  private paint(view: View, lanes: Lanes, beside: number): void {
    const { msPerPx } = view;
    const { width, ratio } = lanes;
    this.from = columnBefore(shown(view, width).from - beside * msPerPx, msPerPx);
    this.width = width + 2 * beside + COLUMN_PX;
    this.of = { ...lanes, msPerPx };
    this.sheet ??= document.createElement("canvas");
    const { sheet } = this;
    const [wide, high] = [Math.round(this.width * ratio), pixelsHigh(lanes)];
    const context = sheet.getContext("2d");
    if (!context) return;
    if (sheet.width === wide && sheet.height === high) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, wide, high);
    } else {
      // Makes it empty, too.
      sheet.width = wide;
      sheet.height = high;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, -pixelsAbove(lanes));
    drawLanes(context, viewFrom(this.from, this.width, msPerPx), this.width, lanes);
  }
}

/** Where a sheet would be too large. */
function paintStraight(context: CanvasRenderingContext2D, view: View, lanes: Lanes): void {
  const { msPerPx } = view;
  const from = columnBefore(shown(view, lanes.width).from, msPerPx);
  const width = lanes.width + COLUMN_PX;
  context.save();
  context.translate(onPixel(xAt(view, lanes.width, from), lanes.ratio), 0);
  drawLanes(context, viewFrom(from, width, msPerPx), width, lanes);
  context.restore();
}

/** Columns begin where they began before, so that bars stay as they are while they move. */
function columnBefore(time: number, msPerPx: number): number {
  const step = COLUMN_PX * msPerPx;
  return Math.floor(time / step) * step;
}

const viewFrom = (from: number, width: number, msPerPx: number): View => ({
  center: from + (width / 2) * msPerPx,
  msPerPx,
});
const onPixel = (x: number, ratio: number) => Math.round(x * ratio) / ratio;
/** The head's pixels of the screen, and those below it. */
const pixelsAbove = ({ head, ratio }: Lanes) => Math.floor(head * ratio);
const pixelsHigh = (lanes: Lanes) => Math.round(lanes.height * lanes.ratio) - pixelsAbove(lanes);

function drawLanes(
  context: CanvasRenderingContext2D,
  view: View,
  width: number,
  { lanes, colours }: Lanes,
): void {
  const { from, to } = shown(view, width);
  for (const lane of lanes) {
    const known = lane.spans(from, to, view.msPerPx);
    const place = (span: { from: number; to: number }) => ({
      left: Math.max(-8, xAt(view, width, span.from)),
      right: Math.min(width + 8, xAt(view, width, span.to)),
    });
    context.fillStyle = lane.active ? colours.footage : colours.footageDim;
    for (const span of known.footage) {
      const { left, right } = place(span);
      // A second of footage is seen at any scale.
      box(context, left, lane.top, Math.max(1, right - left), lane.height, 3);
    }
    context.fillStyle = colours.lane;
    for (const span of join(known.lacking?.flatMap(({ gaps }) => gaps) ?? [])) {
      const { left, right } = place(span);
      if (right - left > 0.5) context.fillRect(left, lane.top, right - left, lane.height * NOTCH);
    }
    context.fillStyle = colours.activity;
    context.globalAlpha = lane.active ? 1 : 0.45;
    drawBars(context, columns(known.activity, view, width), lane);
    context.globalAlpha = 1;
    context.fillStyle = colours.kept;
    for (const span of known.kept) {
      const { left, right } = place(span);
      // A line below what is protected.
      box(context, left, lane.top + lane.height + 1, Math.max(2, right - left), 3, 1.5);
    }
  }
}

/** Of its lane, so much is cut away from above where some of its cameras have nothing. */
const NOTCH = 0.45;

/** Of its lane, so much is the highest bar, and the lowest that can be seen. */
const BAR = { most: 0.78, least: 2 };

/** One by one: a path of all of them takes the browser several times as long. */
function drawBars(context: CanvasRenderingContext2D, values: Uint8Array, lane: Lane): void {
  const most = lane.height * BAR.most;
  const bottom = lane.top + lane.height;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value === 0) continue;
    // Small movements are many, and large ones rare: the root shows both.
    const height = Math.max(BAR.least, Math.sqrt(value / 255) * most);
    context.fillRect(i * COLUMN_PX, bottom - height, COLUMN_PX - 1, height);
  }
}

export function box(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
): void {
  if (width <= 0) return;
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(radius, width / 2));
  context.fill();
}
