// How late live pictures are, by a clock in the picture: each way that they come, both streams.
// Results go to bench/README.md.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch, makeAccount, moving, open, type State } from "./browser";
import { type ClockCamera, readDelays, spreadOf, startClockCamera } from "./clock-camera";
import { type Recorder, startRecorderOf } from "./recorder";

const SECONDS = Number(process.env.SECONDS ?? 30);
const PER_SECOND = 25;

let camera: ClockCamera;
let recorder: Recorder;
let browser: Browser;
let state: State;

beforeAll(async () => {
  camera = await startClockCamera(["main", "sub"]);
  recorder = await startRecorderOf(camera.toml);
  browser = await launch();
  state = await makeAccount(browser, recorder.link, "wall");
});

afterAll(async () => {
  await browser?.close();
  await recorder?.end();
  await camera?.end();
});

const noSockets = (page: Page) =>
  page.routeWebSocket(/\/api\/v1\//, (socket) => void socket.close());

/** A page as wide as the stream is wanted for, and one way left for its pictures. */
it.each([
  ["socket", "main", 1440],
  ["socket", "sub", 480],
  ["HLS", "main", 1440],
  ["HLS", "sub", 480],
  ["stills", "main", 1440],
] as const)("by %s, %s", async (way, stream, width) => {
  const { page, context } = await open(browser, state);
  await page.setViewportSize({ width, height: 900 });
  if (way !== "socket") await noSockets(page);
  if (way === "stills") await page.route(/live\.m3u8/, (route) => route.abort());
  await page.goto(`${recorder.url}/live?focus=clock`);
  const film = way !== "stills";
  if (film) await moving(page, 1, 90_000);
  else await page.getByText(/Pictures every/).waitFor({ timeout: 90_000 });
  // As it is watched, and not as it begins.
  await page.waitForTimeout(10_000);
  const found = film
    ? await readDelays(page, SECONDS * PER_SECOND, "video")
    : await readDelays(page, Math.ceil(SECONDS / 2), "img");
  const { median, most } = spreadOf(found);
  console.log(
    `${way}, ${stream}, ${found.width} px: ${found.delays.length} pictures ` +
      `(${found.unread} unread), ${median.toFixed(0)} ms late, 95 % ${most.toFixed(0)} ms`,
  );
  expect(found.delays.length).toBeGreaterThan(found.unread * 10);
  expect(Math.min(...found.delays)).toBeGreaterThan(0);
  await context.close();
});
