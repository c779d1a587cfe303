// Recorded footage and what is live through hls.js, as many other web pages play it: in a real browser, from a real
// recorder.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { PAINTING_MS } from "./canvas";
import { camerasOf } from "./footage";
import { type House, ownHouse, sharedHouse } from "./house";
import { until } from "./until";

const library = readFileSync(createRequire(import.meta.url).resolve("hls.js/dist/hls.js"), "utf8");

const house = sharedHouse();

/** Any: nothing but its address is asked for. */
type AnyHouse = House<{ url: string }>;

/** Key frames of the demo's cameras come so often. */
const KEY_MS = 2_000;

/**
 * The first camera, once it has so much footage after `since`, and where that begins: as late as so
 * much can, at a key frame.
 */
function footage(page: Page, { recorder: { url } }: AnyHouse, ms: number, since = 0) {
  return until(async () => {
    const [camera] = await camerasOf(page, url);
    const main = camera?.streams[0];
    const begun = Math.max(since, Date.parse(main?.recorded?.from ?? ""));
    const end = Date.parse(main?.durable_until ?? "");
    const more = Math.floor((end - begun - ms) / KEY_MS) * KEY_MS;
    return camera && more >= 0 && { slug: camera.slug, from: begun + more, until: end };
  }, `footage of ${ms} ms`);
}

/** What hls.js and the element say of an address. */
interface Player {
  /** The page's clock, s. */
  now: number;
  time: number;
  length: number;
  live: boolean;
  /** The addresses of their playlists. */
  levels: string[];
  /** The one that is played, and how high its pictures are. */
  level: number;
  height: number;
  /** The time of day of what is shown. */
  date: number;
  frames: number;
  /** Seconds behind what is newest, as the player reckons. */
  latency: number;
  /** A clock that stands while the page does not paint, s. */
  painted: number;
  errors: string[];
}

interface Scope {
  Hls: new (
    config: object,
  ) => {
    loadSource(url: string): void;
    attachMedia(video: HTMLVideoElement): void;
    on(event: string, hear: (event: string, data: Record<string, unknown>) => void): void;
    levels: { uri: string; details?: { live: boolean } }[];
    currentLevel: number;
    nextLevel: number;
    playingDate: Date | null;
    latency: number;
  };
  player(): Player;
  /** Goes over to another level. */
  choose(level: number): void;
}

/** For what is live: it closes up to what is newest, as the page's own player does. */
const LIVE = { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.15 };

/** Plays an address on a page of its own. */
async function play(of: AnyHouse, path: string, config: object = {}) {
  const opened = await of.open();
  await opened.page.goto(`${of.recorder.url}/recordings`);
  await opened.page.evaluate(library);
  const asked = {
    url: path,
    config: { enableWorker: false, ...config },
    paintingMs: PAINTING_MS,
  };
  await opened.page.evaluate(({ url, config, paintingMs }) => {
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
    let [last, painted] = [performance.now(), 0];
    const paint = () => {
      const now = performance.now();
      painted += Math.min(now - last, paintingMs) / 1000;
      last = now;
      requestAnimationFrame(paint);
    };
    paint();
    scope.player = () => ({
      now: Date.now() / 1000,
      time: video.currentTime,
      length: video.duration,
      live: hls.levels[hls.currentLevel]?.details?.live ?? false,
      levels: hls.levels.map(({ uri }) => uri),
      level: hls.currentLevel,
      height: video.videoHeight,
      date: hls.playingDate?.getTime() ?? 0,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      latency: hls.latency,
      painted,
      errors,
    });
    scope.choose = (level) => {
      hls.nextLevel = level;
    };
  }, asked);
  const look = () => opened.page.evaluate(() => (globalThis as unknown as Scope).player());
  return { ...opened, look };
}

/** Waits until it plays beyond a time. */
async function beyond(page: Page, look: () => Promise<Player>, time: number): Promise<Player> {
  let last = await look();
  for (const end = Date.now() + 60_000; !(last.time > time) && Date.now() < end; ) {
    await page.waitForTimeout(200);
    last = await look();
  }
  expect(last.time, JSON.stringify(last)).toBeGreaterThan(time);
  return last;
}

it("plays a range with its streams, its length and its time of day, and seeks", async () => {
  const { page: asking } = await house.open();
  const { slug, from } = await footage(asking, house, 14_000);
  const range = `from=${from + 1000}&to=${from + 13_000}`;
  const { page, look, faults } = await play(house, `/api/v1/cameras/${slug}/hls.m3u8?${range}`);
  const seen = await beyond(page, look, 2);
  expect(seen.levels).toHaveLength(2);
  expect(seen.live).toBe(false);
  expect(seen.length).toBeGreaterThan(11.8);
  expect(seen.length).toBeLessThan(15.5);
  // Where the processor is busy the clock goes on, and pictures are left out.
  await expect.poll(async () => (await look()).frames).toBeGreaterThan(10);
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

it("plays what is live by parts, with little delay", async () => {
  const { page: asking } = await house.open();
  const { slug } = await footage(asking, house, 1_000);
  const path = `/api/v1/cameras/${slug}/streams/main/live.m3u8`;
  const { page, look, faults } = await play(house, path, LIVE);
  const parts: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/part-")) parts.push(request.url());
  });
  const begun = await beyond(page, look, 3);
  expect(begun.live).toBe(true);
  expect(begun.frames).toBeGreaterThan(10);
  const isClose = () =>
    expect.poll(async () => (await look()).latency, { timeout: 30_000 }).toBeLessThan(3);
  await isClose();
  for (let i = 0; i < 5; i++) {
    const before = await look();
    const seen = await until(async () => {
      const now = await look();
      return now.painted - before.painted >= 1 && now;
    }, "a second in which the page paints");
    // As fast as time goes, by the page's own clock: what it cannot paint in is the machine's.
    const share = (seen.time - before.time) / (seen.painted - before.painted);
    expect(share, JSON.stringify([before, seen])).toBeGreaterThan(0.7);
  }
  // A busy machine holds it up now and then: it closes up again.
  await isClose();
  // The clocks of both are one: so old is what the page shows.
  const late = async () => {
    const { now, date } = await look();
    return now * 1000 - date;
  };
  await expect.poll(late, { timeout: 30_000 }).toBeLessThan(3_000);
  expect(await late()).toBeGreaterThan(0);
  expect(parts.length, "it plays parts").toBeGreaterThan(10);
  expect((await look()).errors).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
  await asking.context().close();
});

it("goes to and fro between the streams of what is live", async () => {
  const { page: asking } = await house.open();
  const { slug } = await footage(asking, house, 6_000);
  const path = `/api/v1/cameras/${slug}/live.m3u8`;
  const master = await (await asking.request.get(house.recorder.url + path)).text();
  const told = [...master.matchAll(/#EXT-X-STREAM-INF:BANDWIDTH=\d+,.*RESOLUTION=\d+x(\d+)/g)];
  expect(told, master).toHaveLength(2);
  expect(master).toMatch(
    /,CODECS="avc1\.[0-9a-f]{6}[^"]*",RESOLUTION=\d+x\d+,FRAME-RATE=\d+\.\d{3}\n/,
  );
  const heights = told.map(([, height]) => Number(height));
  // It begins with the one that may have been watched for long: hls.js 1.7 loses its place where it goes over to a
  // playlist that begins before the first one that it has read (docs/design/hls.md).
  const config = { ...LIVE, startLevel: 1 };
  const { page, look, faults } = await play(house, path, config);
  const first = await beyond(page, look, 3);
  expect(first).toMatchObject({ levels: [expect.anything(), expect.anything()], live: true });
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("live.m3u8")) asked.push(request.url());
  });
  // hls.js sorts levels by their rate.
  const byHeight = [...heights].sort((a, b) => a - b);
  let last = first;
  const watched = new Set([first.level]);
  for (const level of [0, 1, 0]) {
    asked.length = 0;
    await page.evaluate((level) => (globalThis as unknown as Scope).choose(level), level);
    const shown = async () => (await look()).height;
    await expect.poll(shown).toBe(byHeight[level]);
    const seen = await beyond(page, look, (await look()).time + 2);
    // The same instants, whichever shows them, and nothing is shown twice.
    const went = seen.date - last.date - (seen.time - last.time) * 1000;
    expect(Math.abs(went), JSON.stringify([last, seen])).toBeLessThan(1_000);
    // The playlist before says what is newest in one that is on air: that is asked for first of all.
    // What nobody had watched yet is not on air.
    const playlist = seen.levels[level] ?? "";
    const [begun] = asked.filter((url) => url.split("?")[0] === playlist);
    expect(begun, playlist).toBeDefined();
    if (watched.has(level)) expect(begun, asked.join("\n")).toMatch(/\/live\.m3u8\?_HLS_msn=/);
    watched.add(level);
    await expect
      .poll(async () => (await look()).latency, { message: JSON.stringify(seen) })
      .toBeLessThan(6);
    last = seen;
  }
  expect((await look()).errors.filter((error) => error.startsWith("true"))).toEqual([]);
  expect(faults).toEqual([]);
  await page.context().close();
  await asking.context().close();
});

describe("with a recorder of its own, which is killed", () => {
  const own = ownHouse({ beside: house });

  it("plays on over a break in the recording, and what is recorded meanwhile", async () => {
    const { page: asking } = await own.open();
    const { slug, until: end } = await footage(asking, own, 8_000);
    await own.recorder.kill();
    await own.recorder.start();
    const from = end - 6_000;
    // At least so much after the break.
    await footage(asking, own, 14_000, end + 3_000);
    const path = `/api/v1/cameras/${slug}/streams/main/hls.m3u8?from=${from}`;
    const text = await (await asking.request.get(own.recorder.url + path)).text();
    expect(text.match(/#EXT-X-DISCONTINUITY\n/g), text).toHaveLength(1);
    const { page, look } = await play(own, path);
    const begun = await beyond(page, look, 1);
    expect(begun.live).toBe(true);
    expect(begun.date).toBeLessThan(from + 6_000);
    const later = await beyond(page, look, 9);
    expect(later.date, "it is after the break").toBeGreaterThan(end);
    expect(later.length).toBeGreaterThanOrEqual(begun.length);
    // Sound that a break cut off earlier than the picture leaves a hole, which it jumps over.
    const hole = /^false buffer(StalledError|SeekOverHole|NudgeOnStall)/;
    expect(later.errors.filter((error) => !hole.test(error))).toEqual([]);
    await page.context().close();
    await asking.context().close();
  });

  // hls.js goes another way where its playlist has become old: after two and a half seconds.
  it.each([0, 5])(
    "goes on with what is live after the recorder was started again, %i s later",
    async (away) => {
      const { page: asking } = await own.open();
      const { slug } = await footage(asking, own, 1_000);
      const path = `/api/v1/cameras/${slug}/streams/main/live.m3u8`;
      // A web page says how patient it is: the server is away for some seconds.
      const policy = {
        maxTimeToFirstByteMs: 10_000,
        maxLoadTimeMs: 20_000,
        timeoutRetry: { maxNumRetry: 20, retryDelayMs: 500, maxRetryDelayMs: 1_000 },
        errorRetry: { maxNumRetry: 20, retryDelayMs: 500, maxRetryDelayMs: 1_000 },
      };
      const patient = { default: policy };
      const config = { ...LIVE, playlistLoadPolicy: patient, fragLoadPolicy: patient };
      const { page, look } = await play(own, path, config);
      await beyond(page, look, 3);
      await own.recorder.kill();
      await page.waitForTimeout(away * 1_000);
      const again = (await look()).now * 1_000;
      await own.recorder.start();
      // It shows what is live now, and goes on for two seconds.
      const isLive = ({ now, date, latency }: Player) =>
        date > again && Math.abs(now * 1_000 - date) < 6_000 && latency < 6;
      let [before, seen] = [await look(), await look()];
      const goesOn = () =>
        isLive(before) && isLive(seen) && Math.abs(seen.time - before.time - 2) < 1;
      for (const end = Date.now() + 30_000; !goesOn() && Date.now() < end; ) {
        before = await look();
        await page.waitForTimeout(2_000);
        seen = await look();
      }
      expect(goesOn(), JSON.stringify([before, seen])).toBe(true);
      expect(seen.errors.filter((error) => error.startsWith("true"))).toEqual([]);
      await page.context().close();
      await asking.context().close();
    },
  );
});
