// Live and recorded pictures, in a real browser, from a real recorder.

import { readFileSync, statSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addressTime, launch, moving, open, type State, signIn, videos } from "./browser";
import { type Recorder, startRecorder } from "./recorder";

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

/** Waits until there is so much footage to go back to. */
async function footage(page: Page, ms: number) {
  for (let i = 0; i < 60; i++) {
    const answer = await page.request.get(`${recorder.url}/api/v1/cameras`);
    const { cameras } = (await answer.json()) as {
      cameras: { streams: { recorded?: { from: string; to: string } }[] }[];
    };
    const lengths = cameras.map(({ streams: [main] }) =>
      main?.recorded ? Date.parse(main.recorded.to) - Date.parse(main.recorded.from) : 0,
    );
    if (Math.min(...lengths) >= ms) return;
    await page.waitForTimeout(500);
  }
  throw new Error(`there is no footage of ${ms} ms`);
}

it("turns strangers away, and says so", async () => {
  const { page } = await open(browser, { cookies: [], origins: [] });
  await page.goto(`${recorder.url}/timeline?span=60`);
  await page.getByLabel("Name").fill("demo");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Name or password is wrong.").waitFor();
  expect(await page.request.get(`${recorder.url}/api/v1/cameras`).then((r) => r.status())).toBe(
    401,
  );
  await page.context().close();
});

it("takes a link only once, and says so", async () => {
  const { page } = await open(browser, { cookies: [], origins: [] });
  await page.goto(recorder.link);
  await page.getByText("This link was used already").waitFor();
  await page.context().close();
});

it("shows live pictures of every camera at once, and nothing goes wrong", async () => {
  const { page, faults, context } = await open(browser, state);
  const begun = Date.now();
  await page.goto(`${recorder.url}/live`);
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll("video")].filter((video) => video.readyState >= 2).length >= 3,
  );
  const first = Date.now() - begun;
  console.log(`first live pictures of three cameras after ${first} ms`);
  expect(first).toBeLessThan(6_000);
  await moving(page, 3);
  await page.getByRole("button", { name: "Driveway: Live" }).click();
  await page.waitForURL("**/live?focus=driveway");
  await moving(page, 1);
  await page.keyboard.press("Escape");
  await page.waitForURL("**/live");
  await moving(page, 3);
  expect(faults).toEqual([]);
  await context.close();
});

it("goes back in time from the ruler, plays, scrubs, steps, and comes back", async () => {
  const { page, faults, context } = await open(browser, state);
  await footage(page, 14_000);
  await page.goto(`${recorder.url}/timeline?span=40`);
  await moving(page, 3);
  const ruler = page.getByRole("slider", { name: "Time" });
  const box = (await ruler.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  // A click in a lane, ten seconds back: now stands at 94 % of forty seconds.
  await page.mouse.click(box.x + box.width * (0.94 - 10 / 40), box.y + 60);
  const played = await moving(page, 3);
  for (const { mean } of played) expect(mean).toBeGreaterThan(5);
  await page.waitForURL(/at=/);
  expect(Date.now() - addressTime(page)).toBeGreaterThan(6_000);

  // Paused and dragged by the head of the ruler: the pictures follow, and stay where they are.
  await page.keyboard.press("k");
  const x = box.x + box.width * 0.6;
  await page.mouse.move(x, box.y + 20);
  await page.mouse.down();
  for (let i = 1; i <= 10; i++) {
    await page.mouse.move(x + i * 6, box.y + 20);
    await page.waitForTimeout(40);
  }
  await page.mouse.up();
  await page.waitForTimeout(1500);
  const held = addressTime(page);
  const still = await videos(page);
  await page.waitForTimeout(800);
  expect(await videos(page)).toEqual(still);
  expect(addressTime(page)).toBe(held);

  // One picture on: another picture of the same stream, by one frame.
  await page.keyboard.press(".");
  await page.waitForTimeout(1200);
  const stepped = addressTime(page) - held;
  expect(stepped).toBeGreaterThan(10);
  expect(stepped).toBeLessThan(250);

  await page.keyboard.press("End");
  await page.waitForFunction(() => !location.search.includes("at="));
  await moving(page, 3);
  expect(faults).toEqual([]);
  await context.close();
});

it("goes back in time under a thumb", async () => {
  const { page, faults, context } = await open(browser, state, { phone: true });
  await footage(page, 14_000);
  await page.goto(`${recorder.url}/timeline?span=60`);
  await moving(page, 2);
  const box = await page.getByRole("slider", { name: "Time" }).boundingBox();
  const at = { x: (box?.x ?? 0) + 100, y: (box?.y ?? 0) + 60 };
  const hand = await context.newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", x: number) =>
    hand.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x, y: at.y }],
    });
  await touch("touchStart", at.x);
  for (let i = 1; i <= 8; i++) {
    await touch("touchMove", at.x + i * 8);
    await page.waitForTimeout(30);
  }
  await page.waitForTimeout(400);
  await touch("touchEnd", at.x + 64);
  await page.waitForURL(/at=/);
  // 64 of 390 pixels of a minute, less what the first pixels of a touch are for.
  const back = Date.now() - addressTime(page);
  expect(back).toBeGreaterThan(6_000);
  expect(back).toBeLessThan(25_000);
  await moving(page, 2);
  expect(faults).toEqual([]);
  await context.close();
});

it("reloads to the very same instant", async () => {
  const { page, context } = await open(browser, state);
  await footage(page, 14_000);
  const at = new Date(Date.now() - 9_000).toISOString();
  await page.goto(`${recorder.url}/timeline?at=${at}&focus=garden&span=30`);
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video.front")].some(
      (v) => (v as HTMLVideoElement).readyState >= 2,
    ),
  );
  await page.waitForTimeout(1200);
  const [seen] = await videos(page);
  expect(seen?.spread).toBeGreaterThan(4);
  expect(addressTime(page) || Date.parse(at)).toBe(Date.parse(at));
  await context.close();
});

it("takes a marked clip away as a file", async () => {
  const { page, context } = await open(browser, state);
  await footage(page, 20_000);
  const at = new Date(Date.now() - 15_000).toISOString();
  await page.goto(`${recorder.url}/timeline?at=${at}&focus=front-door&span=60`);
  await page.waitForTimeout(800);
  await page.keyboard.press("[");
  await page.keyboard.press("ArrowRight");
  await page.waitForTimeout(300);
  await page.keyboard.press("]");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: /^Download 0:10/ }).click(),
  ]);
  const path = await download.path();
  expect(statSync(path).size).toBeGreaterThan(20_000);
  expect(readFileSync(path).toString("latin1", 4, 8)).toBe("ftyp");
  expect(download.suggestedFilename()).toMatch(/^front-door.*\.mp4$/);
  await context.close();
});

it("lists, filters, plays and downloads recordings", async () => {
  const { page, faults, context } = await open(browser, state);
  await page.goto(`${recorder.url}/recordings`);
  const rows = page.getByRole("listitem");
  await rows.first().waitFor();
  expect(await rows.count()).toBeGreaterThanOrEqual(3);
  await page.getByLabel("Camera", { exact: true }).selectOption("garden");
  await page.waitForURL(/camera=garden/);
  await page.waitForFunction(
    () => ![...document.querySelectorAll("li")].some((li) => li.textContent?.includes("Driveway")),
  );
  await page
    .getByRole("button", { name: /^Play Garden/ })
    .first()
    .click();
  await moving(page, 1);
  await page.keyboard.press("Escape");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page
      .getByRole("link", { name: /^Download Garden/ })
      .first()
      .click(),
  ]);
  expect(statSync(await download.path()).size).toBeGreaterThan(20_000);
  await page.getByLabel("Time", { exact: true }).selectOption("yesterday");
  await page.getByText("Nothing here").waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it("keeps the last picture while the recorder is away, and comes back by itself", async () => {
  const { page, context } = await open(browser, state);
  await page.goto(`${recorder.url}/live`);
  await moving(page, 3);
  await recorder.kill();
  await page.getByText("Reconnecting").first().waitFor();
  await page.getByRole("alert").getByText("out of reach").waitFor();
  expect((await videos(page)).filter(({ spread }) => spread > 4)).toHaveLength(3);
  await recorder.start();
  await moving(page, 3, 30_000);
  await page.getByRole("alert").waitFor({ state: "detached" });
  await context.close();
});
