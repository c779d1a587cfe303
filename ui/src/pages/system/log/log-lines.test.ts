// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it } from "vitest";
import { speak } from "../../../texts";
import LogLines from "./LogLines.svelte";
import { Tail } from "./tail.svelte";

const LINE_PX = 30;
const BOX_PX = 300;

let view: Record<string, unknown>;
let tail: Tail;
let box: HTMLElement;
let boxPx: number;

/** The lines that have come are `count`, the newest being number `last`. */
function come(last: number, count = last) {
  tail.entries = Array.from({ length: count }, (_, i) => ({
    key: String(last - count + 1 + i),
    line: {
      ...{
        number: last - count + 1 + i,
        at: "2026-11-29T16:41:43.000000Z",
        level: "info" as const,
      },
      ...{ target: "test", message: "something", fields: {} },
    },
  }));
  flushSync();
}

/** There is no layout here: a box of so many lines, which scrolls as browsers do it. */
function layOut() {
  let top = 0;
  const height = () => tail.entries.length * LINE_PX;
  const clamped = (to: number) => Math.max(0, Math.min(to, height() - boxPx));
  Object.defineProperties(box, {
    clientHeight: { get: () => boxPx },
    scrollHeight: { get: height },
    scrollTop: {
      get: () => clamped(top),
      set: (to: number) => {
        top = clamped(to);
      },
    },
  });
}

const fromEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight;
const heard = () => {
  box.dispatchEvent(new Event("scroll"));
  flushSync();
};

beforeEach(async () => {
  await speak("en", []);
  tail = new Tail({});
  boxPx = BOX_PX;
  view = mount(LogLines, { target: document.body, props: { tail, list: undefined } });
  flushSync();
  box = document.querySelector("[role=region]") as HTMLElement;
  layOut();
  come(40);
});

afterEach(async () => {
  await unmount(view);
  document.body.replaceChildren();
});

it("stays at the end while lines come", () => {
  for (let last = 41; last < 60; last += 3) {
    come(last);
    heard();
    expect([fromEnd(), tail.following]).toEqual([0, true]);
  }
});

it("stays where one scrolls to, though a line comes before that is heard of", () => {
  heard();
  box.scrollTop = 40;
  come(41);
  expect(box.scrollTop).toBe(40);
  expect(tail.following).toBe(false);
  heard();
  come(43);
  expect([box.scrollTop, tail.following]).toEqual([40, false]);
  // And back.
  box.scrollTop = box.scrollHeight;
  heard();
  come(44);
  expect([fromEnd(), tail.following]).toEqual([0, true]);
});

it("takes a step that is nearly none for being at the end", () => {
  box.scrollTop -= 10;
  come(41);
  expect([fromEnd(), tail.following]).toEqual([0, true]);
});

it("does not take lines that go for a hand that scrolls", () => {
  come(200);
  come(240, 20);
  expect([fromEnd(), tail.following]).toEqual([0, true]);
  come(241, 21);
  expect([fromEnd(), tail.following]).toEqual([0, true]);
  come(241, 0);
  come(300, 50);
  expect([fromEnd(), tail.following]).toEqual([0, true]);
});

it("does not take a box that grows for a hand that scrolls", () => {
  heard();
  boxPx += 4 * LINE_PX;
  // The browser moves what it shows, and says so.
  box.scrollTop = fromEnd() + box.scrollTop;
  heard();
  come(42);
  expect([fromEnd(), tail.following]).toEqual([0, true]);
});
