// Weekly schedules in the form of a camera, and recording on demand.

import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { complaints, moving } from "./browser";
import { type ForeignCamera, H264_BALL, startForeignCamera } from "./foreign-camera";
import { ownHouse } from "./house";
import { startEmptyRecorder } from "./recorder";

let camera: ForeignCamera;

const house = ownHouse({
  async start() {
    camera = await startForeignCamera(H264_BALL);
    return startEmptyRecorder();
  },
  account: "ada",
});

afterAll(() => camera?.end());

/** What the server says. */
function asked(page: Page, path: string) {
  return page.evaluate(async (at) => (await fetch(`/api/v1/${at}`)).json(), path);
}

/** Until a camera's first stream is recorded, or is not. */
async function recording(page: Page, is: "on" | "off") {
  const said = async () => (await asked(page, "cameras/ball")).streams[0].recording;
  await expect.poll(said, { interval: 200 }).toBe(is);
}

async function inBothThemes(page: Page) {
  for (const theme of ["light", "dark"] as const) {
    await page.evaluate((to) => {
      document.documentElement.dataset.theme = to;
    }, theme);
    expect(await complaints(page)).toEqual([]);
  }
}

/** `HH:MM` of the clock on the wall, so many hours from now. */
function wall(hours: number): string {
  const at = new Date(Date.now() + hours * 3_600_000);
  return [at.getHours(), at.getMinutes()].map((n) => String(n).padStart(2, "0")).join(":");
}

async function openForm(page: Page) {
  await page.goto(`${house.recorder.url}/system/cameras?edit=ball`);
  await page.getByText("Recording", { exact: true }).click();
}

it("sets a schedule by keyboard, says what it means and what is wrong with it", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/live`);
  const made = await page.evaluate(async (url) => {
    const body = JSON.stringify({ name: "Ball", streams: { main: { url } } });
    const headers = { "content-type": "application/json" };
    return (await fetch("/api/v1/cameras", { method: "POST", headers, body })).status;
  }, camera.url);
  expect(made).toBe(201);
  await recording(page, "on");
  // What is recorded always need not be recorded now.
  await page.goto(`${house.recorder.url}/system/cameras`);
  await page.getByText("Sends, recorded").waitFor();
  expect(await page.getByRole("button", { name: /^Record now/ }).count()).toBe(0);
  await openForm(page);
  await page.getByText("Recorded around the clock.").waitFor();
  await page.getByLabel("When it is recorded, Recording").last().selectOption("weekly");
  await page.getByText("Recorded Mon–Fri from 08:00 to 18:00.").waitFor();
  await inBothThemes(page);

  const day = (name: string) => page.getByRole("button", { name, exact: true });
  for (const name of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]) {
    await day(name).focus();
    await page.keyboard.press("Space");
  }
  expect(await day("Friday").getAttribute("aria-pressed")).toBe("false");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Choose a day.").waitFor();
  await inBothThemes(page);
  await day("Saturday").press("Enter");
  await page.getByLabel("Time 1, From").fill("22:00");
  await page.getByLabel("Time 1, To").fill("06:00");
  await page.getByText("Recorded Sat from 22:00 until 06:00 the next day.").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Ball is saved").waitFor();
  const settings = await asked(page, "cameras/ball/settings");
  expect(settings.streams.main.schedule).toEqual(["Sat 22:00-06:00"]);
  expect(faults).toEqual([]);
  await context.close();
});

it("is live outside its schedule, and recorded on demand", async () => {
  const { page, faults, context } = await house.open();
  await openForm(page);
  for (const name of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Sunday"]) {
    await page.getByRole("button", { name, exact: true }).click();
  }
  await page.getByLabel("Time 1, From").fill(wall(11));
  await page.getByLabel("Time 1, To").fill(wall(12));
  await page.getByText(/^Recorded every day from/).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Ball is saved").waitFor();
  await recording(page, "off");
  await page.getByText(/^Outside its schedule; next /).waitFor();
  expect((await asked(page, "alarms?active=true")).alarms).toEqual([]);

  await page.getByRole("button", { name: "Record now: Ball" }).click();
  await inBothThemes(page);
  await page.getByRole("button", { name: "Record for 10 min" }).click();
  await page.getByText(/^Recorded on demand until \d\d:\d\d, 10 min left/).waitFor();
  await recording(page, "on");
  await inBothThemes(page);
  await page.getByRole("button", { name: "Stop recording Ball on demand" }).click();
  await page.getByText("Ball is recorded as its settings say").waitFor();
  await recording(page, "off");
  await page.getByRole("button", { name: "Record now: Ball" }).waitFor();
  await inBothThemes(page);
  expect(faults).toEqual([]);
  await context.close();
});

it("records from the menu of a live picture, which goes on", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 1, 30_000);
  await page.getByRole("button", { name: "More for Ball" }).click();
  await page.getByRole("button", { name: "Record for 30 min" }).click();
  await page.getByText(/^Ball is recorded until/).waitFor();
  await recording(page, "on");
  await moving(page, 1);
  await page.getByRole("button", { name: "More for Ball" }).click();
  await page.getByText(/^Recorded on demand until/).waitFor();
  await inBothThemes(page);
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await recording(page, "off");
  expect((await asked(page, "cameras/ball")).streams[0].reconnects).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

it("records a stream on demand that never is, beside one that always is", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/system/cameras`);
  const changed = await page.evaluate(async (url) => {
    const streams = { main: { schedule: null }, sub: { url, record: false } };
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ streams });
    return (await fetch("/api/v1/cameras/ball", { method: "PATCH", headers, body })).status;
  }, camera.url);
  expect(changed).toBe(200);
  await recording(page, "on");
  const plans = async () =>
    (await asked(page, "cameras/ball")).streams.map(
      ({ name, recording, recording_plan: plan }: Record<string, string | object>) =>
        `${name} ${recording}${plan ? " on demand" : ""}`,
    );
  await expect.poll(plans).toEqual(["main on", "sub off"]);
  await page.reload();
  await page.getByRole("button", { name: /^Record now/ }).click();
  await page.getByRole("button", { name: "Record for 10 min" }).click();
  await page.getByText(/^Ball is recorded until/).waitFor();
  await expect.poll(plans).toEqual(["main on", "sub on on demand"]);
  await page.getByRole("button", { name: /^Stop/ }).click();
  await expect.poll(plans).toEqual(["main on", "sub off"]);
  expect(faults).toEqual([]);
  await context.close();
});
