// An export as whoever gets it opens it: unpacked, from file://, without any server.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch, PHONE, signIn, videos, WIDE } from "./browser";
import { type Recorder, startRecorder } from "./recorder";

let recorder: Recorder;
let browser: Browser;
let folder: string;
let zip: string;
let unpacked: string;

interface Camera {
  slug: string;
  name: string;
  streams: { name: string; recorded?: { from: string; to: string } }[];
}

/** Asks for two cameras, waits until they are exported, and fetches the ZIP. */
async function exported(): Promise<Buffer> {
  const storageState = await signIn(browser, recorder.link);
  const context = await browser.newContext({ storageState });
  const api = `${recorder.url}/api/v1`;
  const get = async (path: string) => (await context.request.get(api + path)).json();
  let cameras: Camera[] = [];
  let from = Number.NaN;
  for (let i = 0; i < 100; i++) {
    ({ cameras } = (await get("/cameras")) as { cameras: Camera[] });
    cameras = cameras.slice(0, 2);
    const spans = cameras.map((camera) => camera.streams[0]?.recorded);
    from = Math.max(...spans.map((span) => Date.parse(span?.from ?? "")));
    const to = Math.min(...spans.map((span) => Date.parse(span?.to ?? "")));
    if (cameras.length === 2 && to - from > 7000) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const time = (ms: number) => new Date(from + ms).toISOString();
  const asked = {
    name: "The <parcel>",
    streams: cameras.map((camera) => `${camera.slug}/${camera.streams[0]?.name}`),
    from: time(500),
    to: time(6500),
  };
  const made = await context.request.post(`${api}/exports`, { data: asked });
  expect(made.status(), await made.text()).toBe(201);
  const { id } = await made.json();
  let state = "waiting";
  for (let i = 0; i < 100 && state !== "done"; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    ({ state } = await get(`/exports/${id}`));
  }
  expect(state).toBe("done");
  const file = await context.request.get(`${api}/exports/${id}/export.zip`);
  expect(file.status()).toBe(200);
  const bytes = await file.body();
  await context.close();
  return bytes;
}

beforeAll(async () => {
  recorder = await startRecorder();
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "holdfast-export-"));
  zip = join(folder, "parcel.zip");
  unpacked = join(folder, "parcel");
  writeFileSync(zip, await exported());
  // Nothing of it needs the recorder any more.
  await recorder.end();
  execFileSync("unzip", ["-qq", "-d", unpacked, zip]);
});

afterAll(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function opened(shape: { width: number; height: number }) {
  const context = await browser.newContext({ viewport: shape });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(file|blob):/.test(request.url())) faults.push(request.url());
  });
  await page.goto(pathToFileURL(join(unpacked, "index.html")).href);
  return { page, context, faults };
}

/** What the page says of these files. */
async function verdict(page: Page, files: string[]): Promise<string> {
  await page.setInputFiles("#files", files);
  await page.waitForFunction(() => document.getElementById("verdict")?.firstChild);
  return (await page.locator("#verdict").textContent()) ?? "";
}

it("plays two cameras in step, without a server and without asking for anything else", async () => {
  const { page, context, faults } = await opened(WIDE);
  expect(await page.locator("h1").textContent()).toBe("The <parcel>");
  expect(await page.locator("article").count()).toBe(2);
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].every(
      (video) => video.readyState >= 1 && video.duration > 4,
    ),
  );
  await page.click("#play");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].every((video) => video.currentTime > 2),
  );
  const times = await page.evaluate(() =>
    [...document.querySelectorAll("video")].map((video) => ({
      time: video.currentTime,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
    })),
  );
  for (const { frames } of times) expect(frames).toBeGreaterThan(10);
  const [a, b] = times.map(({ time }) => time);
  expect(Math.abs((a ?? 0) - (b ?? 9))).toBeLessThan(1);
  await page.click("#play");
  expect(
    await page.evaluate(() => [...document.querySelectorAll("video")].every((v) => v.paused)),
  ).toBe(true);
  expect(faults).toEqual([]);
  await context.close();
});

it("proves the ZIP, and what was in it", async () => {
  const { page, context, faults } = await opened(PHONE);
  expect(await verdict(page, [zip])).toContain("Nothing was changed since it was signed.");
  // The clips are now those in the ZIP, wherever this page lies.
  // A first picture may be decoded before it is there to be seen.
  const seen = async () => (await videos(page)).filter(({ spread }) => spread > 5).length;
  await expect.poll(seen, { timeout: 10_000 }).toBe(2);
  const all = readdirSync(unpacked).map((name) => join(unpacked, name));
  expect(await verdict(page, all)).toContain("Nothing was changed since it was signed.");
  const some = all.filter((file) => !file.endsWith(".mp4"));
  expect(await verdict(page, some)).toContain("the rest was not checked");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  expect(faults).toEqual([]);
  await context.close();
});

it("finds one byte, a forged manifest, and what does not belong to it", async () => {
  const { page, context } = await opened(WIDE);
  const bytes = readFileSync(zip);
  const changed = Buffer.from(bytes);
  const middle = Math.floor(changed.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  const path = join(folder, "changed.zip");
  writeFileSync(path, changed);
  const found = await verdict(page, [path]);
  expect(found).toContain("It is not as it was exported.");
  expect(found).toMatch(/_main\.mp4 was changed/);

  const clips = readdirSync(unpacked).filter((name) => name !== "manifest.json");
  const manifest = readFileSync(join(unpacked, "manifest.json"), "utf8");
  const forged = join(folder, "manifest.json");
  writeFileSync(forged, manifest.replace("The <parcel>", "The letter"));
  const files = [...clips.map((name) => join(unpacked, name)), forged];
  expect(await verdict(page, files)).toContain("does not bear the signature");

  const stray = join(folder, "stray.mp4");
  writeFileSync(stray, "x");
  expect(await verdict(page, [zip, stray])).toContain("stray.mp4 does not belong to this export");
  expect(await verdict(page, [stray])).toContain("manifest.json is not among the files");
  await context.close();
});

it("reads what is too long for the browser's own hash in pieces, to the same end", async () => {
  const { page, context } = await opened(WIDE);
  const same = await page.evaluate(`(async () => {
    const bytes = new Uint8Array(1_000_003).map((_, at) => (at * 31) >> 3);
    const whole = await sha256(new Blob([bytes]), () => {});
    const pieces = new Sha256();
    for (let at = 0; at < bytes.length; at += 4099) pieces.update(bytes.subarray(at, at + 4099));
    return whole === pieces.hex();
  })()`);
  expect(same).toBe(true);
  await context.close();
});

it("says that it could not check a signature, and not that it is good", async () => {
  const { page, context } = await opened(WIDE);
  await page.evaluate(() => {
    crypto.subtle.importKey = () => Promise.reject(new Error("Ed25519 is not known"));
  });
  const words = await verdict(page, [zip]);
  expect(words).toContain("Not proven: this browser cannot check the signature");
  expect(words).not.toContain("Nothing was changed");
  await context.close();
});
