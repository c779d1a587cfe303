// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { mayCome } from "./sight";

const element = (selector: string) => document.querySelector<HTMLElement>(selector) as HTMLElement;

beforeEach(() => {
  document.body.innerHTML = "<p><button>Test</button></p><input><div>It answers</div>";
  vi.stubGlobal("innerHeight", 800);
});

afterEach(() => vi.unstubAllGlobals());

function may(top: number, bottom: number, edge?: number): boolean {
  const answer = element("div");
  vi.spyOn(answer, "getBoundingClientRect").mockReturnValue({ top, bottom } as DOMRect);
  return mayCome(answer, element("p"), edge);
}

it("brings an answer into sight under who waits for it", () => {
  expect(may(700, 1_100)).toBe(true);
  element("button").focus();
  expect(may(700, 1_100)).toBe(true);
  expect(may(-300, 100)).toBe(true);
});

it("moves nothing under who goes on typing", () => {
  element("input").focus();
  expect(may(700, 1_100)).toBe(false);
});

it("moves nothing where all of the answer is in sight, and is not covered", () => {
  expect(may(300, 700)).toBe(false);
  expect(may(300, 700, 720)).toBe(false);
  expect(may(300, 700, 650)).toBe(true);
});
