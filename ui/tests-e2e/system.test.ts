// Storage, health and access, on a real recorder.

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
}, 90_000);

it("forecasts while a slider moves, and the newest answer counts", async () => {
  const { page, faults, context } = await house.open();
  // A recorder that began a minute ago foresees nothing yet: its answers are made to, and late.
  const asked: number[] = [];
  await page.route("**/api/v1/forecast", async (route) => {
    const { streams } = route.request().postDataJSON();
    const keep = streams.find((own: { camera: string }) => own.camera === "garden")?.keep;
    if (keep?.max_days) asked.push(keep.max_days);
    const reach = (camera: string) =>
      camera === "garden" && keep?.max_days ? keep.max_days : keep?.max_days ? 25 : 21;
    const row = (camera: string) => ({
      ...{ camera, stream: "main" },
      forecast: { reaches_back_s: reach(camera) * 86_400, share_bytes: 1e9, protected_bytes: 0 },
      ...(camera === "garden" && keep?.max_days < 10
        ? {
            removed: {
              ...{ bytes: 2e9, segments: 9, complete: true },
              ...{ from: "2026-11-01T00:00:00.000000Z", to: "2026-11-08T00:00:00.000000Z" },
            },
          }
        : {}),
    });
    // The wider the limit, the later: an older question is answered after a newer one.
    await new Promise((resolve) => setTimeout(resolve, (keep?.max_days ?? 0) * 2));
    const body = { streams: ["driveway", "front-door", "garden"].map(row) };
    await route.fulfill({ json: body }).catch(() => {});
  });
  await page.goto(`${house.recorder.url}/system/storage`);
  const garden = page.getByRole("button", { name: /^Garden at night Main/ });
  await garden.getByText("will reach back 21 days, limited by the disk").waitFor();
  await garden.click();
  const slider = page.getByRole("slider", { name: "Nothing older than" });
  // Its own limits are asked for when it is opened: of this kind it has none.
  await expect.poll(() => slider.getAttribute("aria-valuetext")).toBe("no limit");
  await slider.focus();
  for (let i = 0; i < 11; i++) {
    await page.keyboard.press("ArrowLeft");
    await page.waitForTimeout(i % 3 === 0 ? 250 : 20);
  }
  expect(await slider.getAttribute("aria-valuetext")).toBe("7 days");
  await garden.getByText("would reach back 7 days instead of 21 days").waitFor();
  await page
    .getByRole("button", { name: /^Driveway Main.*would reach back 25 days instead of/ })
    .waitFor();
  await page.getByText(/^Removes 2 GB at once/).waitFor();
  await page.getByText('keep = { max_bytes = "2 GB", max_days = 7 }').waitFor();
  await page.waitForTimeout(1000);
  expect(await garden.textContent()).toContain("would reach back 7 days");
  // Not every stop was asked about.
  expect(asked.length).toBeLessThan(11);
  expect(await complaints(page)).toEqual([]);
  await page.getByRole("button", { name: "Back to how it is" }).click();
  await garden.getByText("limited by the disk").waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it("asks the recorder itself what limits would do", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/system/storage`);
  const garden = page.getByRole("button", { name: /^Garden at night Main/ });
  await garden.click();
  const own = page.getByRole("slider", { name: "No more than" });
  await expect.poll(() => own.getAttribute("aria-valuetext")).toBe("2 GB");
  const [answer] = await Promise.all([
    page.waitForResponse((response) => {
      const asked = response.request().postData() ?? "";
      return response.url().endsWith("/forecast") && asked.includes("max_days");
    }),
    page.getByRole("slider", { name: "Nothing older than" }).press("ArrowLeft"),
  ]);
  expect(answer.status()).toBe(200);
  expect(answer.request().postDataJSON().streams).toEqual([
    { camera: "garden", stream: "main", keep: { max_bytes: 2e9, max_days: 365 } },
  ]);
  await page.getByText('keep = { max_bytes = "2 GB", max_days = 365 }').waitFor();
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
