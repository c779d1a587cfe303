import { expect, it } from "vitest";
import type { Stream } from "../../api/types";
import { Judge, STEADY_MS } from "./down.svelte";

const sub = (state: Stream["state"]) => [{ name: "sub", state }];

it("believes at once what it sees first", () => {
  for (const state of ["waiting", "denied", "paused"] as const) {
    const judge = new Judge();
    expect(judge.look(sub(state), 0)).toBeUndefined();
    expect([...judge.down]).toEqual(["sub"]);
  }
  for (const state of ["playing", "connecting"] as const) {
    const judge = new Judge();
    judge.look(sub(state), 0);
    expect(judge.down.size).toBe(0);
  }
});

it("believes that a stream is gone, or back, after a few seconds", () => {
  const judge = new Judge();
  judge.look(sub("playing"), 0);
  expect(judge.look(sub("waiting"), 1_000)).toBe(STEADY_MS);
  expect(judge.look(sub("waiting"), 2_000)).toBe(STEADY_MS - 1_000);
  expect(judge.down.size).toBe(0);
  expect(judge.look(sub("waiting"), 1_000 + STEADY_MS)).toBeUndefined();
  expect(judge.down.has("sub")).toBe(true);
  judge.look(sub("playing"), 20_000);
  expect(judge.down.has("sub")).toBe(true);
  judge.look(sub("playing"), 20_000 + STEADY_MS);
  expect(judge.down.size).toBe(0);
});

it("does not go to and fro with one that is tried again and again", () => {
  const judge = new Judge();
  judge.look(sub("playing"), 0);
  // A moment's loss is none.
  judge.look(sub("waiting"), 1_000);
  judge.look(sub("connecting"), 2_000);
  judge.look(sub("playing"), 3_000);
  expect(judge.look(sub("playing"), 30_000)).toBeUndefined();
  expect(judge.down.size).toBe(0);
  judge.look(sub("waiting"), 40_000);
  judge.look(sub("waiting"), 50_000);
  for (let at = 50_000; at < 200_000; at += 20_000) {
    judge.look(sub("connecting"), at);
    judge.look(sub("connecting"), at + 9_000);
    expect(judge.down.has("sub")).toBe(true);
    judge.look(sub("playing"), at + 9_500);
    judge.look(sub("waiting"), at + 10_000);
    judge.look(sub("waiting"), at + 15_000);
    expect(judge.down.has("sub")).toBe(true);
  }
});

it("judges each stream by itself", () => {
  const judge = new Judge();
  const both = (main: Stream["state"], other: Stream["state"]) => [
    { name: "main", state: main },
    ...sub(other),
  ];
  judge.look(both("playing", "playing"), 0);
  judge.look(both("playing", "waiting"), 1_000);
  judge.look(both("waiting", "waiting"), 3_000);
  expect(judge.look(both("waiting", "waiting"), 5_000)).toBe(2_000);
  expect([...judge.down]).toEqual(["sub"]);
  judge.look(both("waiting", "waiting"), 7_000);
  expect([...judge.down].sort()).toEqual(["main", "sub"]);
});
