// Several cameras on one clock: what they show of it at the same time.

import { expect, it } from "vitest";
import { moving } from "./browser";
import { instantsOf, recordedAtLeast } from "./footage";
import { sharedHouse } from "./house";

const house = sharedHouse();

interface Painted {
  src: string;
  /** Instant of the clip in it, s, and when it is seen, ms. */
  mediaTime: number;
  seen: number;
}

/** The middle one, which a late painting or two do not move. */
function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

it("shows the same instant of all cameras, to less than a picture", async () => {
  const { page, faults, context } = await house.open();
  const recorded = await recordedAtLeast(page, house.recorder.url, 24_000);
  const at = new Date(recorded.from + 2_345).toISOString();
  await page.goto(`${house.recorder.url}/timeline?at=${at}&span=60&play=1`);
  await moving(page, 3);
  // So long may they take to find each other.
  await page.waitForTimeout(6_000);
  const painted = await page.evaluate(
    () =>
      new Promise<Painted[]>((resolve) => {
        interface Painted {
          src: string;
          mediaTime: number;
          seen: number;
        }
        const all: Painted[] = [];
        for (const video of document.querySelectorAll<HTMLVideoElement>("video.front")) {
          const note = (_: number, frame: { mediaTime: number; expectedDisplayTime: number }) => {
            const seen = frame.expectedDisplayTime;
            all.push({ src: video.currentSrc, mediaTime: frame.mediaTime, seen });
            video.requestVideoFrameCallback(note);
          };
          video.requestVideoFrameCallback(note);
        }
        setTimeout(() => resolve(all), 5_000);
      }),
  );
  // Of each camera: how far the instant that is seen is from the page's own clock.
  const offsets: { name: string; off: number; pictures: number; length: number }[] = [];
  for (const src of new Set(painted.map(({ src }) => src))) {
    const times = await instantsOf(page, src);
    const own = painted.filter((one) => one.src === src);
    const off = median(own.map(({ mediaTime, seen }) => (times[0] ?? 0) + mediaTime * 1000 - seen));
    const length = (times[1] ?? 0) - (times[0] ?? 0);
    const name = /cameras\/([^/]+)/.exec(src)?.[1] ?? "";
    offsets.push({ name, off, pictures: own.length, length });
  }
  const first = offsets[0]?.off ?? 0;
  const drift =
    Math.max(...offsets.map(({ off }) => off)) - Math.min(...offsets.map(({ off }) => off));
  console.log(
    `drift ${drift.toFixed(1)} ms: ${offsets
      .map(({ name, off, pictures }) => `${name} ${(off - first).toFixed(1)} (${pictures})`)
      .join(", ")}; a picture has ${offsets[0]?.length.toFixed(0)} ms`,
  );
  expect(new Set(offsets.map(({ name }) => name)).size).toBe(3);
  expect(drift).toBeLessThan(Math.min(...offsets.map(({ length }) => length)));
  expect(faults).toEqual([]);
  await context.close();
});
