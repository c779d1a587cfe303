import { describe, expect, it } from "vitest";
import { groupId, readGroups, writeGroups } from "./groups";

const isGrid = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => typeof n === "number");

function store(text: string | null) {
  let kept = text;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
}

describe("groups on a device", () => {
  it("come back as they were", () => {
    const kept = {
      all: [1],
      groups: [
        { id: "out", name: "Outside", cameras: ["b", "a"], tiles: [4, 2] },
        { id: "in", name: "Inside", cameras: ["c"] },
      ],
    };
    const device = store(null);
    writeGroups(device, kept);
    expect(readGroups(device, isGrid)).toEqual(kept);
  });

  it.each([
    ["nothing", null],
    ["no JSON", "{"],
    ["another version", '{"version":2,"groups":[{"id":"a","name":"A","cameras":[]}]}'],
    ["a list", "[]"],
    ["groups that are none", '{"version":1,"groups":[7,null,{"id":""},{"id":"x","name":"X"}]}'],
    ["cameras that are none", '{"version":1,"groups":[{"id":"x","name":"X","cameras":[4]}]}'],
  ])("are none in %s", (_, text) =>
    expect(readGroups(store(text), isGrid)).toEqual({ groups: [] }),
  );

  it("lose an arrangement that makes no sense, and nothing else", () => {
    const text =
      '{"version":1,"all":"x","groups":[{"id":"x","name":"X","cameras":["a","a"],"tiles":{}}]}';
    expect(readGroups(store(text), isGrid)).toEqual({
      groups: [{ id: "x", name: "X", cameras: ["a"] }],
    });
  });

  it("last as long as the page where nothing can be stored", () => {
    const closed = {
      getItem: () => null,
      setItem: () => {
        throw new Error("switched off");
      },
    };
    expect(() => writeGroups(closed, { groups: [] })).not.toThrow();
    expect(readGroups(undefined, isGrid)).toEqual({ groups: [] });
  });

  it("have short names for addresses", () => {
    expect(groupId("Über der Tür!", [])).toBe("uber-der-tur");
    expect(groupId("Garden", ["garden", "garden-2"])).toBe("garden-3");
    expect(groupId("!!", [])).toBe("group");
    expect(groupId("外", [])).toBe("外");
  });
});
