// Volumes, health and access, on a real recorder.

import { expect, it } from "vitest";
import { complaints, complaintsInBothThemes } from "./browser";
import { sharedHouse } from "./house";

const house = sharedHouse();

it("shows each volume with its path, its space and what it is for", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/system/storage`);
  const answer = await page.request.get(`${house.recorder.url}/api/v1/volumes`);
  const [volume] = (await answer.json()).volumes;
  const card = page.getByRole("article", { name: volume.name });
  await card.getByText(volume.path, { exact: true }).waitFor();
  await card.getByText("Works", { exact: true }).waitFor();
  await card
    .getByText(/of .* used/)
    .first()
    .waitFor();
  await card
    .getByText(/stay free/)
    .first()
    .waitFor();
  // By the names that people gave, not by those of addresses.
  await card.getByText(/Garden at night Main/).waitFor({ timeout: 60_000 });
  expect(await complaintsInBothThemes(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

it("shows how each camera does, and what was wrong", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/system`);
  await page.getByRole("heading", { name: "Garden at night Main" }).waitFor();
  const garden = page.getByRole("article").filter({ hasText: "Garden at night Main" });
  await garden.getByText("Sends, recorded").waitFor();
  await expect.poll(async () => garden.textContent(), { timeout: 30_000 }).toMatch(/Lost *none/);
  await expect
    .poll(async () => garden.textContent(), { timeout: 30_000 })
    .toMatch(/Safe until *\d+ s/);
  await page.getByText(/^for .*, since/).waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  expect(faults).toEqual([]);
  await context.close();
});

it("makes a token, shows its secret once, and revokes it; ends another session", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/system/access`);
  await page.getByText("This one").waitFor();
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByText("Give it a name.").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("A <script>");
  expect(await complaints(page)).toEqual([]);
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByText("This is shown once.").waitFor();
  const secret = (await page.locator("dialog code").textContent()) ?? "";
  const asked = { headers: { authorization: `Bearer ${secret}` } };
  const api = await house.browser.newContext();
  const cameras = () => api.request.get(`${house.recorder.url}/api/v1/cameras`, asked);
  expect((await cameras()).status()).toBe(200);
  await page.getByRole("button", { name: "Done" }).click();
  expect(await page.getByText(secret).count()).toBe(0);
  await page.getByRole("button", { name: "Revoke “A <script>”" }).click();
  await page.getByRole("button", { name: "Revoke it" }).click();
  await page.getByText("No token yet.").waitFor();
  expect((await cameras()).status()).toBe(401);
  await api.close();
  expect(await complaints(page)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  expect(faults).toEqual([]);
  await context.close();
});
