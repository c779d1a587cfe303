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

/** Notes on the page which pictures the canvas shows. */
export async function watchCanvas(page: Page) {
  await page.evaluate(() => {
    const scope = globalThis as unknown as { drawn: number[] };
    scope.drawn = [];
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        scope.drawn.push(Number((target as HTMLElement).dataset.at));
      }
    }).observe(document.body, { subtree: true, attributeFilter: ["data-at"] });
  });
}

export const drawn = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { drawn: number[] }).drawn);

/** Until the canvas has shown so many pictures since it is watched. */
export const drawnAtLeast = (page: Page, count: number) =>
  expect.poll(async () => (await drawn(page)).length).toBeGreaterThanOrEqual(count);
