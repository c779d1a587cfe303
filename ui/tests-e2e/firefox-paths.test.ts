// The main ways through the page in Firefox, with a mouse and keys: from signing in to a file in
// the hand. Touch is thumb.test.ts, and the pages that both browsers are asked about have files of their own.

import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { addressed, addressTime, moving, open, type State } from "./browser";
import { camerasOf, everyStream, recordedAtLeast } from "./footage";
import { type ForeignCamera, H264, H265, startForeignCamera } from "./foreign-camera";
import { ownHouse } from "./house";
import { startEmptyRecorder } from "./recorder";

const NOBODY: State = { cookies: [], origins: [] };
/** A machine that encodes, records and decodes at once. */
const PATIENT = { timeout: 20_000 };

let sources: ForeignCamera[];

const house = ownHouse({
  async start() {
    sources = await Promise.all([startForeignCamera(H264), startForeignCamera(H265)]);
    return startEmptyRecorder();
  },
  account: "fox",
});

afterAll(() => Promise.all((sources ?? []).map((source) => source.end())));

/** Where footage of a camera begins. */
async function oldest(page: Page, camera: string): Promise<number> {
  const cameras = await camerasOf(page, house.recorder.url);
  const streams = everyStream(cameras.filter(({ slug }) => slug === camera));
  return Math.min(...streams.map(({ recorded }) => Date.parse(recorded?.from ?? "")));
}

/** The timeline, paused at an instant that all cameras have, with more than ten seconds before it. */
async function paused(page: Page, focus: string) {
  const { from } = await recordedAtLeast(page, house.recorder.url, 18_000);
  const at = from + 12_000;
  const where = new URLSearchParams({ at: new Date(at).toISOString(), span: "40", focus });
  await page.goto(`${house.recorder.url}/timeline?${where}`);
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>("video.front");
    return !!video && video.readyState >= 2 && !video.seeking;
  });
  return at;
}

it("adds two cameras and shows both live, H.265 too", async () => {
  const { page, faults, context } = await house.open();
  for (const [i, name] of ["Plain", "Fine"].entries()) {
    await page.goto(`${house.recorder.url}/system/cameras?add=1`);
    await page.getByLabel("Address of the main stream").fill(sources[i]?.url ?? "");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByText(i === 0 ? /H\.264 192×108/ : /H\.265 320×180/).waitFor(PATIENT);
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText(`${name} is added`).waitFor();
  }
  await moving(page, 2, 30_000);
  await page.getByRole("button", { name: "Fine: Live" }).click();
  await page.waitForURL("**/live?focus=fine");
  await moving(page, 1);
  expect(faults).toEqual([]);
  await context.close();
});

it("signs out and in, and speaks another language from then on", async () => {
  const { page, context } = await open(house.browser, NOBODY);
  await page.goto(`${house.recorder.url}/recordings`);
  await page.getByLabel("Name").fill("fox");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Name or password is wrong.").waitFor();
  await page.getByLabel("Password", { exact: true }).fill("a long passphrase");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Recordings", exact: true }).waitFor();
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByLabel("Language", { exact: true }).selectOption("de");
  await page.getByRole("heading", { name: "Aufnahmen", exact: true }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Aufnahmen", exact: true }).waitFor();
  await page.getByRole("button", { name: "Konto" }).click();
  await page.getByRole("button", { name: "Abmelden" }).click();
  await page.waitForURL(/login/);
  await context.close();
});

it.each(["plain", "fine"])(
  "goes through the past of %s: plays, scrubs, steps, goes back",
  async (focus) => {
    const { page, faults, context } = await house.open();
    const at = await paused(page, focus);
    // By one picture each; a machine that does much else encodes some of them late.
    await page.keyboard.press(".");
    await addressed(page, (time) => time > at && time < at + 2_000);
    const stepped = addressTime(page);
    await page.keyboard.press(",");
    await addressed(page, (time) => time < stepped && time > at - 2_000);

    // A hand on the head of the ruler, forty seconds wide: the picture follows, and stays.
    const box = await page.getByRole("slider", { name: "Time" }).boundingBox();
    if (!box) throw new Error("there is no ruler");
    const x = box.x + box.width / 2;
    await page.mouse.move(x, box.y + 10);
    await page.mouse.down();
    for (let i = 1; i <= 10; i++) await page.mouse.move(x - (box.width / 40) * 0.5 * i, box.y + 10);
    await page.mouse.up();
    await addressed(page, (time) => Math.abs(time - (at - 5_000)) < 1_500);
    await page.keyboard.press(" ");
    await moving(page, 1);

    await page.keyboard.press("j");
    const turned = addressTime(page);
    await addressed(page, (time) => time < turned - 300);
    await page.keyboard.press("k");

    await page.keyboard.press("g");
    // Where the page begins, at the oldest of all cameras, this one may have nothing yet.
    const begins = await oldest(page, focus);
    const left = addressTime(page);
    const sheet = page.getByRole("dialog", { name: "Go to time" });
    await sheet.getByRole("button", { name: "Go to where it begins" }).click();
    await addressed(page, (time) => time !== left && time < begins + 5_000);
    await moving(page, 1);
    expect(faults).toEqual([]);
    await context.close();
  },
);

it("lists recordings, and trims them to the time that is chosen", async () => {
  const { page, faults, context } = await house.open();
  const { from, to } = await recordedAtLeast(page, house.recorder.url, 12_000);
  const own = new URLSearchParams({
    range: "own",
    from: new Date(from + 4_000).toISOString(),
    to: new Date(to - 2_000).toISOString(),
  });
  await page.goto(`${house.recorder.url}/recordings?${own}&camera=fine`);
  const row = page.locator("[data-row]").first();
  await row.getByText("trimmed").waitFor();
  await page
    .getByRole("button", { name: /^Play Fine/ })
    .first()
    .click();
  await moving(page, 1);
  await page.keyboard.press("Escape");
  const link = page.getByRole("link", { name: /^Download Fine/ }).first();
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  expect(readFileSync(await download.path()).toString("latin1", 4, 8)).toBe("ftyp");
  await page.getByLabel("Trim to the filter").uncheck();
  await row.getByText("trimmed").waitFor({ state: "detached" });
  expect(faults).toEqual([]);
  await context.close();
});

it("makes an export of ten seconds that are marked, and takes it away", async () => {
  const { page, faults, context } = await house.open();
  await paused(page, "fine");
  await page.keyboard.press("t");
  await page.getByRole("link", { name: "Export the marked range" }).click();
  await page.getByText("the whole range").first().waitFor();
  await page.getByLabel("Name", { exact: true }).fill("The ball");
  await page.getByRole("button", { name: "Make the export" }).click();
  const made = page.getByRole("listitem").filter({ hasText: "The ball" });
  await made.getByRole("img", { name: "Done", exact: true }).waitFor({ timeout: 30_000 });
  const link = page.getByRole("link", { name: "Download “The ball”" });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  expect(readFileSync(await download.path()).toString("latin1", 0, 2)).toBe("PK");
  expect(faults).toEqual([]);
  await context.close();
});

it("saves a setting of a camera", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/system/cameras`);
  await page.getByRole("link", { name: "Edit Plain" }).click();
  await page.getByText("Recording", { exact: true }).first().click();
  await page.getByLabel("Keep at most, days").fill("14");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Plain is saved").waitFor();
  const settings = await page.evaluate(async () =>
    (await fetch("/api/v1/cameras/plain/settings")).json(),
  );
  expect(settings.streams.main.keep).toEqual({ max_days: 14 });
  expect(faults).toEqual([]);
  await context.close();
});
