// H.265 in a browser that does not play it: pictures instead of the film, and what is said of it.

import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { addressed, addressTime, complaints } from "./browser";
import { recordedAtLeast } from "./footage";
import { type ForeignCamera, H264, H265, startForeignCamera } from "./foreign-camera";
import { ownHouse } from "./house";
import { startRecorderOf } from "./recorder";

let sources: ForeignCamera[];

const house = ownHouse({
  async start() {
    sources = await Promise.all([startForeignCamera(H265), startForeignCamera(H264)]);
    const [fine, plain] = sources.map(({ url }) => url);
    return startRecorderOf(`
[[camera]]
name = "Ball"
[camera.stream.main]
url = "${fine}"
[[camera]]
name = "Both"
[camera.stream.main]
url = "${fine}"
[camera.stream.sub]
url = "${plain}"
record = true
`);
  },
  account: "chrome",
});

afterAll(() => Promise.all((sources ?? []).map((source) => source.end())));

/** The instants of the pictures that the canvas of the tile has shown, since it was asked first. */
async function shown(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const scope = globalThis as unknown as { instants?: number[] };
    if (!scope.instants) {
      const instants: number[] = [];
      scope.instants = instants;
      const look = () => {
        const canvas = document.querySelector<HTMLCanvasElement>(".clip-canvas.front");
        const at = Number(canvas?.dataset.at);
        if (canvas && instants.at(-1) !== at) instants.push(at);
        requestAnimationFrame(look);
      };
      look();
    }
    return scope.instants;
  });
}

/** How varied the pixels of the canvas are: no picture has none. */
const spread = (page: Page) =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(".clip-canvas.front");
    const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels ? Math.max(...pixels.filter((_, i) => i % 4 === 0)) : 0;
  });

const chip = (page: Page) => page.getByRole("button", { name: /^Single pictures/ });

it("shows pictures where the film is none, plays and steps through them, and says why", async () => {
  const { page, faults, context } = await house.open();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const { from } = await recordedAtLeast(page, house.recorder.url, 20_000);
  const at = from + 6_000;
  await page.goto(
    `${house.recorder.url}/timeline?at=${new Date(at).toISOString()}&span=60&focus=ball`,
  );
  await expect.poll(() => shown(page)).not.toEqual([]);
  expect(await spread(page)).toBeGreaterThan(100);
  const [first = 0] = await shown(page);
  expect(Math.abs(first - at)).toBeLessThan(1_500);
  expect(asked.some((url) => url.includes("/still.jpg"))).toBe(true);
  expect(asked.filter((url) => url.includes("/clip.mp4"))).toEqual([]);

  // Plays: picture after picture, forwards, and the address goes on.
  await page.keyboard.press(" ");
  await expect.poll(async () => (await shown(page)).length).toBeGreaterThan(4);
  await page.keyboard.press("k");
  const played = await shown(page);
  expect([...played].sort((a, b) => a - b)).toEqual(played);

  // Steps: from key frame to key frame, one a second here. First it stands where it was paused: the
  // very picture is seen, and the address says its instant.
  const time = () => addressTime(page);
  await expect
    .poll(async () => {
      if (new URL(page.url()).searchParams.has("play")) return Number.NaN;
      return Math.abs(((await shown(page)).at(-1) ?? 0) - time());
    })
    .toBeLessThanOrEqual(1);
  const paused = time();
  await page.keyboard.press(",");
  await addressed(page, (time) => time < paused);
  const before = time();
  await page.keyboard.press(",");
  await addressed(page, (time) => time < before);
  expect(before - time()).toBeGreaterThan(800);
  expect(before - time()).toBeLessThan(1_200);
  await page.keyboard.press(".");
  await expect.poll(() => Math.abs(before - time())).toBeLessThan(50);

  // Why, and what to do.
  expect(await chip(page).textContent()).toContain("This browser cannot play H.265");
  await chip(page).click();
  await page.getByText(/Firefox and Safari do/).waitFor();
  expect(await complaints(page)).toEqual([]);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Download this minute" }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^ball.*\.mp4$/);
  await page.getByRole("group", { name: /^Ball/ }).hover();
  const [picture] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save a picture" }).click(),
  ]);
  expect(picture.suggestedFilename()).toMatch(/^Ball .*\.jpg$/);
  expect(faults).toEqual([]);
  await context.close();
});

it("shows stills under a hand that drags", async () => {
  const { page, faults, context } = await house.open();
  const { from, to } = await recordedAtLeast(page, house.recorder.url, 20_000);
  const middle = (from + to) / 2;
  await page.goto(
    `${house.recorder.url}/timeline?at=${new Date(middle).toISOString()}&span=60&focus=ball`,
  );
  await expect.poll(() => shown(page)).not.toEqual([]);
  const box = await page.getByRole("slider", { name: "Time" }).boundingBox();
  if (!box) throw new Error("there is no ruler");
  const x = (time: number) => box.x + box.width * (0.5 + (time - middle) / 60_000);
  await page.mouse.move(x(middle), box.y + 20);
  await page.mouse.down();
  // To and fro, for as long as the recorder takes to draw so many.
  const end = Date.now() + 60_000;
  for (let i = 1; new Set(await shown(page)).size <= 3 && Date.now() < end; i++) {
    await page.mouse.move(x(middle - (40 - Math.abs(40 - (i % 80))) * 150), box.y + 20);
    await page.waitForTimeout(40);
  }
  const dragged = await shown(page);
  await page.mouse.move(x(middle - 6_000), box.y + 20);
  await page.mouse.up();
  expect(new Set(dragged).size).toBeGreaterThan(3);
  await expect
    .poll(async () => Math.abs(((await shown(page)).at(-1) ?? 0) - (middle - 6_000)), {
      timeout: 15_000,
    })
    .toBeLessThan(1_500);
  expect(faults).toEqual([]);
  await context.close();
});

/** A browser that believes it could. */
const believes = (page: Page) =>
  page.addInitScript(() => {
    const plays = HTMLMediaElement.prototype.canPlayType;
    HTMLMediaElement.prototype.canPlayType = function (type) {
      return /hvc1|hev1/.test(type) ? "probably" : plays.call(this, type);
    };
    if (typeof VideoDecoder === "function") {
      VideoDecoder.isConfigSupported = async (config) => ({ supported: true, config });
    }
  });

/** Notes on the page that the chip is gone, be it for a moment. */
const noteWithoutChip = (page: Page) =>
  page.evaluate(() => {
    new MutationObserver(() => {
      if (!document.querySelector("button[aria-label^='Single pictures']")) {
        Object.assign(globalThis, { withoutChip: true });
      }
    }).observe(document.body, { childList: true, subtree: true });
  });

it("finds out at decoding only, and goes on with pictures by itself", async () => {
  const { page, context } = await house.open();
  await believes(page);
  const { from } = await recordedAtLeast(page, house.recorder.url, 12_000);
  await page.goto(
    `${house.recorder.url}/timeline?at=${new Date(from + 6_000).toISOString()}&span=60&focus=ball`,
  );
  await chip(page).waitFor();
  await expect.poll(() => shown(page)).not.toEqual([]);
  expect(await spread(page)).toBeGreaterThan(100);
  await chip(page).click();
  await noteWithoutChip(page);
  await page.getByRole("menuitem", { name: "Try the film again" }).click();
  // It was none before, and is none now.
  await page.waitForFunction(() => "withoutChip" in globalThis);
  await chip(page).waitFor();
  await context.close();
});

it("finds out at decoding only, and goes on with the film of the stream that is one", async () => {
  const { page, context } = await house.open();
  await believes(page);
  const { from } = await recordedAtLeast(page, house.recorder.url, 12_000);
  const at = new Date(from + 6_000).toISOString();
  await page.goto(`${house.recorder.url}/timeline?at=${at}&span=60&focus=both&play=1`);
  await page.getByRole("button", { name: /^Sub-stream/ }).waitFor();
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>("video.front");
    return !!video && video.readyState >= 3 && !video.paused;
  });
  expect(await chip(page).count()).toBe(0);
  await context.close();
});

it("plays the sub-stream that it can, and says that it is one", async () => {
  const { page, faults, context } = await house.open();
  const { from } = await recordedAtLeast(page, house.recorder.url, 12_000);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(
    `${house.recorder.url}/timeline?at=${new Date(from + 6_000).toISOString()}&span=60&focus=both&play=1`,
  );
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>("video.front");
    return !!video && video.readyState >= 3 && !video.paused;
  });
  const button = page.getByRole("button", { name: "Sub-stream: This browser cannot play H.265" });
  await button.waitFor();
  await button.click();
  await page.getByText(/Firefox and Safari do/).waitFor();
  await page.keyboard.press("Escape");
  // Under a hand it decodes its own stream's key frames: the server draws nothing.
  const box = await page.getByRole("slider", { name: "Time" }).boundingBox();
  if (!box) throw new Error("there is no ruler");
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await page.mouse.down();
  // A hand that rests is shown the film itself: it moves until a key frame has come.
  const isDrawn = () => page.evaluate(() => !!document.querySelector(".clip-canvas[data-at]"));
  const end = Date.now() + 60_000;
  for (let i = 1; !(await isDrawn()) && Date.now() < end; i++) {
    await page.mouse.move(box.x + box.width / 2 - 5 * (12 - Math.abs(12 - (i % 24))), box.y + 20);
    await page.waitForTimeout(20);
  }
  expect(await isDrawn()).toBe(true);
  await page.mouse.up();
  expect(asked.filter((url) => url.includes("/still.jpg"))).toEqual([]);
  expect(asked.some((url) => url.includes("/streams/sub/keyframes"))).toBe(true);
  expect(faults).toEqual([]);
  await context.close();
});

it("says of a recording that it plays on the timeline and elsewhere, and asks for no film", async () => {
  const { page, faults, context } = await house.open();
  await recordedAtLeast(page, house.recorder.url, 5_000);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${house.recorder.url}/recordings`);
  await page.getByRole("button", { name: /^Play Ball/ }).click();
  const sheet = page.getByRole("dialog", { name: /^Ball/ });
  await sheet.getByText("This browser cannot play H.265").waitFor();
  await sheet.getByText(/^The timeline shows its pictures/).waitFor();
  expect(await sheet.getByRole("button", { name: "Try again" }).count()).toBe(0);
  expect(await complaints(page)).toEqual([]);
  expect(asked.filter((url) => url.includes("/clip.mp4"))).toEqual([]);
  await sheet.getByRole("link", { name: "Open in the timeline" }).click();
  await expect.poll(() => shown(page)).not.toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

it("names what it cannot play live, until a single picture comes", async () => {
  const { page, context } = await house.open();
  await page.route("**/still.jpg*", (route) => route.abort());
  await page.goto(`${house.recorder.url}/live`);
  const tile = page.getByRole("group", { name: /^Ball/ });
  await tile.getByText("This browser cannot play H.265").waitFor();
  await tile.getByText(/^Single pictures are shown instead/).waitFor();
  await page.unroute("**/still.jpg*");
  await tile.getByText(/^Pictures every/).waitFor({ timeout: 20_000 });
  expect(await tile.getByText(/^Single pictures are shown/).count()).toBe(0);
  await context.close();
});
