// What is wrong with a camera is said at its field, in the reader's language, and nothing is lost.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { complaints } from "./browser";
import { ownHouse } from "./house";
import { startEmptyRecorder } from "./recorder";

const house = ownHouse({ start: startEmptyRecorder, account: "ada" });

/** Saves a camera that nobody has to answer for. */
async function add(page: Page, name: string) {
  await page.goto(`${house.recorder.url}/system/cameras?add=1`);
  await page.getByLabel("Address of the main stream").fill("rtsp://127.0.0.1:1/main");
  if (name) await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save without a test" }).click();
}

const names = async (page: Page) => {
  const answer = await page.request.get(`${house.recorder.url}/api/v1/cameras`);
  const { cameras } = (await answer.json()) as { cameras: { name: string }[] };
  return cameras.map(({ name }) => name).sort();
};

it("proposes a name that is free, and says at the field which one is not", async () => {
  const { page, context } = await house.open();
  for (const name of ["127.0.0.1", "127.0.0.1 2"]) {
    await add(page, "");
    await page.getByText(`${name} is added`).waitFor();
  }
  expect(await names(page)).toEqual(["127.0.0.1", "127.0.0.1 2"]);

  await add(page, "127.0.0.1");
  const name = page.getByLabel("Name", { exact: true });
  await page.getByText(`There is a camera "127.0.0.1" already.`).waitFor();
  expect(await name.getAttribute("aria-invalid")).toBe("true");
  expect(await name.evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await complaints(page)).toEqual([]);
  await name.fill("Gate");
  expect(await name.getAttribute("aria-invalid")).toBeNull();
  await page.getByRole("button", { name: "Save without a test" }).click();
  await page.getByText("Gate is added").waitFor();
  await context.close();
});

it("says what the recorder does not take where it was written, in German too", async () => {
  const { page, context } = await house.open({ phone: true });
  await page.addInitScript(() => localStorage.setItem("holdfast.language", "de"));
  await page.goto(`${house.recorder.url}/system/cameras?add=1`);
  const url = page.getByLabel("Adresse des Hauptstreams");
  await url.fill("rtsp://127.0.0.1:99999/main");
  await page.getByLabel("Name", { exact: true }).fill("Hof");
  await page.getByText("Aufzeichnung", { exact: true }).click();
  await page.getByLabel("Höchstens aufbewahren, Tage").fill("7");
  await page.getByLabel("Mindestens aufbewahren, Tage").fill("8");
  const save = page.getByRole("button", { name: /^Ohne Test/ });
  await save.click();
  await page.getByText("Höchstens so viele Tage, wie höchstens aufbewahrt wird.").waitFor();
  await page.getByLabel("Mindestens aufbewahren, Tage").fill("7");
  await save.click();
  await page.getByText(/^Eine Adresse beginnt mit rtsp:/).waitFor();
  expect(await url.evaluate((field) => field === document.activeElement)).toBe(true);
  await url.fill("rtsp://127.0.0.1:1/main");
  await page.getByLabel("Name", { exact: true }).fill("127.0.0.1");
  await save.click();
  await page.getByText("Eine Kamera mit diesem Namen gibt es schon.").waitFor();
  expect(await complaints(page)).toEqual([]);
  await page.getByLabel("Name", { exact: true }).fill("Hof");
  await save.click();
  await page.waitForURL("**/live");
  expect(await names(page)).toContain("Hof");
  await context.close();
});

it("says what is half done when a camera is removed, though its row is gone by then", async () => {
  const { page, context } = await house.open();
  let left = Promise.resolve();
  // Removed in truth; that something went wrong afterwards cannot be had from a healthy recorder.
  await page.route(/\/api\/v1\/cameras\/door$/, async (route) => {
    if (route.request().method() !== "DELETE") return route.fallback();
    await route.fetch();
    await page.getByRole("heading", { name: "Door", exact: true }).waitFor({ state: "detached" });
    await left;
    const detail = "the camera was removed, but may run on: the catalog is busy";
    await route.fulfill({
      status: 503,
      json: { type: "unavailable", title: "out of order now", status: 503, detail },
    });
  });
  const said = "The camera was removed, but may run on: the catalog is busy.";
  for (const looking of [true, false]) {
    await add(page, "Door");
    await page.getByText("Door is added").waitFor();
    await page.goto(`${house.recorder.url}/system/cameras`);
    await page.getByRole("button", { name: "Remove Door" }).click();
    const sheet = page.getByRole("dialog", { name: "Remove Door?" });
    let leave = () => {};
    if (!looking) {
      left = new Promise((resolve) => {
        leave = resolve;
      });
    }
    await sheet.getByRole("button", { name: "Remove it" }).click();
    if (looking) {
      await sheet.getByRole("alert").getByText(said).waitFor();
      expect(await complaints(page)).toEqual([]);
      await sheet.getByRole("button", { name: "Close" }).last().click();
      expect(await sheet.count()).toBe(0);
    } else {
      await page.keyboard.press("Escape");
      // The words stand for some seconds only.
      await Promise.all([page.getByText(`Door: ${said}`).waitFor(), leave()]);
    }
  }
  await context.close();
});
