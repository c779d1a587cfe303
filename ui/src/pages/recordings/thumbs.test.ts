// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "../../api/http";
import { Thumbs, type Want } from "./thumbs";

const busy = () => new ApiError({ type: "busy", title: "busy", status: 503, detail: "" });
const none = () => new ApiError({ type: "no-footage", title: "", status: 404, detail: "" });
const want = (at: number): Want => ({ camera: "garden", at });

/** Loads that the test answers, in the order in which they were asked. */
function loads() {
  const open: { want: Want; give: (error?: unknown) => Promise<void> }[] = [];
  const load = (want: Want) =>
    new Promise<Blob>((resolve, reject) => {
      const give = async (error?: unknown) => {
        if (error) reject(error);
        else resolve(new Blob([String(want.at)]));
        await vi.advanceTimersByTimeAsync(0);
      };
      open.push({ want, give });
    });
  return { open, load };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("asks for a few at once, first come first, and each once", async () => {
  const { open, load } = loads();
  const thumbs = new Thumbs(load);
  const shown: (string | undefined)[] = [];
  for (const at of [1, 2, 3, 4]) thumbs.see(want(at), (url) => shown.push(url));
  thumbs.see(want(1), (url) => shown.push(url));
  expect(open).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(open.map(({ want }) => want.at)).toEqual([1, 2]);
  await open[0]?.give();
  expect(shown).toHaveLength(2);
  expect(open.map(({ want }) => want.at)).toEqual([1, 2, 3]);
  thumbs.see(want(1), (url) => shown.push(url));
  expect(shown[2]).toBe(shown[0]);
  expect(thumbs.known(want(1))).toBe(shown[0]);
  expect(open).toHaveLength(3);
});

it("does not ask for what flew past", async () => {
  const { open, load } = loads();
  const thumbs = new Thumbs(load);
  const gone = [1, 2, 3].map((at) => thumbs.see(want(at), () => {}));
  await vi.advanceTimersByTimeAsync(50);
  for (const end of gone) end();
  thumbs.see(want(4), () => {});
  await vi.advanceTimersByTimeAsync(300);
  expect(open.map(({ want }) => want.at)).toEqual([4]);
});

it("lets a recorder be that has enough to do, longer each time, and then goes on", async () => {
  const { open, load } = loads();
  const thumbs = new Thumbs(load);
  let shown: string | undefined;
  thumbs.see(want(1), (url) => (shown = url));
  await vi.advanceTimersByTimeAsync(200);
  await open[0]?.give(busy());
  thumbs.see(want(2), () => {});
  await vi.advanceTimersByTimeAsync(900);
  expect(open).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(open.map(({ want }) => want.at)).toEqual([1, 1, 2]);
  await open[1]?.give(busy());
  await vi.advanceTimersByTimeAsync(1_500);
  expect(open).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(600);
  await open[3]?.give();
  expect(shown).toBeDefined();
});

it("remembers that there is none, and gives back what it made", async () => {
  const { open, load } = loads();
  const thumbs = new Thumbs(load);
  const shown: (string | undefined)[] = [];
  thumbs.see(want(1), (url) => shown.push(url));
  thumbs.see(want(2), (url) => shown.push(url));
  await vi.advanceTimersByTimeAsync(200);
  await open[0]?.give(none());
  await open[1]?.give();
  thumbs.see(want(1), (url) => shown.push(url));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(open).toHaveLength(2);
  expect(shown[1]).toBeUndefined();
  const revoked = vi.spyOn(URL, "revokeObjectURL");
  thumbs.end();
  expect(revoked).toHaveBeenCalledExactlyOnceWith(shown[0]);
  revoked.mockRestore();
});
