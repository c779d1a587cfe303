// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LiveSource, type Wanted } from "./live-source.svelte";

const wanted: Wanted = {
  camera: "door",
  stream: "main",
  sent: "pictures",
  codec: "MJPEG",
  width: 320,
};

/** Addresses of pictures that were not given back. */
const held = new Set<string>();
let source: LiveSource;
let video: HTMLVideoElement;

beforeEach(() => {
  vi.useFakeTimers();
  held.clear();
  let n = 0;
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
    const url = `blob:${n++}`;
    held.add(url);
    return url;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void held.delete(url));
  vi.stubGlobal("fetch", async () => new Response(new Blob(["x"])));
  source = new LiveSource("door");
  video = document.createElement("video");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it.each(["the tile", "the play"])("gives all pictures back when %s ends first", async (first) => {
  const end = source.play(video, wanted);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(source.still?.url).toMatch(/^blob:/);
  const both = [end, () => source.destroy()];
  for (const one of first === "the tile" ? both.reverse() : both) one();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(held.size).toBe(0);
});

it("has the last picture while it is halted, and forgets it however often it was", async () => {
  source.play(video, wanted)();
  const end = source.play(video, wanted);
  await vi.advanceTimersByTimeAsync(100);
  end();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(held.has(source.still?.url ?? "")).toBe(true);
  // Halted again before there was another one.
  source.play(video, wanted)();
  expect(held.has(source.still?.url ?? "")).toBe(true);
  source.destroy();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(held.size).toBe(0);
});
