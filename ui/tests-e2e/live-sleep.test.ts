// Live pictures that nobody looks at, or that were held up on their way.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { moving } from "./browser";
import { PAINTING_MS } from "./canvas";
import { sharedHouse } from "./house";

const house = sharedHouse();

/** After so long without a word (and before it gives up by itself) the page takes a hint to ask anew. */
const QUIET_MS = 3_000;

/** The page believes that it is seen, or not. */
const setVisible = (page: Page, visible: boolean) =>
  page.evaluate((yes) => {
    Object.defineProperty(document, "visibilityState", {
      configurable: true,
      get: () => (yes ? "visible" : "hidden"),
    });
    document.dispatchEvent(new Event("visibilitychange"));
  }, visible);

/** Until a live picture is there. */
const picture = (page: Page) =>
  page.waitForFunction(
    () => {
      const video = document.querySelector("video");
      return !!video && video.readyState >= 2 && video.currentTime > 0;
    },
    undefined,
    { polling: 20 },
  );

/** How long something takes, ms. */
async function timed(what: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await what();
  return Math.round(performance.now() - begun);
}

/** Notes on the page for how long it does not paint, from now on. */
const noteStalls = (page: Page) =>
  page.evaluate((paintingMs) => {
    const scope = Object.assign(globalThis, { stalls: 0 });
    let last = performance.now();
    const look = () => {
      const now = performance.now();
      scope.stalls += Math.max(0, now - last - paintingMs);
      last = now;
      requestAnimationFrame(look);
    };
    look();
  }, PAINTING_MS);

const stalls = (page: Page) =>
  page.evaluate(() => Math.round((globalThis as unknown as { stalls: number }).stalls));

it("ends its streams when nobody looks, and is back sooner than it came", async () => {
  const { page, faults, context } = await house.open();
  const sockets = new Set<unknown>();
  page.on("websocket", (socket) => {
    if (!socket.url().endsWith("/live")) return;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const came = await timed(async () => {
    await page.goto(`${house.recorder.url}/live?focus=driveway`);
    await picture(page);
  });
  await moving(page, 1);
  expect(sockets.size).toBe(1);
  await setVisible(page, false);
  await expect.poll(() => sockets.size, { timeout: 60_000 }).toBe(0);
  // The last still stands until the stream is back.
  expect(await page.locator("[role=group].group\\/tile img").count()).toBe(1);
  await noteStalls(page);
  const back = await timed(async () => {
    await setVisible(page, true);
    await picture(page);
  });
  const lost = await stalls(page);
  console.log(`the first picture after ${came} ms, back after ${back} ms, ${lost} of them stalled`);
  // The page and its code are there already; the time in which it could not paint is not its own.
  expect(back - lost).toBeLessThan(came);
  await moving(page, 1);
  expect(faults).toEqual([]);
  await context.close();
});

it("is live again at once when the network is another one", async () => {
  const { page, context } = await house.open();
  let mute = false;
  /** When the last message was let through. */
  let heard = 0;
  await page.routeWebSocket(/\/live$/, (socket) => {
    const server = socket.connectToServer();
    // Of the network before: it stays open and says nothing more.
    const dead = { yes: false };
    server.onMessage((message) => {
      if (mute) dead.yes = true;
      if (dead.yes) return;
      heard = performance.now();
      socket.send(message);
    });
  });
  await page.goto(`${house.recorder.url}/live?focus=driveway`);
  await moving(page, 1);
  mute = true;
  await page.getByText(/s late/).waitFor();
  mute = false;
  // What it says is late by the pictures' own age, which are older than the silence.
  await expect.poll(() => performance.now() - heard).toBeGreaterThan(QUIET_MS);
  // The event itself asks anew: silence alone would, much later.
  const asked = await page.evaluate(() => {
    const { WebSocket } = globalThis;
    let made = 0;
    const construct = (of: typeof WebSocket, args: [string]) => {
      made++;
      return new of(...args);
    };
    globalThis.WebSocket = new Proxy(WebSocket, { construct });
    dispatchEvent(new Event("online"));
    globalThis.WebSocket = WebSocket;
    return made;
  });
  expect(asked).toBe(1);
  await page.getByText(/s late/).waitFor({ state: "detached" });
  await moving(page, 1);
  await context.close();
});

it("catches up after a stall, and never is late unsaid", async () => {
  const { page, context } = await house.open();
  const held: (() => void)[] = [];
  let hold = false;
  await page.routeWebSocket(/\/live$/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (hold) held.push(() => socket.send(message));
      else socket.send(message);
    });
  });
  await page.goto(`${house.recorder.url}/live?focus=driveway`);
  await moving(page, 1);
  hold = true;
  await page.getByText(/s late/).waitFor();
  for (const send of held.splice(0)) send();
  hold = false;
  await page.getByText(/s late/).waitFor({ state: "detached" });
  // By the film's own clock: what has come of it, and where it plays.
  const behind = () =>
    page.evaluate(() => {
      const video = document.querySelector("video");
      const { buffered } = video ?? { buffered: undefined };
      return buffered && video ? buffered.end(buffered.length - 1) - video.currentTime : Number.NaN;
    });
  await expect.poll(behind, { timeout: 30_000 }).toBeLessThan(1.5);
  await context.close();
});
