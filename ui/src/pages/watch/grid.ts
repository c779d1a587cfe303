// A grid that a person arranged: which cells each tile covers. Pure.

import type { Box } from "./layout";

/** A tile and its cells, counted from the upper left corner. */
export interface Tile {
  camera: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

/** A tile covers at most so many cells, across and down. */
export const SPAN_MAX = 4;
/** Nothing lies further right or down; keeps a slip of the hand from making specks of all tiles. */
export const CELLS_MAX = 24;
/** As wide as a picture is high, for most cameras. */
const CELL_ASPECT = 16 / 9;
/** What a tile covers before anybody sized it: it can become smaller too. */
const SPAN = 2;

/** The grid to begin with: equal tiles, in order, about as wide as high. */
export function firstGrid(cameras: readonly string[]): Tile[] {
  const across = Math.max(1, Math.ceil(Math.sqrt(cameras.length)));
  return cameras.map((camera, i) => ({
    camera,
    x: (i % across) * SPAN,
    y: Math.floor(i / across) * SPAN,
    w: SPAN,
    h: SPAN,
  }));
}

/** Exactly these cameras: those that are gone fall out, new ones come below. */
export function withCameras(tiles: readonly Tile[], cameras: readonly string[]): Tile[] {
  const kept = tiles.filter(({ camera }) => cameras.includes(camera));
  const fresh = cameras.filter((slug) => !kept.some(({ camera }) => camera === slug));
  if (kept.length === tiles.length && fresh.length === 0) return [...tiles];
  const across = Math.max(SPAN, sizeOf(kept).columns);
  const floor = sizeOf(kept).rows;
  const perRow = Math.max(1, Math.floor(across / SPAN));
  const below = fresh.map((camera, i) => ({
    camera,
    x: (i % perRow) * SPAN,
    y: floor + Math.floor(i / perRow) * SPAN,
    w: SPAN,
    h: SPAN,
  }));
  return tight([...kept, ...below]);
}

/** To these cells. A tile of the same size there changes places, others make room below. */
export function moveTile(tiles: readonly Tile[], camera: string, x: number, y: number): Tile[] {
  const moved = tiles.find((tile) => tile.camera === camera);
  if (!moved) return [...tiles];
  const to = {
    ...moved,
    x: within(x, 0, CELLS_MAX - moved.w),
    y: within(y, 0, CELLS_MAX - moved.h),
  };
  const under = tiles.filter((tile) => tile.camera !== camera && overlap(tile, to));
  const [other] = under;
  if (under.length === 1 && other && other.w === moved.w && other.h === moved.h) {
    const swapped = tiles.map((tile) =>
      tile === moved
        ? { ...moved, x: other.x, y: other.y }
        : tile === other
          ? { ...other, x: moved.x, y: moved.y }
          : tile,
    );
    return tight(swapped);
  }
  return tight(settle(stepAside(tiles, moved, to), to));
}

export function resizeTile(tiles: readonly Tile[], camera: string, w: number, h: number): Tile[] {
  const sized = tiles.find((tile) => tile.camera === camera);
  if (!sized) return [...tiles];
  const to = {
    ...sized,
    w: within(w, 1, Math.min(SPAN_MAX, CELLS_MAX - sized.x)),
    h: within(h, 1, Math.min(SPAN_MAX, CELLS_MAX - sized.y)),
  };
  return tight(settle(tiles, to));
}

/** How many cells all tiles together cover, across and down. */
export function sizeOf(tiles: readonly Tile[]): { columns: number; rows: number } {
  return {
    columns: Math.max(0, ...tiles.map(({ x, w }) => x + w)),
    rows: Math.max(0, ...tiles.map(({ y, h }) => y + h)),
  };
}

/** A cell's size in pixels, and where the first one begins: the whole grid fits, in the middle. */
export function cellsIn(tiles: readonly Tile[], width: number, height: number) {
  const { columns, rows } = sizeOf(tiles);
  const across = Math.min(width / Math.max(1, columns), (height / Math.max(1, rows)) * CELL_ASPECT);
  const down = across / CELL_ASPECT;
  return {
    across,
    down,
    left: (width - across * columns) / 2,
    top: (height - down * rows) / 2,
  };
}

/** The tiles' boxes, in their order. */
export function gridBoxes(
  tiles: readonly Tile[],
  width: number,
  height: number,
  gap: number,
): Box[] {
  const { across, down, left, top } = cellsIn(tiles, width + gap, height + gap);
  return tiles.map(({ x, y, w, h }) => ({
    x: left + x * across,
    y: top + y * down,
    width: Math.max(1, w * across - gap),
    height: Math.max(1, h * down - gap),
  }));
}

/** Whether this is a grid: for what comes from a store that anybody may have written. */
export function isGrid(value: unknown): value is Tile[] {
  if (!Array.isArray(value)) return false;
  const tiles = value as Tile[];
  const whole = (n: unknown, from: number, to: number) =>
    Number.isInteger(n) && (n as number) >= from && (n as number) <= to;
  const good = tiles.every(
    (tile) =>
      typeof tile === "object" &&
      tile !== null &&
      typeof tile.camera === "string" &&
      whole(tile.x, 0, CELLS_MAX) &&
      whole(tile.y, 0, CELLS_MAX * 4) &&
      whole(tile.w, 1, SPAN_MAX) &&
      whole(tile.h, 1, SPAN_MAX),
  );
  return good && !tiles.some((tile, i) => tiles.some((other, j) => j > i && overlap(tile, other)));
}

export function overlap(a: Tile, b: Tile): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

const within = (n: number, min: number, max: number) => Math.max(min, Math.min(max, Math.round(n)));

/** Going down, a tile leaves room above: what lies in its way goes there where that is free. */
function stepAside(tiles: readonly Tile[], moved: Tile, to: Tile): Tile[] {
  if (to.y <= moved.y) return [...tiles];
  const next = [...tiles];
  next.forEach((tile, i) => {
    if (tile === moved || !overlap(tile, to) || to.y < tile.h) return;
    const above = { ...tile, y: to.y - tile.h };
    const free = next.every((other, j) => j === i || other === moved || !overlap(other, above));
    if (free) next[i] = above;
  });
  return next;
}

/** `to` stands where it is; what lies under it moves down, and what lies under that. */
function settle(tiles: readonly Tile[], to: Tile): Tile[] {
  const placed: Tile[] = [to];
  const rest = tiles
    .filter(({ camera }) => camera !== to.camera)
    .sort((a, b) => a.y - b.y || a.x - b.x);
  for (const tile of rest) {
    let y = tile.y;
    for (;;) {
      const hit = placed.find((other) => overlap({ ...tile, y }, other));
      if (!hit) break;
      y = hit.y + hit.h;
    }
    placed.push({ ...tile, y });
  }
  return tiles.map(({ camera }) => placed.find((tile) => tile.camera === camera) ?? to);
}

/** Without rows and columns that nothing covers. */
function tight(tiles: readonly Tile[]): Tile[] {
  const columns = covered(tiles.map(({ x, w }) => [x, w]));
  const rows = covered(tiles.map(({ y, h }) => [y, h]));
  return tiles.map((tile) => ({
    ...tile,
    x: columns.indexOf(tile.x),
    y: rows.indexOf(tile.y),
  }));
}

/** The numbers of cells that are covered, in order. */
function covered(spans: readonly (readonly [number, number])[]): number[] {
  const cells = spans.flatMap(([from, length]) => Array.from({ length }, (_, i) => from + i));
  return [...new Set(cells)].sort((a, b) => a - b);
}
