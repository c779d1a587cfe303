// Nine sub-streams on one page for as long as MINUTES says: memory, first pictures, delay.
// Results go to bench/README.md.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch, moving, open, type State } from "./browser";
import { type Recorder, startRecorder, startRecorderOf } from "./recorder";

const MINUTES = Number(process.env.MINUTES ?? 5);
const SCENES = ["drive", "door", "garden"];

let scenes: Recorder;
let recorder: Recorder;
let browser: Browser;
let state: State;

/** The ports that a process of this machine listens on. */
function portsOf(pid: number): number[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        // Closed in the meantime.
        return [];
      }
    }),
  );
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row[3] === "0A" && own.has(row[9] ?? ""))
    .map((row) => Number.parseInt(row[1]?.split(":")[1] ?? "", 16));
}

async function isWeb(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
}

beforeAll(async () => {
  // The demonstration's cameras, each three times.
  scenes = await startRecorder();
  let rtsp: number | undefined;
  for (const port of portsOf(scenes.pid() ?? 0)) if (!(await isWeb(port))) rtsp = port;
  const cameras = Array.from({ length: 9 }, (_, i) => {
    const url = `rtsp://127.0.0.1:${rtsp}/${SCENES[i % 3]}-sub`;
    return `[[camera]]\nname = "Camera ${i + 1}"\n[camera.stream.main]\nurl = "${url}"\n`;
  });
  recorder = await startRecorderOf(cameras.join(""));
  browser = await launch();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(recorder.link);
  await page.getByLabel("Name").fill("wall");
  await page.getByLabel("Password", { exact: true }).fill("a long passphrase");
  await page.getByLabel("Password again").fill("a long passphrase");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.waitForURL("**/live");
  await moving(page, 9, 60_000);
  state = await context.storageState();
  await context.close();
});

afterAll(async () => {
  await browser?.close();
  await recorder?.end();
  await scenes?.end();
});

/** Notes on every socket which instant the media's beginning stands for. */
function listen() {
  const Plain = WebSocket;
  const scope = globalThis as unknown as { clocks: Map<string, number>; shownAt: number[] };
  scope.clocks = new Map();
  scope.shownAt = [];
  globalThis.WebSocket = class extends Plain {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string") return;
        const said = JSON.parse(data);
        if (said.type !== "clock") return;
        scope.clocks.set(String(url), Date.parse(said.wall) - said.media_s * 1000);
      });
    }
  };
}

interface Sample {
  heapMb: number;
  bufferedS: number;
  nodes: number;
}

async function sample(page: Page): Promise<Sample> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  const { nodes } = await session.send("Memory.getDOMCounters");
  await session.detach();
  const buffered = await page.evaluate(() =>
    [...document.querySelectorAll("video")].map(({ buffered: ranges }) => {
      let sum = 0;
      for (let i = 0; i < ranges.length; i++) sum += ranges.end(i) - ranges.start(i);
      return sum;
    }),
  );
  return { heapMb: usedSize / 2 ** 20, bufferedS: Math.max(...buffered), nodes };
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

it("shows first pictures soon, close to when they were taken", async () => {
  const firsts: number[] = [];
  const delays: number[] = [];
  for (let round = 0; round < 5; round++) {
    const { page, context } = await open(browser, state);
    await page.addInitScript(listen);
    await page.goto(`${recorder.url}/live`);
    // From the first script of the page to the first picture of a tile alone.
    await page.goto(`${recorder.url}/live?focus=camera-1`, { waitUntil: "commit" });
    const first = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const look = () => {
            const video = document.querySelector("video");
            if (!video) requestAnimationFrame(look);
            else video.requestVideoFrameCallback((at) => resolve(at));
          };
          look();
        }),
    );
    firsts.push(first);
    await page.waitForTimeout(6_000);
    delays.push(
      ...(await page.evaluate(async () => {
        const { clocks } = globalThis as unknown as { clocks: Map<string, number> };
        const [begin = Number.NaN] = clocks.values();
        const video = document.querySelector("video");
        const seen: number[] = [];
        for (let i = 0; i < 30; i++) {
          await new Promise<void>((resolve) => {
            video?.requestVideoFrameCallback((at, { mediaTime, expectedDisplayTime }) => {
              const shown = performance.timeOrigin + Math.max(at, expectedDisplayTime);
              seen.push(shown - (begin + mediaTime * 1000));
              resolve();
            });
          });
        }
        return seen;
      })),
    );
    await context.close();
  }
  console.log(`first picture, ms: ${firsts.map(Math.round).join(", ")}`);
  const sorted = [...delays].sort((a, b) => a - b);
  const worst = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  console.log(`delay, ms: median ${Math.round(median(delays))}, 95 % ${Math.round(worst)}`);
  expect(median(firsts)).toBeLessThan(3_000);
  expect(median(delays)).toBeLessThan(2_000);
});

it("does not grow", async () => {
  const { page, context } = await open(browser, state);
  await page.goto(`${recorder.url}/live`);
  await moving(page, 9, 60_000);
  await page.waitForTimeout(20_000);
  const samples: Sample[] = [];
  for (let half = 0; half <= MINUTES * 2; half++) {
    const now = await sample(page);
    samples.push(now);
    console.log(
      `${half / 2} min: ${now.heapMb.toFixed(1)} MiB, ${now.bufferedS.toFixed(1)} s, ${now.nodes} nodes`,
    );
    if (half < MINUTES * 2) await page.waitForTimeout(30_000);
  }
  await moving(page, 9, 30_000);
  const early = median(samples.slice(0, 3).map(({ heapMb }) => heapMb));
  const late = median(samples.slice(-3).map(({ heapMb }) => heapMb));
  expect(late - early).toBeLessThan(2);
  for (const { bufferedS } of samples) expect(bufferedS).toBeLessThan(30);
  expect((samples.at(-1)?.nodes ?? 0) - (samples[0]?.nodes ?? 0)).toBeLessThan(200);
  await context.close();
});
