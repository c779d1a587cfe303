// Which pictures the canvas shows: those of playing backwards.

import type { Page } from "playwright-core";
import { expect } from "vitest";

/** The timeline a minute wide, paused at an instant whose picture is there. */
export async function pausedAt(page: Page, url: string, time: number, focus = "front-door") {
  const at = new Date(time).toISOString();
  await page.goto(`${url}/timeline?at=${at}&span=60&focus=${focus}`);
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>("video.front");
    return video && video.readyState >= 2 && !video.seeking;
  });
}

/** A picture that the canvas has shown. */
export interface Drawn {
  at: number;
  /** By a clock that stands while the page does not paint, ms. */
  painted: number;
  /** The longest that the page did not paint since the picture before, ms. */
  stalled: number;
}

interface Scope {
  drawn: Drawn[];
}

/** Notes on the page which pictures the canvas shows, and whether it painted all the while. */
export async function watchCanvas(page: Page) {
  await page.evaluate((paintingMs) => {
    const scope = globalThis as unknown as Scope;
    scope.drawn = [];
    let [last, painted, stalled] = [performance.now(), 0, 0];
    const note = () => {
      const gap = performance.now() - last;
      last += gap;
      painted += Math.min(gap, paintingMs);
      stalled = Math.max(stalled, gap);
    };
    const look = () => {
      note();
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    new MutationObserver((changes) => {
      note();
      for (const { target } of changes) {
        const at = Number((target as HTMLElement).dataset.at);
        scope.drawn.push({ at, painted, stalled });
        stalled = 0;
      }
    }).observe(document.body, { subtree: true, attributeFilter: ["data-at"] });
  }, PAINTING_MS);
}

/** A page that paints does so more often, with whatever else it has to do in between. */
export const PAINTING_MS = 50;

export const pictures = (page: Page) => page.evaluate(() => (globalThis as unknown as Scope).drawn);

/** The instants of these. */
export const drawn = async (page: Page) => (await pictures(page)).map(({ at }) => at);

/** Until the canvas has shown so many pictures since it is watched. */
export const drawnAtLeast = (page: Page, count: number) =>
  expect.poll(async () => (await drawn(page)).length).toBeGreaterThanOrEqual(count);
