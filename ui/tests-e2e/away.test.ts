// The recorder goes and comes back, sessions end, answers fail: nothing is loaded again, all is said.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { complaints, moving, NOBODY, open } from "./browser";
import { recordedAtLeast } from "./footage";
import { ownHouse } from "./house";
import { startEmptyRecorder } from "./recorder";
import { until } from "./until";

const house = ownHouse();

/** The page is the same document as when it was marked. */
const mark = (page: Page) => page.evaluate(() => Object.assign(window, { marked: true }));
const isMarked = (page: Page) => page.evaluate(() => "marked" in window);

async function comesBack(page: Page) {
  await page.getByRole("alert").getByText("out of reach").waitFor();
  expect(await complaints(page)).toEqual([]);
  await house.recorder.start();
  await page.getByRole("alert").waitFor({ state: "detached", timeout: 30_000 });
}

it("goes on with the timeline when the recorder is back", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/timeline?span=60`);
  await moving(page, 3);
  const { from } = await recordedAtLeast(page, house.recorder.url, 9_000);
  const at = new Date(from + 1_000).toISOString();
  await page.goto(`${house.recorder.url}/timeline?at=${at}&play=1&span=60`);
  await moving(page, 3);
  await mark(page);
  await house.recorder.kill();
  // To where nothing was loaded yet.
  await page.keyboard.press("j");
  await comesBack(page);
  await page.keyboard.press("j");
  await expect.poll(() => page.getByText("The picture could not be loaded").count()).toBe(0);
  // Each has a picture: an element's, or one of playing backwards.
  await page.waitForFunction(() => {
    const fronts = [...document.querySelectorAll("video.front, .clip-canvas.front")];
    const seen = fronts.filter(
      (front) => front instanceof HTMLCanvasElement || (front as HTMLVideoElement).readyState >= 2,
    );
    const tiles = new Set(seen.map((front) => front.parentElement));
    return tiles.size >= 3 && !document.querySelector("[role=alert]");
  });
  await page.keyboard.press("End");
  await moving(page, 3, 30_000);
  expect(await isMarked(page)).toBe(true);
  await context.close();
});

it("goes on with the list of recordings when the recorder is back", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
  const rows = page.getByRole("listitem");
  await rows.first().waitFor();
  await mark(page);
  await house.recorder.kill();
  await page.getByRole("alert").getByText("out of reach").waitFor();
  expect(await rows.count()).toBeGreaterThanOrEqual(3);
  // A filter that has to be asked for fails in words, and is answered when somebody answers.
  await page.getByLabel("Camera", { exact: true }).selectOption("garden");
  await page.getByText("Look at the network, then try again.").waitFor();
  await comesBack(page);
  await rows.first().waitFor();
  await page
    .getByRole("button", { name: /^Play Garden/ })
    .first()
    .click();
  await moving(page, 1);
  expect(await isMarked(page)).toBe(true);
  await context.close();
});

it("stays where it is when a part of it does not come, and has it when the recorder is back", async () => {
  // As over plain http, where no worker keeps the page.
  const context = await house.browser.newContext({
    storageState: house.state,
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 3);
  await mark(page);
  await house.recorder.kill();
  await page.getByRole("alert").getByText("out of reach").waitFor();
  const nav = page.getByRole("navigation", { name: "Main" });
  await nav.getByRole("link", { name: "Recordings" }).click();
  await page.getByText("A part of the page did not come.").waitFor();
  expect(await isMarked(page)).toBe(true);
  await nav.getByRole("link", { name: "Live", exact: true }).click();
  await page.locator("video").first().waitFor({ state: "attached" });
  await nav.getByRole("link", { name: "Recordings" }).click();
  await comesBack(page);
  await page.getByRole("heading", { name: "Recordings" }).waitFor();
  await page.getByRole("listitem").first().waitFor();
  expect(await isMarked(page)).toBe(true);
  await context.close();
});

it("does not load itself again and again for a part that is refused", async () => {
  const context = await house.browser.newContext({
    storageState: house.state,
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  let loads = 0;
  page.on("domcontentloaded", () => loads++);
  await page.route("**/assets/Recordings-*", (route) => route.fulfill({ status: 403 }));
  await page.goto(`${house.recorder.url}/recordings`);
  await page.getByText("A part of the page did not come.").waitFor();
  await page.waitForTimeout(1_000);
  expect(loads).toBe(1);
  expect(await complaints(page)).toEqual([]);
  await context.close();
});

it("says which pictures did not come, and has them as soon as they do", async () => {
  const context = await house.browser.newContext({
    storageState: house.state,
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  let blocked = true;
  for (const part of ["recorded", "GoTo"]) {
    await page.route(`**/assets/${part}-*`, (route) =>
      blocked ? route.abort() : route.continue(),
    );
  }
  // What was recorded since the recorder came back last, however long ago that was.
  const begun = Date.now();
  const to = await until(async () => {
    const newest = await recordedAtLeast(page, house.recorder.url, 4_000);
    return newest.to > begun + 5_000 && newest.to;
  }, "footage from now on");
  const at = new Date(to - 3_000).toISOString();
  await page.goto(`${house.recorder.url}/timeline?at=${at}&span=60`);
  const missing = page.getByText("A part of the page did not come.");
  await missing.waitFor();
  expect(await complaints(page)).toEqual([]);
  // What opens over the page says so too, and can be asked for again.
  await page.keyboard.press("g");
  await missing.nth(1).waitFor();
  blocked = false;
  await page.locator("video.front").first().waitFor({ timeout: 40_000 });
  await missing.first().waitFor({ state: "detached", timeout: 10_000 });
  await page.keyboard.press("g");
  await page.getByRole("dialog").waitFor();
  await context.close();
});

it("notices a recorder that vanishes without a word, blames no proxy, and is live at its return", async () => {
  const { page, context } = await house.open();
  let gone = false;
  // As when a cable is pulled: sockets stay open and say nothing, questions come to nothing.
  await page.routeWebSocket(/\/api\/v1\//, (socket) => {
    if (gone) return;
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!gone) socket.send(message);
    });
  });
  await page.route("**/api/v1/**", (route) => (gone ? route.abort("timedout") : route.fallback()));
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 3);
  gone = true;
  const banner = page.getByRole("alert").getByText("out of reach");
  await banner.waitFor({ timeout: 35_000 });
  // So long that a socket which says nothing four times would be blamed.
  await page.waitForTimeout(60_000);
  await banner.waitFor();
  expect(await page.getByText(/every \d+ s|a little later/).count()).toBe(0);
  gone = false;
  await banner.waitFor({ state: "detached", timeout: 15_000 });
  await moving(page, 3, 30_000);
  await context.close();
});

it("says why the cameras do not come, in the reader's language, and asks again", async () => {
  const context = await house.browser.newContext({ storageState: house.state, locale: "fr-FR" });
  const page = await context.newPage();
  let broken = true;
  await page.route("**/api/v1/cameras", (route) =>
    broken
      ? route.fulfill({
          status: 503,
          contentType: "application/problem+json",
          body: JSON.stringify({ type: "busy", title: "too much", status: 503, detail: "busy" }),
        })
      : route.continue(),
  );
  await page.goto(`${house.recorder.url}/live`);
  await page.getByText("L’enregistreur a trop à faire en ce moment.").waitFor();
  expect(await complaints(page)).toEqual([]);
  broken = false;
  await page.getByRole("button", { name: "Driveway" }).first().waitFor({ timeout: 10_000 });
  await context.close();
});

it("has a place for everything while a slow link brings it", async () => {
  const { page, context } = await house.open();
  let go = () => {};
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  await page.route("**/api/v1/**", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${house.recorder.url}/recordings`);
  await page.getByRole("link", { name: "Timeline" }).waitFor();
  expect(await complaints(page)).toEqual([]);
  go();
  await page.getByRole("listitem").first().waitFor();
  await context.close();
});

it("asks who it is when the session has ended, and goes back to the same place", async () => {
  const empty = await startEmptyRecorder();
  const { page, context } = await open(house.browser, NOBODY);
  const signInAs = async () => {
    await page.getByLabel("Name").fill("ada");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  };
  await page.goto(empty.link);
  await signInAs();
  await page.getByLabel("Password again").fill("correct horse battery");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.waitForURL("**/live");
  await page.goto(`${empty.url}/recordings?range=week`);
  await page.getByText("Nothing recorded yet").or(page.getByText("Nothing here")).first().waitFor();
  await mark(page);
  // Ended elsewhere: by another window, or by whoever manages accounts.
  const status = await page.evaluate(async () => {
    const answer = await fetch("/api/v1/logout", { method: "POST" });
    return answer.status;
  });
  expect(status).toBeLessThan(300);
  await page.getByText("Your session has ended. Sign in again.").waitFor({ timeout: 30_000 });
  await signInAs();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/recordings?range=week");
  await page.getByRole("heading", { name: "Recordings" }).waitFor();
  expect(await isMarked(page)).toBe(true);
  await context.close();
  await empty.end();
});
