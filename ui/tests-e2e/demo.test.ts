// The whole page without a recorder, from a host that knows nothing but files.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveFolder } from "../demo/static.mjs";
import { addressTime, launch, moving, open, videos } from "./browser";
import { binary } from "./recorder";

const ui = join(import.meta.dirname, "..");
const NOBODY = { cookies: [], origins: [] };
/** A few megabytes: it is loaded from a host that is paid by the byte. */
const BYTES_MAX = 9_000_000;

let host: Awaited<ReturnType<typeof serveFolder>>;
let browser: Browser;

beforeAll(async () => {
  execFileSync("npm", ["run", "--silent", "demo:build", "--", "--logLevel", "error"], { cwd: ui });
  // Where other pages are too, as on most hosts.
  host = await serveFolder(join(ui, "dist-demo"), "/some/where/");
  browser = await launch();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await host?.end();
});

/** A page, opened at the beginning as a visitor is; and all that fails on it. */
async function visit(options: { phone?: boolean; as?: string } = {}) {
  const { page, context, faults } = await open(browser, NOBODY, options);
  page.on("response", (answer) => {
    if (answer.status() >= 400) faults.push(`${answer.status()} ${answer.url()}`);
  });
  page.on("requestfailed", (request) => {
    // A clip that is not looked at any more is not loaded to its end.
    const why = request.failure()?.errorText ?? "";
    if (why !== "net::ERR_ABORTED") faults.push(`${why} ${request.url()}`);
  });
  await page.goto(host.url + (options.as ? `?demo=${options.as}` : ""));
  // From then on every address of the page is known here.
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  return { page, context, faults };
}

const iso = (ago: number) => new Date(Date.now() - ago).toISOString();

/** Each page, and what is there once it is. */
const PAGES: [string, (page: Page) => Promise<unknown>][] = [
  ["live", (page) => moving(page, 2)],
  ["live?focus=garden", (page) => moving(page, 1)],
  [`timeline?at=${iso(7_200_000)}&span=3600&play=1`, (page) => moving(page, 2)],
  ["recordings", (page) => page.getByRole("listitem").nth(9).waitFor()],
  ["exports", (page) => page.getByText("The parcel").waitFor()],
  ["exports?new", (page) => page.getByRole("checkbox").nth(3).waitFor()],
  ["system", (page) => page.getByRole("heading", { name: "Garden Main" }).waitFor()],
  ["system/cameras", (page) => page.getByRole("heading", { name: "Gate" }).waitFor()],
  ["system/cameras?edit=garden", (page) => page.getByLabel("Name", { exact: true }).waitFor()],
  ["system/storage", (page) => page.getByRole("article", { name: "disk1" }).waitFor()],
  ["system/access", (page) => page.getByText("This one").waitFor()],
];

it.each([false, true])("has every page, without a fault (phone: %s)", async (phone) => {
  const { page, context, faults } = await visit({ phone });
  await page.waitForURL("**/some/where/live");
  for (const [path, ready] of PAGES) {
    await page.goto(host.url + path);
    await ready(page);
    expect(faults, path).toEqual([]);
  }
  await context.close();
});

it("shows the past: played, by key frames under a hand, picture by picture, taken away", async () => {
  const { page, context, faults } = await visit();
  await page.waitForURL("**/live");
  const at = Math.floor((Date.now() - 3 * 3_600_000) / 1000) * 1000 + 480;
  await page.goto(`${host.url}timeline?at=${new Date(at).toISOString()}&focus=driveway&span=300`);
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>("video.front");
    return video && video.readyState >= 2 && !video.seeking;
  });
  // Through B-frames, by one each.
  for (let i = 1; i <= 4; i++) {
    await page.keyboard.press(".");
    await page.waitForURL((url) => Date.parse(url.searchParams.get("at") ?? "") >= at + i * 40 - 1);
    expect(Math.abs(addressTime(page) - at - i * 40)).toBeLessThanOrEqual(1);
  }
  const box = await page.getByRole("slider", { name: "Time" }).boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + 20];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 120, y, { steps: 12 });
  // A hand that rests is shown the film itself: it moves until a key frame has come.
  const isDrawn = () => page.evaluate(() => !!document.querySelector(".clip-canvas[data-at]"));
  const end = Date.now() + 60_000;
  for (let i = 1; !(await isDrawn()) && Date.now() < end; i++) {
    await page.mouse.move(x - 120 + (i % 2) * 4, y);
    await page.waitForTimeout(20);
  }
  expect(await isDrawn()).toBe(true);
  await page.mouse.up();
  await page.locator(".clip-canvas.front").waitFor({ state: "detached" });
  await page.keyboard.press("[");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("]");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: /^Download/ }).click(),
  ]);
  expect(statSync(await download.path()).size).toBeGreaterThan(50_000);
  expect((await videos(page))[0]?.spread).toBeGreaterThan(4);
  expect(faults).toEqual([]);
  await context.close();
});

it("makes exports that anybody can prove", async () => {
  const { page, context, faults } = await visit();
  await page.goto(`${host.url}exports`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download “The parcel”" }).click(),
  ]);
  const folder = mkdtempSync(join(tmpdir(), "holdfast-demo-"));
  const zip = join(folder, "parcel.zip");
  await download.saveAs(zip);
  const key = await page.evaluate(async () => (await (await fetch("api/v1/")).json()).public_key);
  const proof = execFileSync(binary, ["verify", zip, "--public-key", key, "--json"]);
  expect(proof.toString()).toContain('"proven":true');
  rmSync(folder, { recursive: true });
  await page.getByRole("link", { name: "The parcel", exact: true }).click();
  await page.getByRole("button", { name: "Verify the recorder’s copy" }).click();
  await page.getByText("Whole, and signed by this recorder").waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it.each([
  ["empty", "No camera yet"],
  ["login", "Sign in"],
  ["setup", "Make the account"],
  ["many", "Camera 9"],
])("shows a recorder that is hard to come by: %s", async (as, words) => {
  const { page, context, faults } = await visit({ as });
  await page.getByText(words, { exact: true }).first().waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it("is small", () => {
  const names = readdirSync(join(ui, "dist-demo"), { recursive: true, encoding: "utf8" });
  const sizes = names.map((name) => statSync(join(ui, "dist-demo", name)));
  const bytes = sizes.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
  console.log(`the demo: ${(bytes / 1e6).toFixed(1)} MB`);
  expect(bytes).toBeGreaterThan(3_000_000);
  expect(bytes).toBeLessThan(BYTES_MAX);
});
