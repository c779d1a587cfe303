// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PageVisible } from "./visible.svelte";

/** As the browser has them; one without picture in picture has no such property. */
let visibility: DocumentVisibilityState;
let floating: Element | null | undefined;

function become(state: DocumentVisibilityState): void {
  visibility = state;
  document.dispatchEvent(new Event("visibilitychange"));
}

const opened = () => new PageVisible();

beforeEach(() => {
  vi.useFakeTimers();
  visibility = "visible";
  floating = null;
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
  Object.defineProperty(document, "pictureInPictureElement", {
    configurable: true,
    get: () => floating,
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it.each([null, undefined])("ends a while after the page is hidden, where %s floats", (none) => {
  floating = none;
  const page = opened();
  expect(page.recently).toBe(true);
  become("hidden");
  vi.advanceTimersByTime(14_000);
  expect(page.recently).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect(page.recently).toBe(false);
  become("visible");
  expect(page.recently).toBe(true);
});

it("begins when a page that was opened behind another one is seen", () => {
  visibility = "hidden";
  const page = opened();
  expect(page.recently).toBe(false);
  become("visible");
  expect(page.recently).toBe(true);
});

it("goes on while a picture floats, and ends a while after that is closed", () => {
  const page = opened();
  floating = document.body;
  become("hidden");
  vi.advanceTimersByTime(60_000);
  expect(page.recently).toBe(true);
  floating = null;
  document.dispatchEvent(new Event("leavepictureinpicture"));
  vi.advanceTimersByTime(14_000);
  expect(page.recently).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect(page.recently).toBe(false);
});
