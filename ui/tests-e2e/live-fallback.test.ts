// Live pictures by the next best way, where the best one does not work.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { complaints, makeAccount, moving, open } from "./browser";
import { startForeignCamera } from "./foreign-camera";
import { sharedHouse } from "./house";
import { startRecorderOf } from "./recorder";
import { until } from "./until";

const house = sharedHouse();

/** The pictures of the tile's stills, and what it says of itself. */
async function stillsOf(page: Page, name: string, count: number) {
  const tile = page.locator("[role=group].group\\/tile").filter({ hasText: name });
  const seen = new Set<string>();
  await until(async () => {
    const image = tile.locator("img");
    const src = (await image.count()) > 0 ? await image.getAttribute("src") : null;
    if (src?.startsWith("blob:")) seen.add(src);
    return seen.size >= count;
  }, `${count} pictures of ${name}`);
  return (await tile.textContent()) ?? "";
}

it("falls to HLS where no WebSocket gets through, says so, and comes back", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 3);
  let blocked = true;
  await page.routeWebSocket(/\/api\/v1\//, (socket) => {
    if (blocked) void socket.close();
    else socket.connectToServer();
  });
  await page.goto(`${house.recorder.url}/live?focus=driveway`);
  await page.getByText("Live, a little later").waitFor({ timeout: 60_000 });
  await moving(page, 1, 60_000);
  expect(await page.getByRole("alert").count()).toBe(0);
  const tile = page.locator("[role=group].group\\/tile");
  expect(await tile.textContent()).toContain("lets no WebSocket through");
  expect(await complaints(page)).toEqual([]);
  blocked = false;
  await page.getByRole("group", { name: "Driveway: Live" }).waitFor();
  await page.getByText("Live, a little later").waitFor({ state: "detached", timeout: 60_000 });
  await moving(page, 1);
  await context.close();
});

it("falls to single pictures where HLS fails too, and says how often they come", async () => {
  const { page, context } = await house.open();
  await page.routeWebSocket(/\/api\/v1\//, (socket) => void socket.close());
  await page.route(/live\.m3u8/, (route) => route.abort());
  await page.goto(`${house.recorder.url}/live?focus=garden`);
  await page.getByText(/Pictures every \d+ s/).waitFor({ timeout: 60_000 });
  const said = await stillsOf(page, "Garden at night", 3);
  expect(said).toContain("The stream could not be played");
  // Saved as it is seen: a whole picture, with its camera's name and time.
  await page.locator("[role=group].group\\/tile").hover();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save a picture" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^Garden at night .*\d\d-\d\d-\d\d\.jpg$/);
  await context.close();
});

it("plays without Media Source Extensions: playlists or pictures, and says why", async () => {
  const { page, context } = await house.open();
  await page.addInitScript(() => {
    Object.assign(globalThis, { MediaSource: undefined, ManagedMediaSource: undefined });
  });
  await page.goto(`${house.recorder.url}/live?focus=driveway`);
  await page.getByText(/Live, a little later|Pictures every/).waitFor({ timeout: 60_000 });
  const way = await page.getByText(/Live, a little later|Pictures every/).textContent();
  console.log(`without Media Source Extensions: ${way?.trim()}`);
  if (/later/.test(way ?? "")) await moving(page, 1, 60_000);
  else await stillsOf(page, "Driveway", 2);
  await context.close();

  // And where the browser plays no playlists either.
  const other = await house.open();
  await other.page.addInitScript(() => {
    Object.assign(globalThis, { MediaSource: undefined, ManagedMediaSource: undefined });
    const plays = HTMLMediaElement.prototype.canPlayType;
    HTMLMediaElement.prototype.canPlayType = function (type) {
      return type.includes("mpegurl") ? "" : plays.call(this, type);
    };
  });
  await other.page.goto(`${house.recorder.url}/live?focus=driveway`);
  const said = await stillsOf(other.page, "Driveway", 2);
  expect(said).toContain("This browser cannot play streams");
  await other.context.close();
});

it("shows single pictures of a camera that sends nothing else", async () => {
  const camera = await startForeignCamera(
    "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=5/1 " +
      "! jpegenc ! rtpjpegpay name=pay0 pt=26",
  );
  const own = await startRecorderOf(
    `[[camera]]\nname = "Old one"\n[camera.stream.main]\nurl = "${camera.url}"\n`,
  );
  const account = await makeAccount(house.browser, own.link, "wall");
  const { page, context } = await open(house.browser, account);
  try {
    await page.goto(`${own.url}/live`);
    await page.getByText(/Pictures every \d+ s/).waitFor({ timeout: 60_000 });
    const said = await stillsOf(page, "Old one", 3);
    expect(said).toContain("sends single pictures");
  } finally {
    await context.close();
    await own.end();
    await camera.end();
  }
});
