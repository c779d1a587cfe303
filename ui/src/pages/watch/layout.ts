// Where the tiles go: rows of pictures in their own shape, as large as the room allows.

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Boxes for pictures of these shapes (width over height), in order, in rows. Every picture of a row
 * is equally tall; the division into rows with the largest pictures wins.
 */
export function arrange(
  aspects: readonly number[],
  width: number,
  height: number,
  gap: number,
): Box[] {
  let best: Box[] = [];
  let most = -1;
  for (let rows = 1; rows <= aspects.length; rows++) {
    const boxes = inRows(aspects, split(aspects, rows), width, height, gap);
    // The smallest picture counts most: a grid with one huge and many tiny ones is no grid.
    const areas = boxes.map((box) => box.width * box.height);
    const score = areas.reduce((sum, area) => sum + area, 0) + Math.min(...areas) * areas.length;
    if (score > most) {
      most = score;
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
    const sum = shapes.reduce((a, b) => a + b, 0);
    return { shapes, sum, tall: (width - gap * (count - 1)) / sum };
  });
  const room = height - gap * (rows.length - 1);
  const wanted = rows.reduce((sum, row) => sum + row.tall, 0);
  const scale = Math.min(1, room / wanted);
  const used = wanted * scale + gap * (rows.length - 1);
  let y = Math.max(0, (height - used) / 2);
  return rows.flatMap(({ shapes, sum, tall }) => {
    const h = tall * scale;
    const rowWidth = sum * h + gap * (shapes.length - 1);
    let x = (width - rowWidth) / 2;
    const boxes = shapes.map((shape) => {
      const box = { x, y, width: shape * h, height: h };
      x += shape * h + gap;
      return box;
    });
    y += h + gap;
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
