// Recordings: their pictures, choosing several, taking them away.

import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { complaintsInBothThemes, moving } from "./browser";
import { ownHouse } from "./house";
import { once } from "./in-firefox";

const house = ownHouse();

beforeAll(async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
  await rows(page).nth(2).waitFor({ timeout: 60_000 });
  await context.close();
});

const rows = (page: Page) => page.locator("[data-row]");
const pictures = (page: Page) => page.locator("[data-row] img");
const bar = (page: Page) => page.getByRole("region", { name: "What is chosen" });

/** How many requests for such an address were made, and how many at once at most. */
function count(page: Page, part: string) {
  const seen = { all: 0, now: 0, most: 0 };
  page.on("request", (request) => {
    if (!request.url().includes(part)) return;
    seen.all++;
    seen.most = Math.max(seen.most, ++seen.now);
  });
  const end = (request: { url(): string }) => {
    if (request.url().includes(part)) seen.now--;
  };
  page.on("requestfinished", end);
  page.on("requestfailed", end);
  return seen;
}

it("shows a picture of each row in sight, a few at a time, and nothing moves for it", async () => {
  const { page, faults, context } = await house.open();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/still.jpg?*", async (route) => {
    await held;
    await route.continue();
  });
  const asked = count(page, "/still.jpg");
  await page.goto(`${house.recorder.url}/recordings`);
  await rows(page).nth(2).waitFor();
  await expect.poll(() => asked.all).toBe(2);
  const before = await rows(page).nth(2).boundingBox();
  release();
  await expect.poll(() => pictures(page).count()).toBeGreaterThanOrEqual(3);
  expect(asked.most).toBeLessThanOrEqual(2);
  expect(await rows(page).nth(2).boundingBox()).toEqual(before);
  const drawn = () =>
    pictures(page).evaluateAll((all) =>
      (all as HTMLImageElement[]).every((img) => img.complete && img.naturalWidth > 100),
    );
  await expect.poll(drawn).toBe(true);
  // What grows keeps its picture: it is not asked for again.
  const all = asked.all;
  await page.waitForTimeout(3_000);
  expect(asked.all).toBe(all);
  expect(await complaintsInBothThemes(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

once("lets a recorder be that is busy, and shows pictures all the same", async () => {
  const { page, context } = await house.open();
  let refused = 0;
  await page.route("**/still.jpg?*", async (route) => {
    if (refused++ < 3) await route.fulfill({ status: 503, json: { type: "busy", status: 503 } });
    else await route.continue();
  });
  await page.goto(`${house.recorder.url}/recordings`);
  await expect.poll(() => pictures(page).count()).toBeGreaterThanOrEqual(3);
  await context.close();
});

it("plays a row wherever it is pressed, and chooses it so while rows are chosen", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/recordings`);
  const row = rows(page).first();
  const words = row.getByText(/^Garden at night|^Driveway|^Front door/);
  await words.waitFor();
  const press = async () => {
    const box = await words.boundingBox();
    if (box) await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
  };
  await press();
  await page.getByRole("dialog").locator("video").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).tap();
  await page.getByRole("button", { name: "Choose", exact: true }).tap();
  await row.getByRole("checkbox").waitFor();
  await press();
  await expect.poll(() => row.getByRole("checkbox").isChecked()).toBe(true);
  await press();
  await expect.poll(() => row.getByRole("checkbox").isChecked()).toBe(false);
  expect(await complaintsInBothThemes(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

it("lets the words of a row be marked, and stretches a choice where rows are pressed", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
  await rows(page).nth(2).waitFor();
  const words = await rows(page).first().locator("bdi").boundingBox();
  if (!words) throw new Error("the row has no name");
  const middle = words.y + words.height / 2;
  await page.mouse.move(words.x + 1, middle);
  await page.mouse.down();
  await page.mouse.move(words.x + 60, middle, { steps: 6 });
  await page.mouse.up();
  expect((await page.evaluate(() => String(getSelection()))).length).toBeGreaterThan(2);
  const playing = page.getByRole("dialog").locator("video");
  expect(await playing.count()).toBe(0);

  const chosen = page.locator("[data-row] input:checked");
  const stretch = { modifiers: ["Shift" as const], position: { x: 2, y: 2 } };
  await rows(page).nth(0).locator("label").click({ position: stretch.position });
  await expect.poll(() => chosen.count()).toBe(1);
  await rows(page).nth(1).locator("bdi").click(stretch);
  await expect.poll(() => chosen.count()).toBe(2);
  await rows(page).nth(2).locator("label").click(stretch);
  await expect.poll(() => chosen.count()).toBe(3);
  expect(await playing.count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

once("takes the time of day along where that is wanted, and remembers that", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
  const link = page.getByRole("link", { name: /^Download Garden/ }).first();
  await link.waitFor();
  expect(await link.getAttribute("href")).not.toContain("timestamps");
  await page.getByLabel("Time of day in downloads").check();
  await page.reload();
  await link.waitFor();
  expect(await link.getAttribute("href")).toContain("timestamps=true");
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const bytes = readFileSync(await download.path()).toString("latin1");
  expect(bytes).toContain("tx3g");
  await page
    .getByRole("button", { name: /^Play Garden/ })
    .first()
    .click();
  await moving(page, 1);
  const sheet = page.getByRole("dialog");
  expect(await sheet.locator("video").getAttribute("src")).not.toContain("timestamps");
  await sheet.getByLabel("Time of day in downloads").uncheck();
  expect(
    await sheet.getByRole("link", { name: "Download", exact: true }).getAttribute("href"),
  ).not.toContain("timestamps");
  expect(faults).toEqual([]);
  await context.close();
});

it("chooses by keyboard, and downloads one file after another; what fails is told", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
  await pictures(page).nth(2).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await bar(page)
    .getByText(/^2 recordings ·/)
    .waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("x");
  await bar(page)
    .getByText(/^3 recordings ·/)
    .waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  const clips = { asked: 0, now: 0, most: 0 };
  await page.route("**/clip.mp4?*", async (route) => {
    const status = 503;
    if (clips.asked++ === 1) {
      await route.fulfill({ status, json: { type: "unavailable", status, detail: "it slept" } });
      return;
    }
    clips.most = Math.max(clips.most, ++clips.now);
    const answer = await route.fetch();
    await page.waitForTimeout(300);
    clips.now--;
    await route.fulfill({ response: answer });
  });
  const names: string[] = [];
  page.on("download", (download) => names.push(download.suggestedFilename()));
  await bar(page).getByRole("button", { name: "Download 3 files" }).click();
  await bar(page).getByRole("alert").getByText("It slept.").waitFor({ timeout: 30_000 });
  await expect.poll(() => names.length).toBe(2);
  expect(names.every((name) => /^(garden|driveway|front-door) main .*Z\.mp4$/.test(name))).toBe(
    true,
  );
  expect(clips.asked).toBe(3);
  expect(clips.most).toBe(1);
  // A box in the focus takes nothing away from the keys.
  await page.locator("[data-row] input").first().focus();
  await page.keyboard.press("Escape");
  await bar(page).waitFor({ state: "detached" });
  await page.keyboard.press("Control+a");
  await bar(page).waitFor();
  await context.close();
});

once("goes on telling of a download when nothing is chosen, or found, any more", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
  await rows(page).nth(2).waitFor();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/clip.mp4?*", async (route) => {
    await held;
    const json = { type: "unavailable", status: 503, detail: "it slept" };
    // One that was cancelled is waited for by nobody.
    await route.fulfill({ status: 503, json }).catch(() => {});
  });
  const boxes = page.locator("[data-row] input");
  await boxes.nth(0).click();
  await boxes.nth(1).click();
  await bar(page).getByRole("button", { name: "Download 2 files" }).click();
  await bar(page).getByText("Downloading 1 of 2").first().waitFor();
  await page.keyboard.press("Escape");
  expect(await boxes.evaluateAll((all) => all.some((b) => (b as HTMLInputElement).checked))).toBe(
    false,
  );
  await bar(page).getByRole("button", { name: "Cancel" }).waitFor();
  // Nothing is as long ago as this.
  await page.getByLabel("Time", { exact: true }).selectOption("own");
  await page.locator("input[type=datetime-local]").nth(1).fill("2001-01-01T00:00");
  await page.getByText("Nothing here", { exact: true }).waitFor();
  await bar(page).getByRole("button", { name: "Cancel" }).waitFor();
  release();
  await expect.poll(() => bar(page).getByRole("alert").getByText("It slept.").count()).toBe(2);
  expect(await complaintsInBothThemes(page)).toEqual([]);
  await bar(page).getByRole("button", { name: "Close" }).waitFor();
  await page.getByLabel("Time", { exact: true }).selectOption("any");
  await rows(page).nth(2).waitFor();
  expect(await bar(page).getByRole("alert").count()).toBe(1);
  // Another choice has nothing to do with it.
  await boxes.nth(0).click();
  await bar(page)
    .getByText(/^1 recording ·/)
    .waitFor();
  expect(await bar(page).getByRole("alert").count()).toBe(0);
  await page.keyboard.press("Escape");
  await bar(page).waitFor({ state: "detached" });
  await context.close();
});

once("makes one export of what is chosen", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
  await rows(page).nth(2).waitFor();
  const boxes = page.locator("[data-row] input");
  await boxes.nth(0).click();
  await boxes.nth(2).click({ modifiers: ["Shift"] });
  await bar(page).getByRole("link", { name: "One export" }).click();
  await page.getByRole("heading", { name: "New export" }).waitFor();
  const cameras = page.getByRole("group", { name: "Cameras" }).getByRole("checkbox");
  await expect
    .poll(() => cameras.evaluateAll((all) => (all as HTMLInputElement[]).every((b) => b.checked)))
    .toBe(true);
  await page.getByLabel("Name", { exact: true }).fill("All of it");
  await page.getByRole("button", { name: "Make the export" }).click();
  await page.getByRole("link", { name: "All of it", exact: true }).waitFor({ timeout: 30_000 });
  expect(faults).toEqual([]);
  await context.close();
});

it("is led by a thumb", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/recordings`);
  await rows(page).nth(2).waitFor();
  expect(await page.locator("[data-row] input:visible").count()).toBe(0);
  await page.getByRole("button", { name: "Choose", exact: true }).tap();
  for (const i of [0, 1]) {
    const label = rows(page).nth(i).locator("label");
    const box = await label.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    await label.tap();
  }
  await bar(page)
    .getByText(/^2 recordings ·/)
    .waitFor();
  for (const button of await bar(page).locator("button, a").all()) {
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  }
  expect(await complaintsInBothThemes(page)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "Cancel", exact: true }).tap();
  await bar(page).waitFor({ state: "detached" });
  expect(faults).toEqual([]);
  await context.close();
});
