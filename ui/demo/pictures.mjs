// The pictures of README and guide, taken of the demo: `npm run pictures`. Needs Chromium and ffmpeg.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { serveFolder } from "./static.mjs";

const ui = join(import.meta.dirname, "..");
const into = join(ui, "../docs/guide/pictures");
const BYTES_MAX = 250_000;
const WIDE = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** Where in their twenty seconds all scenes have something to show. */
const [ROUND_MS, BEST_MS] = [20_000, 9_000];

/** Yesterday at that hour and the best second after it. */
function yesterday(hour) {
  const day = new Date();
  day.setDate(day.getDate() - 1);
  day.setHours(hour, 24, 0, 0);
  return new Date(Math.floor(day / ROUND_MS) * ROUND_MS + BEST_MS).toISOString();
}

const bestMoment = (page) =>
  page.waitForFunction(
    ([round, best]) => Math.abs((Date.now() % round) - best) < 300,
    [...[ROUND_MS, BEST_MS]],
  );

const stands = (count) => (page) =>
  page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll("video.front")].filter(
        (video) => video.readyState >= 2 && !video.seeking,
      ).length >= wanted,
    count,
  );

async function live(page) {
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll("video")].filter((video) => video.readyState > 2).length > 2,
  );
  await bestMoment(page);
}

async function probed(page) {
  await page.getByLabel("Name", { exact: true }).fill("Back yard");
  await page.getByLabel("Address of the main stream").fill("rtsp://192.168.1.31/stream1");
  await page.getByRole("button", { name: /^Test/ }).click();
  await page.getByRole("heading", { name: "The camera answers" }).waitFor();
}

async function limited(page) {
  await page.getByRole("button", { name: /^Garden Main/ }).click();
  const slider = page.getByRole("slider", { name: "Nothing older than" });
  await slider.focus();
  // Once its limits are there: from none on down to a week.
  await page.waitForTimeout(1_000);
  await page.keyboard.press("End");
  for (let i = 0; i < 30 && (await slider.getAttribute("aria-valuetext")) !== "7 days"; i++) {
    await page.keyboard.press("ArrowLeft");
  }
  await page.waitForTimeout(1_000);
}

async function marked(page) {
  await stands(1)(page);
  await page.keyboard.press("[");
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(300);
  }
  await page.keyboard.press("]");
  await page.keyboard.press("ArrowLeft");
  await page.waitForTimeout(1_500);
}

/** Name, address, theme, shape, what is waited for and done, and which state the demo is in. */
const PICTURES = [
  ["live", "live", "dark", WIDE, live, "well"],
  ["live-phone", "live", "dark", PHONE, live, "well"],
  ["timeline", `timeline?at=${yesterday(17)}&span=14400`, "dark", WIDE, stands(3), "well"],
  [
    "marked",
    `timeline?at=${yesterday(17)}&focus=front-door&span=180`,
    "light",
    WIDE,
    marked,
    "well",
  ],
  ["recordings", "recordings", "light", WIDE, undefined, ""],
  ["exports", "exports", "light", WIDE, undefined, ""],
  ["health", "system", "dark", WIDE, undefined, ""],
  ["storage", "system/storage", "light", WIDE, limited, ""],
  ["camera", "system/cameras?add=1", "light", WIDE, probed, ""],
];

const chosen = process.argv.slice(2);
execFileSync("npm", ["run", "--silent", "demo:build", "--", "--logLevel", "error"], { cwd: ui });
const host = await serveFolder(join(ui, "dist-demo"));
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const scratch = mkdtempSync(join(tmpdir(), "holdfast-pictures-"));
mkdirSync(into, { recursive: true });
for (const [name, path, theme, shape, ready, state] of PICTURES) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const zone = { timezoneId: "Europe/Berlin", locale: "en-GB" };
  const context = await browser.newContext({ ...shape, ...zone, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.addInitScript((t) => localStorage.setItem("holdfast.theme", t), theme);
  await page.goto(`${host.url}?demo=${state}`);
  await page.waitForURL("**/live");
  await page.goto(host.url + path);
  await page.locator("h1").first().waitFor({ state: "attached" });
  await page.waitForTimeout(1_500);
  await ready?.(page);
  const png = join(scratch, `${name}.png`);
  await page.screenshot({ path: png });
  await context.close();
  const webp = join(into, `${name}.webp`);
  const quality = ["-c:v", "libwebp", "-quality", "84", "-compression_level", "6"];
  execFileSync("ffmpeg", ["-v", "error", "-y", "-i", png, ...quality, webp]);
  const { size } = statSync(webp);
  console.log(`${name}: ${(size / 1000).toFixed(0)} kB`);
  if (size > BYTES_MAX) throw new Error(`${name} is larger than ${BYTES_MAX} bytes`);
}
await browser.close();
await host.end();
rmSync(scratch, { recursive: true });
