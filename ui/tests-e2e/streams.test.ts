// A camera whose streams have footage of different times: a tile shows what any of them has.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { moving } from "./browser";
import { everyStream, inCommon } from "./footage";
import { ownHouse } from "./house";
import { type Recorder, startEmptyRecorder, startRecorder } from "./recorder";

/** Whose cameras are recorded. */
let cameras: Recorder;

const house = ownHouse({
  async start() {
    cameras = await startRecorder();
    return startEmptyRecorder();
  },
  account: "ada",
});

afterAll(() => cameras?.end());

/** What this stream has recorded, once it is so long. */
const recordedOf = (page: Page, name: string, ms: number) =>
  inCommon(page, house.recorder.url, ms, (cameras) =>
    everyStream(cameras).filter((stream) => stream.name === name),
  );

async function changeSub(page: Page, sub: { record?: boolean; url?: string }) {
  const data = { streams: { sub } };
  const answer = await page.request.patch(`${house.recorder.url}/api/v1/cameras/yard`, { data });
  expect(answer.status(), await answer.text()).toBe(200);
}

it("shows the main stream's footage where the sub-stream has none, and the other's elsewhere", async () => {
  const { page, context } = await house.open();
  const config = readFileSync(join(cameras.dir, "holdfast.toml"), "utf8");
  const scene = /url = "(rtsp:[^"]+)-sub"/.exec(config)?.[1];
  const streams = {
    main: { url: `${scene}-main`, transport: "auto", record: true, paused: false, keep: {} },
    sub: { url: `${scene}-sub`, transport: "auto", record: false, paused: false, keep: {} },
  };
  const data = { name: "Yard", streams };
  const added = await page.request.post(`${house.recorder.url}/api/v1/cameras`, { data });
  expect(added.status(), await added.text()).toBe(201);
  const main = await recordedOf(page, "main", 12_000);
  await changeSub(page, { record: true });
  const late = await recordedOf(page, "sub", 12_000);
  expect(late.from).toBeGreaterThan(main.from + 10_000);

  const asked: string[] = [];
  page.on("request", (request) => {
    const stream = /streams\/(\w+)\/clip\.mp4/.exec(request.url())?.[1];
    if (stream) asked.push(stream);
  });
  const skipped = page.getByText("skipped", { exact: false });
  const nothing = page.getByText("No footage");
  // Small enough for the sub-stream.
  await page.setViewportSize({ width: 800, height: 600 });

  // Before the sub-stream was recorded.
  const early = new Date(main.from + 4_000).toISOString();
  await page.goto(`${house.recorder.url}/timeline?at=${early}&play=1&span=120`);
  await moving(page, 1);
  // The piece after it may have been asked for already.
  expect(asked[0]).toBe("main");
  expect(await nothing.count()).toBe(0);
  expect(await skipped.count()).toBe(0);
  // On into what the sub-stream has, without a stop.
  await expect.poll(() => asked.includes("sub"), { timeout: 30_000 }).toBe(true);
  expect(await nothing.count()).toBe(0);

  // Where it has footage, it is what is played.
  asked.length = 0;
  const then = new Date(late.from + 4_000).toISOString();
  await page.goto(`${house.recorder.url}/timeline?at=${then}&span=120`);
  await page.locator("video.front").waitFor();
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  expect(new Set(asked)).toEqual(new Set(["sub"]));

  // Not recorded any more: what is newer is the main stream's.
  await changeSub(page, { record: false });
  const end = Date.now();
  await expect
    .poll(async () => (await recordedOf(page, "main", 12_000)).to, { timeout: 30_000 })
    .toBeGreaterThan(end + 8_000);
  asked.length = 0;
  const after = new Date(end + 4_000).toISOString();
  await page.goto(`${house.recorder.url}/timeline?at=${after}&play=1&span=120`);
  await moving(page, 1);
  expect(asked).toContain("main");
  expect(await nothing.count()).toBe(0);
  await context.close();
});

it("shows the main stream live where the sub-stream does not come", async () => {
  const { page, context } = await house.open();
  await page.setViewportSize({ width: 800, height: 600 });
  const opened: string[] = [];
  page.on("websocket", (socket) => {
    const stream = /streams\/(\w+)\/live/.exec(socket.url())?.[1];
    if (stream) opened.push(stream);
  });
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 1);
  expect(opened).toEqual(["sub"]);
  // Nobody listens there.
  await changeSub(page, { url: "rtsp://127.0.0.1:9/nothing" });
  await expect.poll(() => opened.at(-1), { timeout: 30_000 }).toBe("main");
  await moving(page, 1);
  expect(await page.getByText("No signal").count()).toBe(0);
  // And at once for who comes now.
  opened.length = 0;
  await page.reload();
  await moving(page, 1);
  expect(opened).toEqual(["main"]);
  await context.close();
});
