import { expect, it, vi } from "vitest";
import { Merged, type Source } from "./merge";

/** A stream whose list is `rows`, in pages of two. */
function stream(rows: number[]): Source<number> & { page: ReturnType<typeof vi.fn> } {
  return {
    page: vi.fn(async (cursor?: string) => {
      const at = Number(cursor ?? 0);
      const next = at + 2 < rows.length ? String(at + 2) : undefined;
      return { rows: rows.slice(at, at + 2), next };
    }),
  };
}

it("gives the newest of all streams first, over page ends", async () => {
  const merged = new Merged([stream([9, 8, 2]), stream([7, 6, 5, 4, 3]), stream([])], (n) => n);
  expect(await merged.take(4)).toEqual([9, 8, 7, 6]);
  expect(merged.done).toBe(false);
  expect(await merged.take(100)).toEqual([5, 4, 3, 2]);
  expect(merged.done).toBe(true);
  expect(await merged.take(1)).toEqual([]);
});

it("asks for no more than it gives", async () => {
  const only = stream([5, 4, 3, 2, 1]);
  const merged = new Merged([only], (n) => n);
  await merged.take(2);
  expect(only.page).toHaveBeenCalledTimes(1);
});

it("goes on after an error", async () => {
  const flaky = stream([3, 2, 1]);
  flaky.page.mockRejectedValueOnce(new Error("down"));
  const merged = new Merged([flaky], (n) => n);
  await expect(merged.take(2)).rejects.toThrow("down");
  expect(await merged.take(2)).toEqual([3, 2]);
});
