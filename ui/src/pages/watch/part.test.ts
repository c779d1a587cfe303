import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { notices } from "../../state/notices.svelte";
import { t } from "../../texts";
import { opening, Part } from "./part.svelte";

const component = () => {};
let asked: number;
let works: boolean;

async function load() {
  asked++;
  if (!works) throw new Error("nobody answers");
  return { default: component as never };
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  works = false;
});

afterEach(() => {
  vi.useRealTimers();
});

it("says that it did not come, and is asked for until it does, ever more rarely", async () => {
  const part = new Part(load);
  const stop = part.want();
  await vi.advanceTimersByTimeAsync(1);
  expect([part.failed, asked]).toEqual([true, 1]);
  await vi.advanceTimersByTimeAsync(2_000);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(asked).toBe(3);
  works = true;
  await vi.advanceTimersByTimeAsync(8_000);
  expect([part.failed, asked, part.component]).toEqual([false, 4, component]);
  stop();
  part.want();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(4);
});

it("is not asked for again when nobody wants it any more, and at once when somebody does", async () => {
  const part = new Part(load);
  part.want()();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(1);
  works = true;
  part.want();
  await vi.advanceTimersByTimeAsync(1);
  expect([part.failed, asked]).toEqual([false, 2]);
});

it("says that what was to open did not come, and closes it", async () => {
  const close = vi.fn();
  expect(await opening(Promise.resolve(1), close)).toBe(1);
  expect(close).not.toHaveBeenCalled();
  expect(await opening(Promise.reject(new Error("gone")), close)).toBeUndefined();
  expect(close).toHaveBeenCalledOnce();
  expect(notices.list.map(({ text, alarm }) => [text, alarm])).toEqual([
    [t.errors.partMissing, true],
  ]);
});
