// A camera that films a clock. What is measured by it is the whole way of a picture, and not what
// anybody says of it: the page is asked which instant the blocks on it spell.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startCamera } from "./foreign-camera";

/** Blocks across and down: an instant in milliseconds, then what is left of it when divided by `PRIME`. */
const CODE = { across: 16, down: 4, sumBits: 16, prime: 65_521 };
const WIDTHS = { main: 1280, sub: 640 };

const SCRIPT = readFileSync(join(import.meta.dirname, "clock-camera.py"), "utf8");

export interface ClockCamera {
  /** The camera's part of a configuration file. */
  toml: string;
  end(): Promise<void>;
}

/**
 * @param streams of which it has these, of 25 pictures a second
 * @param keyEvery pictures from one key frame to the next: two seconds, as cameras send them
 */
export async function startClockCamera(
  streams: (keyof typeof WIDTHS)[],
  keyEvery = 50,
): Promise<ClockCamera> {
  const { across, down, sumBits } = CODE;
  const args = [across, down, sumBits, keyEvery, ...streams.map((stream) => WIDTHS[stream])];
  const { url, end } = await startCamera(SCRIPT, ...args.map(String));
  const each = streams.map(
    (stream, i) => `[camera.stream.${stream}]\nurl = "${url.replace(/cam$/, String(i))}"\n`,
  );
  return { toml: `[[camera]]\nname = "Clock"\n${each.join("")}`, end };
}

/** How late pictures are seen, in milliseconds; how many could not be read, and how wide they were. */
export interface Delays {
  delays: number[];
  unread: number;
  width: number;
}

/** Looks at so many new pictures of the page's film, or of its stills. */
export function readDelays(page: Page, count: number, of: "video" | "img"): Promise<Delays> {
  return page.evaluate(
    async ({ code, count, of }) => {
      const { across, down, sumBits, prime } = code;
      // Of each block four by four pixels, and of those one in the middle.
      const canvas = new OffscreenCanvas(across * 4, down * 8);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      if (!context) throw new Error("there is no canvas");
      const read = (picture: HTMLVideoElement | HTMLImageElement): number | undefined => {
        context.drawImage(picture, 0, 0, canvas.width, canvas.height);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        let [instant, sum] = [0, 0];
        for (let i = 0; i < across * down; i++) {
          const [x, y] = [(i % across) * 4 + 2, Math.floor(i / across) * 4 + 2];
          const bit = (data[(y * canvas.width + x) * 4] ?? 0) > 127 ? 1 : 0;
          if (i < across * down - sumBits) instant = instant * 2 + bit;
          else sum = sum * 2 + bit;
        }
        return instant % prime === sum ? instant : undefined;
      };
      const found = { delays: [] as number[], unread: 0, width: 0 };
      const note = (shown: number, made: number | undefined) => {
        if (made === undefined) found.unread++;
        else found.delays.push(performance.timeOrigin + shown - made);
      };
      const nextOfVideo = () =>
        new Promise<void>((resolve) => {
          const video = document.querySelector("video");
          if (!video) throw new Error("there is no film");
          video.requestVideoFrameCallback((now, { expectedDisplayTime, width }) => {
            found.width = width;
            // It is seen when the browser says that it puts it on the screen, and not before now.
            note(Math.max(now, expectedDisplayTime), read(video));
            resolve();
          });
        });
      let last = "";
      const nextOfStills = () =>
        new Promise<void>((resolve) => {
          const look = (now: number) => {
            const image = document.querySelector<HTMLImageElement>("img[src^='blob:']");
            if (!image?.complete || image.src === last) return requestAnimationFrame(look);
            last = image.src;
            found.width = image.naturalWidth;
            note(now, read(image));
            resolve();
          };
          requestAnimationFrame(look);
        });
      for (let i = 0; i < count; i++) await (of === "video" ? nextOfVideo() : nextOfStills());
      return found;
    },
    { code: CODE, count, of },
  );
}

/** The middle one of the delays, and the one that 95 of a hundred are below. */
export function spreadOf({ delays }: Delays): { median: number; most: number } {
  const sorted = [...delays].sort((a, b) => a - b);
  const of = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return { median: of(0.5), most: of(0.95) };
}
