// Live and recorded pictures, in a real browser, from a real recorder.

import { readFileSync, statSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it, onTestFinished } from "vitest";
import { addressed, addressTime, moving, NOBODY, open, signIn, videos } from "./browser";
import { pausedAt } from "./canvas";
import { firstStreams, inCommon, recordedAtLeast } from "./footage";
import { sharedHouse } from "./house";
import { startRecorder } from "./recorder";
import { until } from "./until";

const house = sharedHouse();

it("turns strangers away, and says so", async () => {
  const { page } = await open(house.browser, NOBODY);
  await page.goto(`${house.recorder.url}/timeline?span=60`);
  await page.getByLabel("Name").fill("demo");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Name or password is wrong.").waitFor();
  expect(
    await page.request.get(`${house.recorder.url}/api/v1/cameras`).then((r) => r.status()),
  ).toBe(401);
  await page.context().close();
});

it("takes a link only once, and says so", async () => {
  const { page } = await open(house.browser, NOBODY);
  await page.goto(house.recorder.link);
  await page.getByText("This link was used already").waitFor();
  await page.context().close();
});

it("shows live pictures of every camera at once, and nothing goes wrong", async () => {
  const { page, faults, context } = await house.open();
  const begun = Date.now();
  await page.goto(`${house.recorder.url}/live`);
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll("video")].filter((video) => video.readyState >= 2).length >= 3,
  );
  console.log(`first live pictures of three cameras after ${Date.now() - begun} ms`);
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

/** Longer than the address takes to be written. */
const STANDING_MS = 900;

/** Until neither the pictures nor the address have changed for a while. */
async function standing(page: Page) {
  const look = async () => JSON.stringify([await videos(page), addressTime(page)]);
  await until(async () => {
    const before = await look();
    await page.waitForTimeout(STANDING_MS);
    return (await look()) === before;
  }, "pictures that stand still");
}

it("goes back in time from the ruler, plays, scrubs, steps, and comes back", async () => {
  const { page, faults, context } = await house.open();
  await inCommon(page, house.recorder.url, 14_000, firstStreams);
  await page.goto(`${house.recorder.url}/timeline?span=40`);
  await moving(page, 3);
  const ruler = page.getByRole("slider", { name: "Time" });
  const box = (await ruler.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  // A click in a lane, ten seconds back: now stands at 94 % of forty seconds.
  await page.mouse.click(box.x + box.width * (0.94 - 10 / 40), box.y + 60);
  const played = await moving(page, 3);
  for (const { mean } of played) expect(mean).toBeGreaterThan(5);
  await addressed(page, (time) => Date.now() - time > 6_000);

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
  await standing(page);
  const held = addressTime(page);
  const still = await videos(page);
  await page.waitForTimeout(800);
  expect(await videos(page)).toEqual(still);
  expect(addressTime(page)).toBe(held);

  // To the next picture, wherever between two the hand has let go; then by one frame.
  await page.keyboard.press(".");
  await addressed(page, (time) => time > held);
  const next = addressTime(page);
  await page.keyboard.press(".");
  await addressed(page, (time) => time > next);
  const stepped = addressTime(page) - next;
  expect(stepped).toBeGreaterThan(10);
  expect(stepped).toBeLessThan(250);

  await page.keyboard.press("End");
  await page.waitForFunction(() => !location.search.includes("at="));
  await moving(page, 3);
  expect(faults).toEqual([]);
  await context.close();
});

/** The picture that stands still, and what the page says when it is of. */
async function held(page: Page) {
  let last = "";
  let seen: { picture: number; clock: string | null } | undefined;
  await expect
    .poll(
      async () => {
        const [video] = await videos(page);
        const before = last;
        last = JSON.stringify(video ?? "");
        if (!video || video.spread <= 4 || before !== last) return false;
        const clock = page.getByRole("button", { name: "Go to time" });
        seen = { picture: video.mean, clock: await clock.textContent() };
        return true;
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(true);
  return seen;
}

it("reloads to the very same instant", async () => {
  const { page, context } = await house.open();
  await inCommon(page, house.recorder.url, 14_000, firstStreams);
  const at = new Date(Date.now() - 9_000).toISOString();
  await page.goto(`${house.recorder.url}/timeline?at=${at}&focus=garden&span=30`);
  await held(page);
  // A step: the instant is one that the page wrote itself.
  await page.keyboard.press(".");
  await expect.poll(() => addressTime(page), { timeout: 60_000 }).toBeGreaterThan(Date.parse(at));
  const before = await held(page);
  const instant = addressTime(page);
  expect(instant).toBeLessThan(Date.parse(at) + 1_000);
  await page.reload();
  const after = await held(page);
  expect(new URL(page.url()).searchParams.get("at")).toBe(new Date(instant).toISOString());
  expect(after).toEqual(before);
  await context.close();
});

it("takes a marked clip away as a file", async () => {
  const { page, context } = await house.open();
  const recorded = await recordedAtLeast(page, house.recorder.url, 20_000);
  const at = recorded.from + 5_000;
  await pausedAt(page, house.recorder.url, at);
  await page.keyboard.press("[");
  await page.getByText("Now mark the end").first().waitFor();
  await page.keyboard.press("ArrowRight");
  await addressed(page, (time) => time >= at + 9_900);
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
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
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
  // Nothing is as long ago as this: yesterday may be a minute ago.
  await page.getByLabel("Time", { exact: true }).selectOption("own");
  await page.locator("input[type=datetime-local]").nth(1).fill("2001-01-01T00:00");
  await page.getByText("Nothing here", { exact: true }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it("keeps the last picture while the recorder is away, and comes back by itself", async () => {
  const own = await startRecorder();
  onTestFinished(() => own.end());
  const { page, context } = await open(house.browser, await signIn(house.browser, own.link));
  await page.goto(`${own.url}/live`);
  await moving(page, 3);
  await own.kill();
  await page.getByText("Reconnecting").first().waitFor();
  await page.getByRole("alert").getByText("out of reach").waitFor();
  expect((await videos(page)).filter(({ spread }) => spread > 4)).toHaveLength(3);
  await own.start();
  await moving(page, 3, 30_000);
  await page.getByRole("alert").waitFor({ state: "detached" });
  await context.close();
});
