// How late a live picture is, by a clock in the picture.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launch, makeAccount, moving, open, type State } from "./browser";
import { type ClockCamera, readDelays, spreadOf, startClockCamera } from "./clock-camera";
import { type Recorder, startRecorderOf } from "./recorder";

let camera: ClockCamera;
let recorder: Recorder;
let browser: Browser;
let state: State;

beforeAll(async () => {
  camera = await startClockCamera(["main"]);
  recorder = await startRecorderOf(camera.toml);
  browser = await launch();
  state = await makeAccount(browser, recorder.link, "wall");
});

afterAll(async () => {
  await browser?.close();
  await recorder?.end();
  await camera?.end();
});

it("shows live pictures within a second of when they were made", async () => {
  const { page, context } = await open(browser, state);
  await page.goto(`${recorder.url}/live?focus=clock`);
  await moving(page, 1);
  const found = await readDelays(page, 75, "video");
  const { median, most } = spreadOf(found);
  console.log(
    `by the clock in the picture: ${median.toFixed(0)} ms late, 95 % ${most.toFixed(0)} ms`,
  );
  // Where most cannot be read it says nothing.
  expect(found.unread).toBeLessThan(8);
  // None is seen before it was made: the clocks are one.
  expect(Math.min(...found.delays)).toBeGreaterThan(0);
  expect(median).toBeLessThan(1_000);
  await context.close();
});
