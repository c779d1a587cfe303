// H.265, which Chromium does not play here, in Firefox: a file, HLS, the page live and in the past.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { moving, videos } from "./browser";
import { inCommon } from "./footage";
import { type ForeignCamera, H265, startForeignCamera } from "./foreign-camera";
import { ownHouse } from "./house";
import { startRecorderOf } from "./recorder";

const library = readFileSync(createRequire(import.meta.url).resolve("hls.js/dist/hls.js"), "utf8");

let camera: ForeignCamera;

const house = ownHouse({
  async start() {
    camera = await startForeignCamera(H265);
    return startRecorderOf(
      `[[camera]]\nname = "Ball"\n[camera.stream.main]\nurl = "${camera.url}"\n`,
    );
  },
  account: "fox",
});

afterAll(() => camera?.end());

/** Where the camera's footage begins, once there is so much of it. */
async function footage(page: Page, ms: number): Promise<number> {
  const { from } = await inCommon(page, house.recorder.url, ms);
  const codec = await page.evaluate(async () => {
    const { cameras } = await (await fetch("/api/v1/cameras")).json();
    return cameras[0].streams[0].tracks[0]?.codec_string;
  });
  expect(codec).toMatch(/^hvc1/);
  return from;
}

async function bare() {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
  return { page, faults, context };
}

it("plays a clip of it, and seeks to the frame", async () => {
  const { page, context } = await bare();
  const from = await footage(page, 9_000);
  await page.evaluate(
    (url) => {
      const video = document.createElement("video");
      video.muted = true;
      video.src = url;
      document.body.replaceChildren(video);
      return video.play();
    },
    `/api/v1/cameras/ball/streams/main/clip.mp4?from=${from + 1000}&to=${from + 8000}`,
  );
  await moving(page, 1);
  const length = await page.evaluate(() => document.querySelector("video")?.duration);
  expect(length).toBeGreaterThan(6.9);
  expect(length).toBeLessThan(7.1);
  await page.evaluate(() => {
    const video = document.querySelector("video");
    video?.pause();
    if (video) video.currentTime = 5.5;
  });
  await page.waitForFunction(() => !document.querySelector("video")?.seeking);
  const [seen] = await videos(page);
  expect(seen?.time).toBeCloseTo(5.5, 2);
  expect(seen?.spread).toBeGreaterThan(4);
  await context.close();
});

it("plays it by HLS, of the past and live", async () => {
  const { page, context } = await bare();
  const from = await footage(page, 9_000);
  await page.evaluate(library);
  const range = `from=${from + 1000}&to=${from + 8000}`;
  for (const path of [`hls.m3u8?${range}`, "live.m3u8"]) {
    await page.evaluate((url) => {
      const { Hls } = globalThis as unknown as { Hls: new (config: object) => HlsPlayer };
      interface HlsPlayer {
        loadSource(url: string): void;
        attachMedia(video: HTMLVideoElement): void;
      }
      const video = document.createElement("video");
      video.muted = true;
      document.body.replaceChildren(video);
      const hls = new Hls({ enableWorker: false, lowLatencyMode: true });
      hls.loadSource(url);
      hls.attachMedia(video);
      video.play().catch(() => {});
    }, `/api/v1/cameras/ball/streams/main/${path}`);
    await moving(page, 1, 20_000);
  }
  await context.close();
});

it("shows it live and in the timeline", async () => {
  const { page, context, faults } = await house.open();
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 1);
  await page.waitForTimeout(1_000);
  const at = new Date(Date.now() - 6_000).toISOString();
  await page.goto(`${house.recorder.url}/timeline?at=${at}&span=60`);
  await page.getByRole("slider", { name: "Time" }).focus();
  await page.keyboard.press(" ");
  await moving(page, 1);
  expect(faults).toEqual([]);
  await context.close();
});
