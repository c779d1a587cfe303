// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import type { Camera } from "../../api/types";
import { Wall } from "./wall.svelte";

const list = (...slugs: string[]) => slugs.map((slug) => ({ slug }) as Camera);

beforeEach(() => localStorage.clear());

function wallOf(groups: Record<string, string[]>): Wall {
  const wall = new Wall(() => {});
  for (const [name, cameras] of Object.entries(groups)) wall.save(undefined, name, cameras);
  return wall;
}

/** The groups that a kiosk shows one after the other. */
function turns(wall: Wall, all: readonly Camera[], count: number) {
  return Array.from({ length: count }, () => {
    wall.next(all);
    return wall.group?.name;
  });
}

it("goes from group to group, and leaves out those whose cameras are gone", () => {
  const wall = wallOf({ One: ["door"], Gone: ["barn"], Two: ["yard", "barn"] });
  wall.choose(undefined);
  expect(turns(wall, list("door", "yard"), 3)).toEqual(["One", "Two", "One"]);
  expect(turns(wall, list("barn"), 3)).toEqual(["Gone", "Two", "Gone"]);
});

it("stays with the only group that has cameras, and shows all where none has", () => {
  const wall = wallOf({ One: ["door"], Gone: ["barn"] });
  expect(turns(wall, list("door"), 2)).toEqual(["One", "One"]);
  expect(turns(wall, list("new"), 1)).toEqual([undefined]);
  expect(wall.of(list("new")).length).toBe(1);
});
