// An export as whoever gets it opens it: unpacked, from file://, without any server.

import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cases, key, tampered } from "../build/tampered";
import { verdictTexts } from "../src/texts/en/verdict";
import { launch, PHONE, signIn, videos, WIDE } from "./browser";
import { camerasOf, firstStreams, inCommon, type RecordedCamera } from "./footage";
import { type Recorder, startRecorder } from "./recorder";
import { until } from "./until";

let recorder: Recorder;
let browser: Browser;
let folder: string;
let zip: string;
let unpacked: string;

/** Asks for two cameras, waits until they are exported, and fetches the ZIP. */
async function exported(): Promise<Buffer> {
  const storageState = await signIn(browser, recorder.link);
  const context = await browser.newContext({ storageState });
  const api = `${recorder.url}/api/v1`;
  const get = async (path: string) => (await context.request.get(api + path)).json();
  const firstTwo = (all: RecordedCamera[]) => firstStreams(all.slice(0, 2));
  const { from } = await inCommon(context, recorder.url, 7_001, firstTwo);
  const cameras = (await camerasOf(context, recorder.url)).slice(0, 2);
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
  await until(async () => (await get(`/exports/${id}`)).state === "done", "the export");
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

async function opened(shape: { width: number; height: number }, html = "index.html") {
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
  await page.goto(pathToFileURL(join(unpacked, html)).href);
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
  await expect.poll(seen).toBe(2);
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
  expect(found).toContain(verdictTexts.badHeading);
  expect(found).toMatch(/_main\.mp4 was changed/);

  const clips = readdirSync(unpacked).filter((name) => name !== "manifest.json");
  const manifest = readFileSync(join(unpacked, "manifest.json"), "utf8");
  const forged = join(folder, "manifest.json");
  writeFileSync(forged, manifest.replace("The <parcel>", "The letter"));
  const files = [...clips.map((name) => join(unpacked, name)), forged];
  expect(await verdict(page, files)).toContain(verdictTexts.badSignature);

  const stray = join(folder, "stray.mp4");
  writeFileSync(stray, "x");
  const all = readdirSync(unpacked).map((name) => join(unpacked, name));
  expect(await verdict(page, [...all, stray])).toContain("stray.mp4 does not belong to it");
  for (const none of [[stray], [zip, stray]]) {
    expect(await verdict(page, none)).toContain(verdictTexts.notOneHeading);
  }
  await context.close();
});

/** What the page is to say of a case: the words for what is wrong with it, none where nothing is. */
function words(found: string[]): string[] {
  return found.map((one) => {
    const [file = "", what] = one.split(" ");
    if (one === "not-an-export") return verdictTexts.notOneHeading;
    return one === "bad-signature"
      ? verdictTexts.badSignature
      : verdictTexts.wrong[what as keyof typeof verdictTexts.wrong](file);
  });
}

it("judges every tampered export as the recorder's page and the command do", async () => {
  // As a page that knows the key which those are signed with.
  const html = readFileSync(join(unpacked, "index.html"), "utf8");
  const asked = html.replace(/("publicKey":")[0-9a-f]{64}/, `$1${key}`);
  expect(asked).not.toBe(html);
  writeFileSync(join(unpacked, "key.html"), asked);
  const { page, context, faults } = await opened(WIDE, "key.html");
  for (const told of cases) {
    const file = { name: "export.zip", mimeType: "application/zip", buffer: tampered(told) };
    await page.setInputFiles("#files", file);
    await page.waitForFunction(() => document.getElementById("verdict")?.firstChild);
    const [heading] = await page.locator("#verdict > strong").allTextContents();
    const lines = await page.locator("#verdict > .bad + ul > li").allTextContents();
    const expected = words(told.page);
    if (told.page.length === 0) {
      expect(heading, told.what).toBe("Nothing was changed since it was signed.");
    } else if (told.page[0] === "not-an-export") {
      expect([heading], told.what).toEqual(expected);
    } else {
      expect([heading, ...lines], told.what).toEqual([verdictTexts.badHeading, ...expected]);
    }
  }
  expect(faults).toEqual([]);
  rmSync(join(unpacked, "key.html"));
  await context.close();
});

it("tells of another key and of another export, and goes on playing its own clips", async () => {
  const { page, context, faults } = await opened(WIDE);
  const [whole] = cases.filter(({ what }) => what === "nothing").map(tampered);
  const file = { name: "export.zip", mimeType: "application/zip", buffer: whole as Buffer };
  await page.setInputFiles("#files", file);
  await page.getByText("Whole, but signed with another key").waitFor();
  await page.getByText("This is another export than that of this page").waitFor();
  const given = () => page.locator('video[src^="blob:"]').count();
  expect(await given()).toBe(0);

  // Unpacked, too: the clips of another export may have the names of this one's.
  const list = JSON.parse(readFileSync(join(unpacked, "manifest.json"), "utf8"));
  const clips = readdirSync(unpacked).filter((name) => name.endsWith(".mp4"));
  const another = join(folder, "another");
  mkdirSync(another);
  for (const name of clips) copyFileSync(join(unpacked, name), join(another, name));
  const says = join(another, "manifest.json");
  writeFileSync(says, JSON.stringify({ ...list, id: `${list.id}0` }));
  const theirs = [...clips.map((name) => join(another, name)), says];
  await verdict(page, theirs);
  await page.getByText("This is another export than that of this page").waitFor();
  expect(await given()).toBe(0);

  // And of its own only what was not changed.
  const [one = "", ...others] = clips;
  const bytes = readFileSync(join(another, one));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(another, one), bytes);
  const own = [...others, "manifest.json", "manifest.sig"].map((name) => join(unpacked, name));
  expect(await verdict(page, [join(another, one), ...own])).toContain(`${one} was changed`);
  expect(await given()).toBe(others.length);
  expect(faults).toEqual([]);
  await context.close();
});

it("says that it could not check a signature, and not that it is good", async () => {
  const { page, context } = await opened(WIDE);
  await page.evaluate(() => {
    crypto.subtle.importKey = () => Promise.reject(new Error("Ed25519 is not known"));
  });
  const words = await verdict(page, [zip]);
  expect(words).toContain(verdictTexts.unsignedHeading);
  expect(words).not.toContain("Nothing was changed");
  await context.close();
});
