import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { COLUMN_PX } from "./activity";
import { type Lane, type Lanes, Paper } from "./paper";
import type { View } from "./view";

/** What a canvas has of its own: where things were painted is all that is looked at. */
const canvas = () => ({
  ...{ clearRect: vi.fn(), setTransform: vi.fn(), beginPath: vi.fn(), roundRect: vi.fn() },
  ...{ fill: vi.fn(), fillRect: vi.fn(), drawImage: vi.fn() },
  ...{ save: vi.fn(), restore: vi.fn(), translate: vi.fn() },
});
type Canvas = ReturnType<typeof canvas>;

const AT = Date.parse("2026-11-23T13:03:12.480Z");
const KNOWN = { head: 46, ratio: 1, version: 1 };
const view: View = { center: AT, msPerPx: 1000 };
let sheet: Canvas;
/** The sheet's element, and the sizes that it was given. */
let element: { width: number; height: number; getContext: () => Canvas };
let sizes: number[];
let shown: Canvas;
let spans: ReturnType<typeof vi.fn<Lane["spans"]>>;
let lanes: Lanes;
let paper: Paper;

beforeEach(() => {
  sheet = canvas();
  shown = canvas();
  sizes = [];
  let [width, height] = [300, 150];
  element = {
    getContext: () => sheet,
    get width() {
      return width;
    },
    set width(to) {
      sizes.push(to);
      width = to;
    },
    get height() {
      return height;
    },
    set height(to) {
      height = to;
    },
  };
  vi.stubGlobal("document", { createElement: () => element });
  const footage = [{ from: AT - 100_000, to: AT }];
  const activity = { from: AT - 100_000, stepMs: 10_000, values: [9] };
  const moves = [{ from: AT - 100_000, to: AT, activity }];
  spans = vi.fn<Lane["spans"]>(() => ({ footage, gaps: [], kept: [], activity: moves }));
  const colours = { lane: "", footage: "", footageDim: "", activity: "", kept: "" };
  const all = [{ top: 50, height: 22, active: true, spans }];
  lanes = { lanes: all, colours, width: 900, height: 80, ...KNOWN };
  paper = new Paper();
});

afterEach(() => vi.unstubAllGlobals());

const draw = (of: Partial<Lanes> = {}, to: Partial<View> = {}) =>
  paper.draw(shown as unknown as CanvasRenderingContext2D, { ...view, ...to }, { ...lanes, ...of });

/** Where the left edge of the footage is seen. */
function edge(): number {
  const [x] = shown.drawImage.mock.lastCall?.slice(1) ?? [];
  return x + sheet.roundRect.mock.lastCall?.[0];
}

it("is only moved while a hand pulls time", () => {
  draw();
  expect(Math.abs(edge() - 350)).toBeLessThanOrEqual(0.5);
  draw({}, { center: AT + 40_000 });
  expect(Math.abs(edge() - 310)).toBeLessThanOrEqual(0.5);
  draw({}, { center: AT - 299_000 });
  expect(Math.abs(edge() - 649)).toBeLessThanOrEqual(0.5);
  expect(spans).toHaveBeenCalledTimes(1);
});

it("is painted anew at its end, and covers the window", () => {
  draw();
  draw({}, { center: AT + 310_000 });
  expect(spans).toHaveBeenCalledTimes(2);
  const [from = 0, to = 0] = spans.mock.lastCall ?? [];
  expect(from).toBeLessThanOrEqual(AT + 310_000 - 450_000);
  expect(to).toBeGreaterThanOrEqual(AT + 310_000 + 450_000);
});

it.each<[string, Partial<Lanes>, Partial<View>]>([
  ["more is known", { version: 2 }, {}],
  ["the scale is another one", {}, { msPerPx: 1001 }],
  ["the window is wider", { width: 901 }, {}],
  ["the screen is sharper", { ratio: 2 }, {}],
])("is painted anew when %s", (_, of, to) => {
  draw();
  draw();
  expect(spans).toHaveBeenCalledTimes(1);
  draw(of, to);
  expect(spans).toHaveBeenCalledTimes(2);
});

it("is painted anew for other lanes and other colours", () => {
  draw();
  draw({ lanes: [...lanes.lanes] });
  draw({ colours: { ...lanes.colours } });
  expect(spans).toHaveBeenCalledTimes(3);
});

it("lies on whole pixels of the screen", () => {
  draw({ ratio: 2 }, { center: AT + 123.4 });
  const [x] = shown.drawImage.mock.lastCall?.slice(1) ?? [];
  expect(x * 2).toBe(Math.round(x * 2));
});

it("keeps bars where they are in time when it is painted anew", () => {
  draw();
  const [first] = sheet.fillRect.mock.lastCall ?? [];
  const [before] = spans.mock.lastCall ?? [];
  draw({}, { center: AT + 310_000 });
  const [second] = sheet.fillRect.mock.lastCall ?? [];
  const [after] = spans.mock.lastCall ?? [];
  expect((second - first) * 1000).toBeCloseTo((before ?? 0) - (after ?? 0), 3);
  expect((first ?? 0) % COLUMN_PX).toBe(0);
});

/** What was asked for last, in pixels of the window. */
function asked(msPerPx = view.msPerPx): number {
  const [from = 0, to = 0] = spans.mock.lastCall ?? [];
  return (to - from) / msPerPx;
}

it("is as wide as the window while it is zoomed, and wider once it is moved", () => {
  draw();
  expect(asked()).toBe(900 + 2 * 300 + COLUMN_PX);
  for (const msPerPx of [1010, 1020, 1030]) {
    draw({}, { msPerPx });
    expect(asked(msPerPx)).toBeCloseTo(900 + COLUMN_PX, 6);
  }
  draw({}, { msPerPx: 1030 });
  expect(spans).toHaveBeenCalledTimes(4);
  draw({}, { msPerPx: 1030, center: AT + 10_000 });
  expect(asked(1030)).toBeCloseTo(900 + 2 * 300 + COLUMN_PX, 6);
  expect(spans).toHaveBeenCalledTimes(5);
});

it("is wiped, and given a size only where it has another one", () => {
  draw();
  draw({ version: 2 });
  expect(sizes).toEqual([1503]);
  expect(sheet.clearRect).toHaveBeenLastCalledWith(0, 0, 1503, 34);
  for (const msPerPx of [1010, 1020, 1030]) draw({}, { msPerPx });
  expect(sizes).toEqual([1503, 903]);
});

it.each([1, 1.25, 1.5, 2])("has no pixels for the head, at a ratio of %s", (ratio) => {
  draw({ ratio });
  const above = Math.floor(46 * ratio);
  expect(element.height).toBe(80 * ratio - above);
  expect(sheet.setTransform).toHaveBeenLastCalledWith(ratio, 0, 0, ratio, 0, -above);
  const [, , y, , height] = shown.drawImage.mock.lastCall ?? [];
  expect(y * ratio).toBe(above);
  expect((y + height) * ratio).toBe(80 * ratio);
});

/** As high as so many lanes are. */
const high = (cameras: number) => ({ height: 46 + 28 * cameras, ratio: 2 });

it("is less wide where it would be too large", () => {
  draw(high(64));
  expect(element.width * element.height).toBeLessThanOrEqual(12_000_000);
  expect(element.width).toBeGreaterThan(1806);
  draw(high(16));
  expect(element.width).toBe(2 * 1503);
});

it("is left out where the window alone would be too large", () => {
  draw();
  draw(high(200), { center: AT + 12_345 });
  expect([element.width, element.height]).toEqual([0, 0]);
  expect(shown.drawImage).toHaveBeenCalledTimes(1);
  const [[x] = []] = shown.translate.mock.calls;
  expect(x * 2).toBe(Math.round(x * 2));
  const left = x + shown.roundRect.mock.lastCall?.[0];
  expect(Math.abs(left - (350 - 12.345))).toBeLessThanOrEqual(0.5);
  expect(shown.restore).toHaveBeenCalledTimes(1);
});

it("takes no memory at its end, and can begin again", () => {
  draw();
  paper.end();
  expect([element.width, element.height]).toEqual([0, 0]);
  draw();
  expect(spans).toHaveBeenCalledTimes(2);
});

it.each([0, 46])("shows nothing in a window %s pixels high", (height) => {
  draw({ height });
  expect(spans).not.toHaveBeenCalled();
  expect(shown.drawImage).not.toHaveBeenCalled();
});
