// How far a tile is zoomed into its picture. Pure. Places and ways are shares of the tile's width
// and height, so that they hold when it changes its size.

export interface Zoom {
  /** 1 is the whole picture. */
  scale: number;
  /** Where the picture's upper left corner lies: at or before that of the tile. */
  x: number;
  y: number;
}

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
export const SCALE_MAX = 8;
/** Closer to the whole picture than this is the whole picture. */
const SNAP = 1.02;

/** Larger by `factor`; what lies at (x, y) stays there. */
export function zoomAt(zoom: Zoom, factor: number, x: number, y: number): Zoom {
  const scale = Math.min(SCALE_MAX, zoom.scale * factor);
  if (scale < SNAP) return WHOLE;
  const grown = scale / zoom.scale;
  return inside({ scale, x: x - (x - zoom.x) * grown, y: y - (y - zoom.y) * grown });
}

export function pan(zoom: Zoom, dx: number, dy: number): Zoom {
  return inside({ ...zoom, x: zoom.x + dx, y: zoom.y + dy });
}

/** The picture always fills the tile. */
function inside({ scale, x, y }: Zoom): Zoom {
  const within = (at: number) => Math.min(0, Math.max(1 - scale, at));
  return { scale, x: within(x), y: within(y) };
}
