// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { getClipBytes } from "../../api/footage";
import { ApiError } from "../../api/http";
import { cameras } from "../../state/cameras.svelte";
import { Footage } from "../../timeline/footage";
import type { Span } from "../../timeline/spans";
import { clipSource } from "./clip-source";

vi.mock(import("../../api/footage"), async (original) => ({
  ...(await original()),
  getClipBytes: vi.fn(),
}));

const NOW = 1_000_000;
const footages: Record<string, Span[]> = {};

beforeEach(() => {
  vi.spyOn(cameras, "footage").mockImplementation(({ stream }) => {
    const footage = footages[stream] ?? [];
    const recorded = { from: 0, to: NOW };
    const load = async () => ({ footage, gaps: [], recorded, durableUntil: NOW });
    return new Footage(
      load,
      () => NOW,
      () => {},
    );
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const gone = () =>
  new ApiError({ type: "not-found", title: "nothing is recorded", status: 404, detail: "" });

it("asks once whether a rest of the sub-stream shows something, and takes none for no", async () => {
  footages.main = [{ from: 0, to: 100_000 }];
  footages.sub = [{ from: 0, to: 100_700 }];
  const bytes = vi.mocked(getClipBytes).mockReset().mockRejectedValue(gone());
  const source = clipSource("door", ["main", "sub"], () => 320);
  for (let i = 0; i < 100; i++) {
    expect(await source.plan(100_000, 30_000)).toMatchObject({ kind: "gap", from: 100_700 });
  }
  expect(bytes).toHaveBeenCalledTimes(1);
  const lead = { from: 80_000, to: 100_700 };
  expect(bytes).toHaveBeenCalledWith({ camera: "door", stream: "sub" }, lead, expect.anything());
});

it("does not take a server that is away for one that has no picture", async () => {
  footages.main = [{ from: 0, to: 100_000 }];
  footages.sub = [{ from: 0, to: 100_700 }];
  const away = new ApiError({ type: "offline", title: "offline", status: 0, detail: "" });
  const bytes = vi.mocked(getClipBytes).mockReset().mockRejectedValue(away);
  const source = clipSource("door", ["main", "sub"], () => 320);
  await expect(source.plan(100_000, 30_000)).rejects.toBe(away);
  bytes.mockRejectedValue(gone());
  expect(await source.plan(100_000, 30_000)).toMatchObject({ kind: "gap" });
});

it("goes on backwards into the sub-stream from within the first millisecond of the best one", async () => {
  footages.main = [{ from: 200_000, to: NOW }];
  footages.sub = [{ from: 0, to: NOW }];
  const source = clipSource("door", ["main", "sub"], () => 320);
  const back = async (time: number) => {
    const piece = await source.before(time, 500);
    return piece && [source.streamOf(piece), piece.from, piece.to];
  };
  expect(await back(200_001.4)).toEqual(["main", 200_000, 200_001]);
  expect(await back(200_000.4)).toEqual(["sub", 199_500, 200_000]);
  expect(await back(200_000)).toEqual(["sub", 199_500, 200_000]);
  // Far from any footage of the best one, and where there is none at all.
  expect(await back(100_000.4)).toEqual(["sub", 99_500, 100_000]);
  expect(await back(0.4)).toBeUndefined();
});
