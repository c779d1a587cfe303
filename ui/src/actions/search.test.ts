import { expect, it } from "vitest";
import { search } from "./search";

const items = [
  "Go to Live",
  "Go to Timeline",
  "Full screen",
  "Show Front door",
  "Show Driveway",
  "Theme: Light",
  "Zoom in",
  "Aufnahmen öffnen",
  "録画へ移動",
].map((label) => ({ label }));
const found = (words: string) => search(items, words).map(({ label }) => label);

it.each([
  ["full", "Full screen"],
  ["door", "Show Front door"],
  ["sfd", "Show Front door"],
  ["li", "Go to Live"],
  ["theme li", "Theme: Light"],
  ["OFFNEN", "Aufnahmen öffnen"],
  ["録画", "録画へ移動"],
  ["gtt", "Go to Timeline"],
])("takes %j for %j first", (words, first) => expect(found(words)[0]).toBe(first));

it.each(["xyzzy", "dorfo", "live door"])("finds nothing for %j", (words) =>
  expect(found(words)).toEqual([]),
);

it("has everything, in its order, for nothing", () => {
  expect(search(items, "  ")).toEqual(items);
});
