// Fingers on a page, in both browsers. Playwright's own taps do nothing over WebDriver BiDi, without
// a word; Firefox itself takes touches there, and makes of them the pointers and clicks that a
// screen makes.

import type { Page } from "playwright-core";
import { driverOf } from "./bidi";
import { inFirefox } from "./in-firefox";

/** Where each finger is. */
export type Points = readonly (readonly [x: number, y: number])[];

export interface Hand {
  down(points: Points): Promise<void>;
  /** The same fingers, elsewhere. */
  move(points: Points): Promise<void>;
  /** All of them. */
  up(): Promise<void>;
}

export function handOn(page: Page): Promise<Hand> {
  return inFirefox ? Promise.resolve(bidiHand(driverOf(page)._session)) : cdpHand(page);
}

async function cdpHand(page: Page): Promise<Hand> {
  const session = await page.context().newCDPSession(page);
  const send = (type: "touchStart" | "touchMove" | "touchEnd", points: Points) =>
    session
      .send("Input.dispatchTouchEvent", {
        type,
        touchPoints: points.map(([x, y], id) => ({ x, y, id })),
      })
      .then(() => {});
  return {
    down: (points) => send("touchStart", points),
    move: (points) => send("touchMove", points),
    up: () => send("touchEnd", []),
  };
}

type Action = { type: string; x?: number; y?: number; button?: number };

function bidiHand(session: ReturnType<typeof driverOf>["_session"]): Hand {
  let fingers = 0;
  const perform = (actions: Action[][]) =>
    session
      .send("input.performActions", {
        context: session.sessionId,
        actions: actions.map((actions, i) => ({
          type: "pointer",
          id: `finger ${i}`,
          parameters: { pointerType: "touch" },
          actions,
        })),
      })
      .then(() => {});
  const to = ([x, y]: Points[number]): Action => ({ type: "pointerMove", x, y });
  return {
    down(points) {
      fingers = points.length;
      return perform(points.map((point) => [to(point), { type: "pointerDown", button: 0 }]));
    },
    move: (points) => perform(points.map((point) => [to(point)])),
    up: () => perform(Array.from({ length: fingers }, () => [{ type: "pointerUp", button: 0 }])),
  };
}

/** Has Playwright's taps reach a page in Firefox: `locator.tap()` and `page.touchscreen.tap()`. */
export function enableTaps(page: Page): void {
  const driver = driverOf(page);
  const hand = bidiHand(driver._session);
  driver.rawTouchscreen.tap = async (_, x, y) => {
    await hand.down([[x, y]]);
    await hand.up();
  };
}
