// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { session } from "../../state/session.svelte";
import { Looked } from "./looked.svelte";
import type { Wish } from "./wish";

const NOW = Date.parse("2026-11-29T16:41:43Z");
const MINUTE = 60_000;

/** So far a stream is recorded, by its camera; undefined: nobody answers. */
let recorded: Record<string, number | undefined>;
const asked: string[] = [];

vi.mock("../../api/footage", () => ({
  getTimeline: async ({ camera }: { camera: string }, from: number) => {
    asked.push(camera);
    const to = recorded[camera];
    if (to === undefined) throw new Error("offline");
    const text = (at: number) => new Date(at).toISOString();
    return { footage: to > from ? [{ from: text(from), to: text(to) }] : [] };
  },
}));

const wish = (to: number, ...cameras: string[]): Wish => ({
  ...{ name: "", together: false, timestamps: false },
  ...{ streams: Object.fromEntries(cameras.map((slug) => [slug, "main"])) },
  ...{ from: to - MINUTE, to },
});

const looked = new Looked();
const whole = (camera: string) => {
  const look = looked.found[camera];
  return typeof look === "object" ? look.whole : look;
};
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  asked.length = 0;
});

afterEach(() => {
  looked.end();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it("looks again at what still grows until it is whole, and says what it had meanwhile", async () => {
  recorded = { door: NOW - 10_000, yard: NOW - 2_000 };
  looked.look(wish(NOW - 2_000, "door", "yard"));
  await pass(1_000);
  expect([whole("door"), whole("yard")]).toEqual([false, true]);
  const said: unknown[] = [];
  recorded.door = NOW - 2_000;
  for (let s = 0; s < 10; s++) {
    await pass(1_000);
    said.push(whole("door"));
  }
  expect(said.at(-1)).toBe(true);
  expect(said).not.toContain("asking");
  // What is whole stays so.
  expect(asked).toEqual(["door", "yard", "door"]);
});

it("looks again where nobody answered", async () => {
  recorded = {};
  looked.look(wish(NOW - 2_000, "door"));
  await pass(1_000);
  expect(whole("door")).toBe("failed");
  recorded.door = NOW - 2_000;
  await pass(10_000);
  expect(whole("door")).toBe(true);
});

it("looks once at what does not grow any more, and stops when that is so", async () => {
  recorded = { door: NOW - 20 * MINUTE };
  looked.look(wish(NOW - 10 * MINUTE, "door"));
  await pass(5 * MINUTE);
  expect(asked).toHaveLength(1);
  expect(whole("door")).toBe(false);
  asked.length = 0;
  const to = Date.now();
  looked.look(wish(to, "door"));
  await pass(3 * MINUTE);
  const until = asked.length;
  expect(until).toBeGreaterThan(2);
  await pass(10 * MINUTE);
  expect(asked).toHaveLength(until);
});

it("goes by the recorder's clock", async () => {
  // The device is a day ahead.
  vi.spyOn(session, "now").mockImplementation(() => Date.now() - 24 * 60 * MINUTE);
  recorded = { door: session.now() - 10_000 };
  const to = session.now() - 2_000;
  looked.look(wish(to, "door"));
  await pass(1_000);
  recorded.door = to;
  await pass(10_000);
  expect(whole("door")).toBe(true);
});

it("asks nothing while nobody sees the page, and nothing once it is over", async () => {
  const seen = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  recorded = { door: NOW - 10_000 };
  looked.look(wish(NOW - 2_000, "door"));
  await pass(30_000);
  expect(asked).toHaveLength(1);
  seen.mockReturnValue("visible");
  await pass(5_000);
  const before = asked.length;
  expect(before).toBeGreaterThan(1);
  looked.end();
  await pass(30_000);
  expect(asked).toHaveLength(before);
});
