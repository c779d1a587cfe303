// Recorded footage and what is live through hls.js, as many other web pages play it: in a real browser, from a real
// recorder.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch, open, type State, signIn } from "./browser";
import { type Recorder, startRecorder } from "./recorder";

const library = readFileSync(createRequire(import.meta.url).resolve("hls.js/dist/hls.js"), "utf8");

let recorder: Recorder;
let browser: Browser;
let state: State;

beforeAll(async () => {
  recorder = await startRecorder();
  browser = await launch();
  state = await signIn(browser, recorder.link);
});

afterAll(async () => {
  await browser?.close();
  await recorder?.end();
});

interface Camera {
  slug: string;
  streams: { recorded?: { from: string; to: string }; durable_until?: string }[];
}

/** The first camera, once it has so much footage after `since`, and where that begins. */
async function footage(page: Page, ms: number, since = 0) {
  for (let i = 0; i < 80; i++) {
    const answer = await page.request.get(`${recorder.url}/api/v1/cameras`);
    const { cameras } = (await answer.json()) as { cameras: Camera[] };
    const [camera] = cameras;
    const main = camera?.streams[0];
    const from = Math.max(since, Date.parse(main?.recorded?.from ?? ""));
    const until = Date.parse(main?.durable_until ?? "");
    if (camera && until - from >= ms) return { slug: camera.slug, from, until };
    await page.waitForTimeout(500);
  }
  throw new Error(`there is no footage of ${ms} ms`);
}

/** What hls.js and the element say of an address. */
interface Player {
  time: number;
  length: number;
  live: boolean;
  levels: number;
  /** The time of day of what is shown. */
  date: number;
  frames: number;
  /** Seconds behind what is newest, as the player reckons. */
  latency: number;
  errors: string[];
}

interface Scope {
  Hls: new (
    config: object,
  ) => {
    loadSource(url: string): void;
    attachMedia(video: HTMLVideoElement): void;
    on(event: string, hear: (event: string, data: Record<string, unknown>) => void): void;
    levels: { details?: { live: boolean } }[];
    currentLevel: number;
    playingDate: Date | null;
    latency: number;
  };
  player(): Player;
}

/** Plays an address on a page of its own. */
async function play(path: string, config: object = {}) {
  const opened = await open(browser, state);
  await opened.page.goto(`${recorder.url}/recordings`);
  await opened.page.evaluate(library);
  const asked = { url: path, config: { enableWorker: false, ...config } };
  await opened.page.evaluate(({ url, config }) => {
    const scope = globalThis as unknown as Scope;
    const video = document.createElement("video");
    video.muted = true;
    const hls = new scope.Hls(config);
    const errors: string[] = [];
    hls.on("hlsError", (_, data) => errors.push(`${data.fatal} ${data.details} ${data.reason}`));
    hls.loadSource(url);
    hls.attachMedia(video);
    document.body.replaceChildren(video);
    video.play().catch((error) => errors.push(String(error)));
    scope.player = () => ({
      time: video.currentTime,
      length: video.duration,
      live: hls.levels[hls.currentLevel]?.details?.live ?? false,
      levels: hls.levels.length,
      date: hls.playingDate?.getTime() ?? 0,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      latency: hls.latency,
      errors,
    });
  }, asked);
  const look = () => opened.page.evaluate(() => (globalThis as unknown as Scope).player());
  return { ...opened, look };
}

/** Waits until it plays beyond a time. */
async function beyond(page: Page, look: () => Promise<Player>, time: number): Promise<Player> {
  let last = await look();
  for (let i = 0; i < 100 && !(last.time > time); i++) {
    await page.waitForTimeout(200);
    last = await look();
  }
  expect(last.time, JSON.stringify(last)).toBeGreaterThan(time);
  return last;
}

it("plays a range with its streams, its length and its time of day, and seeks", async () => {
  const { page: asking } = await open(browser, state);
  const { slug, from } = await footage(asking, 14_000);
  const range = `from=${from + 1000}&to=${from + 13_000}`;
  const { page, look, faults } = await play(`/api/v1/cameras/${slug}/hls.m3u8?${range}`);
  const seen = await beyond(page, look, 2);
  expect(seen.levels).toBe(2);
  expect(seen.live).toBe(false);
  expect(seen.length).toBeGreaterThan(11.8);
  expect(seen.length).toBeLessThan(15.5);
  expect(seen.frames).toBeGreaterThan(10);
  // What it shows is as late as it has played, counted from the first instant of the playlist.
  const began = seen.date - seen.time * 1000;
  expect(began).toBeLessThanOrEqual(from + 1050);
  expect(began).toBeGreaterThan(from - 2000);
  await page.evaluate(() => {
    const video = document.querySelector("video");
    if (video) video.currentTime = 9;
  });
  expect((await beyond(page, look, 10)).errors).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
  await asking.context().close();
});

it("plays on over a break in the recording, and what is recorded meanwhile", async () => {
  const { page: asking } = await open(browser, state);
  const { slug, until } = await footage(asking, 8_000);
  await recorder.kill();
  await recorder.start();
  const from = until - 6_000;
  // At least so much after the break.
  await footage(asking, 14_000, until + 3_000);
  const path = `/api/v1/cameras/${slug}/streams/main/hls.m3u8?from=${from}`;
  const text = await (await asking.request.get(recorder.url + path)).text();
  expect(text.match(/#EXT-X-DISCONTINUITY\n/g), text).toHaveLength(1);
  const { page, look } = await play(path);
  const begun = await beyond(page, look, 1);
  expect(begun.live).toBe(true);
  expect(begun.date).toBeLessThan(from + 6_000);
  const later = await beyond(page, look, 9);
  expect(later.date, "it is after the break").toBeGreaterThan(until);
  expect(later.length).toBeGreaterThanOrEqual(begun.length);
  // Sound that a break cut off earlier than the picture leaves a hole, which it jumps over.
  const hole = /^false buffer(StalledError|SeekOverHole|NudgeOnStall)/;
  expect(later.errors.filter((error) => !hole.test(error))).toEqual([]);
  await page.context().close();
  await asking.context().close();
});

it("plays what is live by parts, with little delay", async () => {
  const { page: asking } = await open(browser, state);
  const { slug } = await footage(asking, 1_000);
  const path = `/api/v1/cameras/${slug}/streams/main/live.m3u8`;
  const { page, look, faults } = await play(path, { lowLatencyMode: true });
  const parts: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/part-")) parts.push(request.url());
  });
  const begun = await beyond(page, look, 3);
  expect(begun.live).toBe(true);
  expect(begun.frames).toBeGreaterThan(10);
  // Time for the player to close up to where it may play.
  await page.waitForTimeout(8_000);
  for (let i = 0; i < 5; i++) {
    const before = await look();
    await page.waitForTimeout(1_000);
    const seen = await look();
    expect(seen.time - before.time, JSON.stringify(seen)).toBeGreaterThan(0.7);
    expect(seen.latency, JSON.stringify(seen)).toBeLessThan(3);
    // The clocks of both are one: so old is what the page shows.
    const late = (await page.evaluate(() => Date.now())) - seen.date;
    expect(late, JSON.stringify(seen)).toBeLessThan(3_000);
    expect(late).toBeGreaterThan(0);
  }
  expect(parts.length, "it plays parts").toBeGreaterThan(10);
  expect((await look()).errors).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
  await asking.context().close();
});

it("goes on with what is live after the recorder was started again", async () => {
  const { page: asking } = await open(browser, state);
  const { slug } = await footage(asking, 1_000);
  const path = `/api/v1/cameras/${slug}/streams/main/live.m3u8`;
  // A web page says how patient it is: the server is away for some seconds.
  const policy = {
    maxTimeToFirstByteMs: 10_000,
    maxLoadTimeMs: 20_000,
    timeoutRetry: { maxNumRetry: 20, retryDelayMs: 500, maxRetryDelayMs: 1_000 },
    errorRetry: { maxNumRetry: 20, retryDelayMs: 500, maxRetryDelayMs: 1_000 },
  };
  const patient = { default: policy };
  const config = { lowLatencyMode: true, playlistLoadPolicy: patient, fragLoadPolicy: patient };
  const { page, look } = await play(path, config);
  const begun = await beyond(page, look, 3);
  await recorder.kill();
  await recorder.start();
  for (let i = 0; i < 60; i++) {
    const seen = await look();
    if (seen.date > begun.date + 12_000 && seen.latency < 4) break;
    await page.waitForTimeout(500);
  }
  const seen = await look();
  expect(seen.date, JSON.stringify(seen)).toBeGreaterThan(begun.date + 12_000);
  expect(seen.errors.filter((error) => error.startsWith("true"))).toEqual([]);
  await page.context().close();
  await asking.context().close();
});
