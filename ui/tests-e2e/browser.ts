// A real browser, and the questions that the tests ask of it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, chromium, firefox, type Page } from "playwright-core";
import { enableDownloads } from "./bidi";
import { inFirefox } from "./in-firefox";
import { enableTaps } from "./touch";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export function launch(): Promise<Browser> {
  if (inFirefox) return launchFirefox();
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Debian's, as it is, over WebDriver BiDi: no developer tools' sessions. */
function launchFirefox(): Promise<Browser> {
  return firefox.launch({
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    channel: "moz-firefox",
    firefoxUserPrefs: { "media.autoplay.default": 0 },
  });
}

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** A signed-in context; `link` is used once, its session by all that follow. */
export async function signIn(browser: Browser, link: string) {
  const context = await browser.newContext({ viewport: WIDE });
  const page = await context.newPage();
  await page.goto(link);
  await page.waitForURL("**/live");
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Makes the first account on a page, by the recorder's link. */
export async function fillAccount(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill("a long passphrase");
  await page.getByLabel("Password again").fill("a long passphrase");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.waitForURL("**/live");
}

/** Makes the first account at a recorder that has none, by its link; signed in as `name`. */
export async function makeAccount(browser: Browser, link: string, name: string) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await fillAccount(page, link, name);
  const state = await context.storageState();
  await context.close();
  return state;
}

export type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** Not signed in. */
export const NOBODY: State = { cookies: [], origins: [] };

/** A page, and what went wrong on it: errors, violations of the policy, failed requests. */
export async function open(browser: Browser, state: State, options: { phone?: boolean } = {}) {
  const shape = options.phone
    ? { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
    : { viewport: WIDE };
  const context = await browser.newContext({ ...shape, storageState: state });
  const page = await context.newPage();
  if (inFirefox) {
    enableTaps(page);
    enableDownloads(page);
  }
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  return { page, context, faults };
}

/** What a playing `<video>` shows: where it is, and how bright and how varied its pixels are. */
export interface Seen {
  time: number;
  mean: number;
  spread: number;
}

/** All videos whose picture can be seen. */
export function videos(page: Page): Promise<Seen[]> {
  return page.evaluate(() => {
    const seen = [];
    for (const video of document.querySelectorAll("video")) {
      if (getComputedStyle(video).visibility === "hidden" || video.readyState < 2) continue;
      const canvas = new OffscreenCanvas(64, 36);
      const context = canvas.getContext("2d");
      context?.drawImage(video, 0, 0, 64, 36);
      const pixels = context?.getImageData(0, 0, 64, 36).data ?? new Uint8ClampedArray();
      const luma = [];
      for (let i = 0; i < pixels.length; i += 4) {
        luma.push((pixels[i] ?? 0) * 0.3 + (pixels[i + 1] ?? 0) * 0.6 + (pixels[i + 2] ?? 0) * 0.1);
      }
      const mean = luma.reduce((a, b) => a + b, 0) / luma.length;
      const spread = Math.sqrt(luma.reduce((a, b) => a + (b - mean) ** 2, 0) / luma.length);
      seen.push({ time: video.currentTime, mean, spread });
    }
    return seen;
  });
}

/** Waits until `count` videos show real pictures that move on. */
export async function moving(page: Page, count: number, within = 30_000): Promise<Seen[]> {
  const end = Date.now() + within;
  let last: Seen[] = [];
  while (Date.now() < end) {
    const before = await videos(page);
    await page.waitForTimeout(400);
    last = await videos(page);
    const good = last.filter(
      (seen, i) => seen.time > (before[i]?.time ?? Number.POSITIVE_INFINITY) && seen.spread > 4,
    );
    if (good.length >= count) return last;
  }
  throw new Error(`not ${count} moving pictures within ${within} ms: ${JSON.stringify(last)}`);
}

/** The instant that the page's clock button shows, as the address has it. */
export function addressTime(page: Page): number {
  return Date.parse(new URL(page.url()).searchParams.get("at") ?? "");
}

/** Until the address says an instant that `good` accepts: it is written a little later. */
export const addressed = (page: Page, good: (time: number) => boolean) =>
  page.waitForURL((url) => good(Date.parse(url.searchParams.get("at") ?? "")), {
    timeout: 20_000,
  });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Waits for what fades and slides to arrive: colours on their way are nobody's choice. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const finite = document
      .getAnimations()
      .filter((each) => each.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
      // What a closed box holds is not drawn, and stands still on its way.
      .filter((each) => (each.effect as KeyframeEffect | null)?.target?.checkVisibility() ?? true);
    // What is taken off the page in the meantime is cancelled, which is an end too.
    await Promise.allSettled(finite.map((each) => each.finished));
  });
}

export const THEMES = ["light", "dark"] as const;

/** The page in a theme, as if it had been chosen; what is open stays open. */
export async function wear(page: Page, theme: (typeof THEMES)[number]): Promise<void> {
  await page.evaluate((to) => {
    localStorage.setItem("holdfast.theme", to);
    document.documentElement.dataset.theme = to;
  }, theme);
}

/** What axe has against the page in each theme; it throws where the two are one. */
export async function complaintsInBothThemes(page: Page): Promise<string[]> {
  const found: string[] = [];
  const canvases = new Set<string>();
  for (const theme of THEMES) {
    await wear(page, theme);
    found.push(...(await complaints(page)).map((words) => `${theme}: ${words}`));
    canvases.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
  }
  if (canvases.size !== THEMES.length) throw new Error(`one theme twice: ${[...canvases]}`);
  return found;
}

/** What axe has against the page as it looks once it has arrived. */
export async function complaints(page: Page): Promise<string[]> {
  await settled(page);
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const scope = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await scope.axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}
