// How many key frames a second a hand is shown that sweeps over footage which it has not seen before:
// of a recorder, and over hours in the demonstration, whose media are made in the browser. Results go to
// bench/README.md.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveFolder } from "../demo/static.mjs";
import { launch, makeAccount, NOBODY, open } from "./browser";
import { startClockCamera } from "./clock-camera";
import { inCommon } from "./footage";
import { startRecorderOf } from "./recorder";

const MINUTES = Number(process.env.MINUTES ?? 5);
const SWEEP_MS = 6_000;

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser?.close());

/** Sweeps once over the middle of the ruler, and says which pictures were drawn, and when. */
async function sweep(page: Page, share: number) {
  const box = await page.getByRole("slider", { name: "Time" }).boundingBox();
  if (!box) throw new Error("there is no ruler");
  const y = box.y + 20;
  const left = box.x + (box.width * (1 - share)) / 2;
  await page.mouse.move(left, y);
  await page.mouse.down();
  const found = await page.evaluate(
    ({ left, wide, y, ms }) =>
      new Promise<{ drawn: { at: number; when: number }[]; moves: number }>((resolve) => {
        const drawn: { at: number; when: number }[] = [];
        new MutationObserver((changes) => {
          for (const { target } of changes) {
            drawn.push({ at: Number((target as HTMLElement).dataset.at), when: performance.now() });
          }
        }).observe(document.body, { subtree: true, attributeFilter: ["data-at"] });
        const ruler = document.querySelector("[role=slider]");
        const begun = performance.now();
        let moves = 0;
        const timer = setInterval(() => {
          const passed = (performance.now() - begun) / ms;
          const clientX = left + wide * Math.min(1, passed);
          const place = { clientX, clientY: y, pointerId: 1, pointerType: "mouse", buttons: 1 };
          ruler?.dispatchEvent(new PointerEvent("pointermove", { ...place, bubbles: true }));
          moves++;
          if (passed < 1) return;
          clearInterval(timer);
          resolve({ drawn, moves });
        }, 12);
      }),
    { left, wide: box.width * share, y, ms: SWEEP_MS },
  );
  await page.mouse.up();
  return found;
}

/** Says what came of it, and how many different ones there were in a second. */
function told(what: string, { drawn, moves }: Awaited<ReturnType<typeof sweep>>): number {
  const firsts = new Map<number, number>();
  for (const { at, when } of drawn) if (!firsts.has(at)) firsts.set(at, when);
  const whens = [...firsts.values()];
  const inSecond = (from: number) => whens.filter((at) => at >= from && at < from + 1000).length;
  const best = Math.max(0, ...whens.map(inSecond));
  const rate = (firsts.size / SWEEP_MS) * 1000;
  console.log(
    `${what}: ${firsts.size} key frames that were not decoded before, ${rate.toFixed(1)} a second, ` +
      `${best} in the best; ${((moves / SWEEP_MS) * 1000).toFixed(0)} movements a second`,
  );
  return rate;
}

it("over minutes of a recorder", async () => {
  const camera = await startClockCamera(["main", "sub"], 25);
  const recorder = await startRecorderOf(camera.toml);
  const state = await makeAccount(browser, recorder.link, "wall");
  const { page, context } = await open(browser, state);
  try {
    await page.waitForTimeout(MINUTES * 60_000);
    const { from, to } = await inCommon(page, recorder.url, MINUTES * 60_000);
    const span = Math.ceil((to - from) / 900);
    const at = new Date((from + to) / 2).toISOString();
    await page.goto(`${recorder.url}/timeline?at=${at}&span=${span}&focus=clock`);
    await page.waitForTimeout(6_000);
    expect(told(`${MINUTES} minutes`, await sweep(page, 0.85))).toBeGreaterThan(5);
  } finally {
    await context.close();
    await recorder.end();
    await camera.end();
  }
});

it("over hours of the demonstration", async () => {
  const ui = join(import.meta.dirname, "..");
  execFileSync("npm", ["run", "--silent", "demo:build", "--", "--logLevel", "error"], { cwd: ui });
  const host = await serveFolder(join(ui, "dist-demo"), "/");
  try {
    for (const hours of [1, 6, 24]) await sweepDemo(host.url, hours);
  } finally {
    await host.end();
  }
});

async function sweepDemo(url: string, hours: number): Promise<void> {
  const { page, context } = await open(browser, NOBODY);
  try {
    await page.goto(`${url}?demo=many`);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const at = new Date(Date.now() - 10 * 86_400_000).toISOString();
    await page.goto(`${url}timeline?at=${at}&span=${hours * 3600}&focus=camera-1`);
    await page.waitForTimeout(6_000);
    expect(told(`${hours} hours`, await sweep(page, 0.9))).toBeGreaterThan(5);
  } finally {
    await context.close();
  }
}
