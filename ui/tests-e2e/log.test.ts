// What the recorder says of itself, on the page: as it is said, chosen, taken along, and without secrets.

import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { complaints, complaintsInBothThemes, makeAccount, open } from "./browser";
import { ownHouse } from "./house";
import { once } from "./in-firefox";
import { startEmptyRecorder } from "./recorder";
import { until } from "./until";

const house = ownHouse();

const region = (page: Page) => page.getByRole("region", { name: "Lines of the log" });

/** So far from the end the lines are scrolled. */
const fromEnd = (page: Page) =>
  region(page).evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));

/** What the recorder says when it is told to, after all else that it has to say of that. */
const SAID = "read the configuration again";

/** Has the recorder say so, so many times: of signals that come together it hears one. */
async function speak(page: Page, times: number) {
  const count = async () => {
    const params = { text: SAID, limit: 500 };
    const answer = await page.request.get(`${house.recorder.own}/api/v1/logs`, { params });
    return ((await answer.json()) as { lines: unknown[] }).lines.length;
  };
  for (let i = 0; i < times; i++) {
    const before = await count();
    process.kill(house.recorder.pid() as number, "SIGHUP");
    await until(async () => (await count()) > before, SAID);
  }
}

it("shows what the recorder says, chosen by level, camera and text", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/system`);
  await page.getByRole("link", { name: "Log", exact: true }).click();
  await region(page).getByText("the page is at http://").waitFor();
  const receiving = region(page).getByRole("listitem").filter({ hasText: "receiving" });
  await expect.poll(() => receiving.count()).toBeGreaterThanOrEqual(3);
  expect(await page.title()).toContain("Log");

  await page.getByRole("combobox", { name: "Camera" }).selectOption("garden");
  await page.waitForURL("**/system/log?camera=garden");
  await expect.poll(() => region(page).getByText("the page is at").count()).toBe(0);
  await region(page).getByText("receiving").first().waitFor();
  for (const item of await region(page).getByRole("listitem").all()) {
    expect(await item.textContent()).toContain("Garden at night");
  }

  await page.getByRole("combobox", { name: "How important" }).selectOption("error");
  await page.getByText("No line like that").waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  await page.getByRole("button", { name: "Show all lines" }).click();
  await region(page).getByText("the page is at").waitFor();

  await page.getByRole("searchbox", { name: "Search in the log" }).fill("THE PAGE is");
  await page.waitForURL("**/system/log?text=THE+PAGE+is");
  await expect.poll(() => region(page).getByRole("listitem").count()).toBe(1);
  await page.goto(`${house.recorder.url}/system/log?text=<img src=x onerror=alert(1)>`);
  await page.getByText("No line like that").waitFor();
  await page.goto(`${house.recorder.url}/system/log`);
  await region(page).getByRole("link", { name: "Garden at night" }).first().click();
  await page.waitForURL("**/system/cameras?edit=garden");
  expect(faults).toEqual([]);
  await context.close();
});

it("follows at the end, stays where one reads, and comes back", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/system/log`);
  await region(page).getByText("the page is at http://").waitFor();
  const said = region(page).getByText(SAID);
  const before = await said.count();
  await speak(page, 20);
  // All of them: what comes later would move what is scrolled next.
  await expect.poll(() => said.count()).toBe(before + 20);
  await expect.poll(() => fromEnd(page)).toBe(0);

  await region(page).evaluate((box) => box.scrollTo(0, 40));
  await page.getByRole("button", { name: "To the newest" }).waitFor();
  await speak(page, 1);
  await page.getByRole("button", { name: /new lines?$/ }).waitFor();
  expect(await region(page).evaluate((box) => box.scrollTop)).toBe(40);
  await page.getByRole("button", { name: /new lines?$/ }).click();
  await expect.poll(() => fromEnd(page)).toBe(0);
  expect(await page.getByRole("button", { name: /new lines?$|To the newest/ }).count()).toBe(0);
  // And by keyboard.
  await region(page).focus();
  await page.keyboard.press("Home");
  await page.getByRole("button", { name: "To the newest" }).waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

once("reads on further back, line after line", async () => {
  const { page, faults, context } = await house.open();
  // Pages as small as a test can have them: the recorder's own lines, five at a time.
  await page.route("**/api/v1/logs?*", async (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set("limit", "5");
    return route.fulfill({ response: await route.fetch({ url: url.href }) });
  });
  await page.goto(`${house.recorder.url}/system/log`);
  const older = page.getByRole("button", { name: "Show older" });
  await older.waitFor();
  const items = region(page).getByRole("listitem");
  expect(await items.count()).toBe(5);
  const first = await items.first().textContent();
  await older.click();
  await expect.poll(() => items.count()).toBe(10);
  expect(await items.nth(5).textContent()).toBe(first);
  for (let i = 0; i < 40 && (await older.isVisible()); i++) {
    const count = await items.count();
    await older.click();
    await expect.poll(() => items.count()).toBeGreaterThan(count);
  }
  await page.getByText("The lines that are kept begin here.").waitFor();
  const times = await items
    .locator("time")
    .evaluateAll((all) => all.map((one) => one.getAttribute("datetime")));
  expect(times).toEqual([...times].sort());
  expect(faults).toEqual([]);
  await context.close();
});

it("is copied and saved as text", async () => {
  const { page, faults, context } = await house.open();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${house.recorder.url}/system/log?camera=driveway`);
  await region(page).getByText("receiving").first().waitFor();
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByText("The lines shown are copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z INFO {2}camera::run: receiving /);
  expect(copied).toContain("stream=driveway/main");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as text" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^holdfast-log-[\dT-]+\.txt$/);
  expect(readFileSync(await download.path(), "utf8")).toBe(`${copied}\n`);
  expect(faults).toEqual([]);
  await context.close();
});

once("is where an alarm leads to", async () => {
  const { page, faults, context } = await house.open();
  const alarm = (id: string, kind: string, subject: string) => ({
    ...{ id, kind, subject, began: new Date().toISOString(), words: "what is wrong" },
  });
  // Nothing is wrong with the recorder: its answer is made.
  const list = [alarm("1", "camera-lost", "garden/main"), alarm("2", "disk-slow", "media")];
  await page.route("**/api/v1/alarms?*", (route) => route.fulfill({ json: { alarms: list } }));
  await page.goto(`${house.recorder.url}/system`);
  await page.getByRole("link", { name: "Garden at night Main in the log" }).click();
  await page.waitForURL("**/system/log?camera=garden");
  await region(page).getByText("receiving").first().waitFor();
  await page.goBack();
  await page.getByRole("link", { name: "media in the log" }).click();
  await page.waitForURL("**/system/log?text=media");
  expect(await page.getByRole("searchbox").inputValue()).toBe("media");
  expect(faults).toEqual([]);
  await context.close();
});

it("fits a phone", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/system/log`);
  await region(page).getByText("the page is at http://").waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  const tall = await region(page).evaluate((box) => box.clientHeight);
  expect(tall).toBeGreaterThan(400);
  for (const control of [
    page.getByRole("combobox", { name: "Camera" }),
    page.getByRole("searchbox"),
    page.getByRole("button", { name: "Save as text" }),
  ]) {
    expect((await control.boundingBox())?.height).toBeGreaterThanOrEqual(40);
  }
  // In a language with longer words the part of the page is still seen.
  await page.evaluate(() => localStorage.setItem("holdfast.language", "de"));
  await page.reload();
  await page.getByRole("region", { name: "Zeilen des Protokolls" }).waitFor();
  const box = await page.getByRole("link", { name: "Protokoll", exact: true }).boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(390);
  expect(faults).toEqual([]);
  await context.close();
});

once("goes on by itself when the recorder comes back", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/system/log`);
  await region(page).getByText("the page is at http://").waitFor();
  await house.recorder.kill();
  await page.getByText("The recorder is out of reach").first().waitFor({ timeout: 30_000 });
  await region(page).getByText("the page is at http://").waitFor();
  await house.recorder.start();
  await region(page).getByText("The recorder was started again here").waitFor({ timeout: 30_000 });
  await expect.poll(() => region(page).getByText("the page is at http://").count()).toBe(2);
  await context.close();
});

once("shows no link and no token, and nothing at all to who may only watch", async () => {
  const empty = await startEmptyRecorder();
  try {
    const token = new URL(empty.link).hash.slice("#token=".length);
    expect(token).toMatch(/^hf_.{43}$/);
    const own = await makeAccount(house.browser, empty.link, "Anna");
    const { page, faults, context } = await open(house.browser, own);
    await page.goto(`${empty.url}/system/log`);
    await region(page).getByText("/setup#token=(hidden)").first().waitFor();
    expect(await page.content()).not.toContain(token.slice(0, 12));
    const answer = await page.request.get(`${empty.url}/api/v1/logs`);
    expect(await answer.text()).not.toContain(token.slice(3, 20));
    expect(faults).toEqual([]);
    // The same page for an account that may less.
    await page.route("**/api/v1/", async (route) => {
      const root = await (await route.fetch()).json();
      root.permissions = ["public", "signed-in", "view-live"];
      await route.fulfill({ json: root });
    });
    await page.reload();
    await page.getByText("You may not see this.").waitFor();
    expect(await page.getByRole("link", { name: "Log", exact: true }).count()).toBe(0);
    expect(await complaints(page)).toEqual([]);
    await context.close();
  } finally {
    await empty.end();
  }
});
