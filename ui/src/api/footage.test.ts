// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";
import { getRecordings } from "./footage";

afterEach(() => vi.unstubAllGlobals());

it("asks for whole milliseconds that hold the range", async () => {
  const asked: URL[] = [];
  vi.stubGlobal("fetch", async (url: URL) => {
    asked.push(url);
    return Response.json({ recordings: [] });
  });
  const of = { camera: "door", stream: "main" };
  await getRecordings(of, { from: 1000.5, to: 2000.25 }, { limit: 10 });
  await getRecordings(of, {}, { limit: 10 });
  expect(asked.map((url) => url.search)).toEqual(["?from=1000&to=2001&limit=10", "?limit=10"]);
});
