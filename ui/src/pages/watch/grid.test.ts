import { describe, expect, it } from "vitest";
import {
  cellsIn,
  firstGrid,
  gridBoxes,
  isGrid,
  moveTile,
  overlap,
  resizeTile,
  SPAN_MAX,
  sizeOf,
  type Tile,
  withCameras,
} from "./grid";

const four = firstGrid(["a", "b", "c", "d"]);
const at = (tiles: Tile[], camera: string) => {
  const tile = tiles.find((one) => one.camera === camera);
  return tile && [tile.x, tile.y, tile.w, tile.h];
};

describe("a grid", () => {
  it("begins with equal tiles in order", () => {
    expect(four.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [2, 0],
      [0, 2],
      [2, 2],
    ]);
    expect(firstGrid([])).toEqual([]);
  });

  it("changes places with a tile of the same size", () => {
    const moved = moveTile(four, "a", 2, 2);
    expect(at(moved, "a")).toEqual([2, 2, 2, 2]);
    expect(at(moved, "d")).toEqual([0, 0, 2, 2]);
  });

  it("makes room below a tile that grows", () => {
    const grown = resizeTile(four, "a", 4, 4);
    expect(at(grown, "a")).toEqual([0, 0, 4, 4]);
    expect(at(grown, "b")).toEqual([2, 4, 2, 2]);
    expect(sizeOf(grown).rows).toBe(8);
  });

  it("lets what is in its way go up when a tile goes down", () => {
    const wide = resizeTile(four, "a", 4, 2);
    expect(at(wide, "c")).toEqual([0, 2, 2, 2]);
    const moved = moveTile(wide, "a", 0, 2);
    expect(at(moved, "a")?.[1]).toBe(2);
    expect(at(moved, "c")).toEqual([0, 0, 2, 2]);
  });

  it("takes in rows and columns that nothing covers", () => {
    const wide = moveTile(four, "d", 20, 0);
    expect(at(wide, "d")).toEqual([4, 0, 2, 2]);
    const far = moveTile(four, "d", 900, -7);
    expect(sizeOf(far).columns).toBe(6);
  });

  it("keeps tiles between one and four cells", () => {
    expect(at(resizeTile(four, "d", 0, 99), "d")).toEqual([2, 2, 1, SPAN_MAX]);
  });

  it("is the same again for a tile that is not there", () => {
    expect(moveTile(four, "x", 1, 1)).toEqual(four);
    expect(resizeTile(four, "x", 1, 1)).toEqual(four);
  });

  it("loses cameras that are gone and takes new ones below", () => {
    const tiles = withCameras(four, ["b", "c", "d", "e"]);
    expect(tiles.map(({ camera }) => camera).sort()).toEqual(["b", "c", "d", "e"]);
    expect(at(tiles, "e")).toEqual([0, 4, 2, 2]);
    expect(withCameras(four, ["d"])).toEqual([{ camera: "d", x: 0, y: 0, w: 2, h: 2 }]);
  });

  it("never lets tiles overlap, whatever is done to it", () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    let tiles = firstGrid(["a", "b", "c", "d", "e", "f", "g"]);
    for (let i = 0; i < 2_000; i++) {
      const camera = "abcdefg"[random(7)] ?? "a";
      tiles =
        random(2) === 0
          ? moveTile(tiles, camera, random(14), random(14))
          : resizeTile(tiles, camera, random(6), random(6));
      expect(tiles.length).toBe(7);
      expect(isGrid(tiles)).toBe(true);
    }
  });

  it.each([
    ["no list", {}],
    ["no tiles", [1, null]],
    ["a tile beyond everything", [{ camera: "a", x: 99, y: 0, w: 1, h: 1 }]],
    ["half a cell", [{ camera: "a", x: 0.5, y: 0, w: 1, h: 1 }]],
    [
      "one over the other",
      [
        { camera: "a", x: 0, y: 0, w: 2, h: 2 },
        { camera: "b", x: 1, y: 1, w: 1, h: 1 },
      ],
    ],
  ])("is not %s", (_, value) => expect(isGrid(value)).toBe(false));
});

it("fits into the room, in the middle, with gaps between", () => {
  const boxes = gridBoxes(four, 1000, 500, 4);
  for (const { x, y, width, height } of boxes) {
    expect(x).toBeGreaterThanOrEqual(-0.01);
    expect(y).toBeGreaterThanOrEqual(-0.01);
    expect(x + width).toBeLessThanOrEqual(1000.01);
    expect(y + height).toBeLessThanOrEqual(500.01);
  }
  const [a, b] = boxes;
  expect((b?.x ?? 0) - (a?.x ?? 0) - (a?.width ?? 0)).toBeCloseTo(4);
  expect(cellsIn(four, 1600, 900).across).toBe(400);
  expect(overlap({ ...four[0], x: 1 } as Tile, four[1] as Tile)).toBe(true);
});
