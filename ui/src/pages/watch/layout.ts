// Where the tiles go: rows of pictures in their own shape, as large as the room allows.

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Boxes for pictures of these shapes (width over height), in order, in rows. All are equally tall,
 * so that none looks more important; the division into rows with the largest pictures wins.
 */
export function arrange(
  aspects: readonly number[],
  width: number,
  height: number,
  gap: number,
): Box[] {
  let best: Box[] = [];
  let tallest = 0;
  for (let rows = 1; rows <= aspects.length; rows++) {
    const boxes = inRows(aspects, split(aspects, rows), width, height, gap);
    const tall = boxes[0]?.height ?? 0;
    if (tall > tallest) {
      tallest = tall;
      best = boxes;
    }
  }
  return best;
}

/** How many pictures each row gets, so that rows are about equally wide. */
function split(aspects: readonly number[], rows: number): number[] {
  const total = aspects.reduce((sum, aspect) => sum + aspect, 0);
  const counts = new Array<number>(rows).fill(0);
  let row = 0;
  let sum = 0;
  aspects.forEach((aspect, i) => {
    const left = aspects.length - i;
    const rowsLeft = rows - row;
    const full = sum + aspect / 2 > (total / rows) * (row + 1);
    if ((full || left === rowsLeft - 1) && (counts[row] ?? 0) > 0 && row < rows - 1) row++;
    counts[row] = (counts[row] ?? 0) + 1;
    sum += aspect;
  });
  return counts.filter((count) => count > 0);
}

function inRows(
  aspects: readonly number[],
  counts: readonly number[],
  width: number,
  height: number,
  gap: number,
): Box[] {
  let next = 0;
  const rows = counts.map((count) => {
    const shapes = aspects.slice(next, next + count);
    next += count;
    return { shapes, sum: shapes.reduce((a, b) => a + b, 0) };
  });
  const room = (height - gap * (rows.length - 1)) / rows.length;
  const fits = rows.map(({ shapes, sum }) => (width - gap * (shapes.length - 1)) / sum);
  const tall = Math.max(1, Math.min(room, ...fits));
  let y = Math.max(0, (height - tall * rows.length - gap * (rows.length - 1)) / 2);
  return rows.flatMap(({ shapes, sum }) => {
    let x = Math.max(0, (width - sum * tall - gap * (shapes.length - 1)) / 2);
    const boxes = shapes.map((shape) => {
      const box = { x, y, width: shape * tall, height: tall };
      x += box.width + gap;
      return box;
    });
    y += tall + gap;
    return boxes;
  });
}

/** One below the other, each as wide as the room: for narrow screens. */
export function column(aspects: readonly number[], width: number, gap: number): Box[] {
  let y = 0;
  return aspects.map((aspect) => {
    const box = { x: 0, y, width, height: width / aspect };
    y += box.height + gap;
    return box;
  });
}
