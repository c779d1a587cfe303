// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import type { LogLine, LogPage } from "../../../api/types";
import { Tail } from "./tail.svelte";

/** Answers of the recorder, in the order of the questions; `undefined` is none. */
let answers: (LogPage | undefined)[] = [];
const asked: string[] = [];

vi.mock("../../../api/logs", () => ({
  readLog: async (_filter: object, place: object, limit: number) => {
    asked.push(JSON.stringify({ ...place, limit }));
    const answer = answers.shift();
    if (!answer) throw new Error("offline");
    return answer;
  },
}));

const line = (number: number): LogLine => ({
  ...{ number, at: "2026-11-29T16:41:43.000000Z", level: "info", target: "test" },
  ...{ message: `line ${number}`, fields: {} },
});

const page = (from: number, to: number, more: Partial<LogPage> = {}): LogPage => ({
  ...{ lines: Array.from({ length: to - from + 1 }, (_, i) => line(from + i)), next: to },
  ...{ more: false, lost: 0, restarted: false, ...more },
});

const shown = (tail: Tail) =>
  tail.entries.map(({ line, lost }) => line?.number ?? (lost === undefined ? "restarted" : -lost));

beforeEach(() => {
  answers = [];
  asked.length = 0;
});

it("begins with the newest lines and goes on after them", async () => {
  const tail = new Tail({});
  answers = [page(5, 6, { earlier: 5 }), page(7, 8, { more: true }), page(9, 9)];
  await tail.poll();
  expect([tail.known, tail.earlier]).toEqual([true, 5]);
  await tail.poll();
  expect(shown(tail)).toEqual([5, 6, 7, 8, 9]);
  expect(asked).toEqual(['{"limit":300}', '{"after":6,"limit":300}', '{"after":8,"limit":300}']);
  answers = [page(3, 4)];
  await tail.older();
  expect(shown(tail)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  expect(tail.earlier).toBeUndefined();
});

it("says where lines are missing and where the recorder began again", async () => {
  const tail = new Tail({});
  answers = [
    page(5, 5),
    page(20, 20, { lost: 14 }),
    undefined,
    page(100, 100, { restarted: true }),
  ];
  await tail.poll();
  await tail.poll();
  await tail.poll();
  expect(String(tail.problem)).toContain("offline");
  await tail.poll();
  expect(tail.problem).toBeUndefined();
  expect(shown(tail)).toEqual([5, -14, 20, "restarted", 100]);
  expect(new Set(tail.entries.map(({ key }) => key)).size).toBe(5);
});

it("holds so many lines for who follows, and waits for who reads further up", async () => {
  const tail = new Tail({});
  answers = [page(1, 1500), page(1501, 3000)];
  await tail.poll();
  await tail.poll();
  expect([tail.entries.length, shown(tail)[0], tail.earlier]).toEqual([2000, 1001, 1001]);
  tail.following = false;
  answers = [page(3001, 6100), page(6101, 6101)];
  await tail.poll();
  expect([tail.entries.length, tail.fresh]).toEqual([5100, 3100]);
  await tail.poll();
  expect(answers).toHaveLength(1);
  tail.following = true;
  await tail.poll();
  expect([tail.entries.length, shown(tail).at(-1), tail.fresh]).toEqual([2000, 6101, 0]);
});

it("hands over all lines that are kept", async () => {
  const tail = new Tail({ level: "warn" });
  answers = [page(1, 2, { more: true, restarted: true }), page(3, 3)];
  expect((await tail.all()).map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(asked).toEqual(['{"after":0,"limit":500}', '{"after":2,"limit":500}']);
});
