// Limits that are saved, volumes that are added and changed: on a recorder of its own.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { complaintsInBothThemes } from "./browser";
import { ownHouse } from "./house";
import { binary } from "./recorder";

const house = ownHouse();

it("saves limits of a camera that is managed here, and asks before footage goes", async () => {
  const { page, faults, context } = await house.open();
  const headers = { origin: house.recorder.url };
  const url = "rtsp://127.0.0.1:9/none";
  const data = { name: "Shed", streams: { main: { url }, sub: { url, record: false } } };
  const added = await page.request.post(`${house.recorder.url}/api/v1/cameras`, { data, headers });
  expect(added.status()).toBe(201);
  const keep = async () => {
    const answer = await page.request.get(`${house.recorder.url}/api/v1/cameras/shed/settings`);
    return (await answer.json()).streams.main.keep;
  };
  await page.goto(`${house.recorder.url}/system/storage`);
  // Of what is never recorded nothing will be known: it says so.
  const sub = page.getByRole("button", { name: /^Shed Sub/ });
  await sub.getByText("not recorded", { exact: true }).waitFor();
  expect(await sub.getByText("not known yet").count()).toBe(0);
  await page.getByRole("button", { name: /^Shed Main/ }).click();
  const group = page.getByRole("group", { name: "Limits of Shed, Main" });
  const most = group.getByRole("slider", { name: "Nothing older than" });
  await expect.poll(() => most.getAttribute("aria-valuetext")).toBe("no limit");
  await most.press("ArrowLeft");
  await page.getByRole("button", { name: "Save these limits" }).click();
  await page.getByText("“Shed, Main” is changed").waitFor();
  expect(await keep()).toEqual({ max_days: 365 });
  // The least is never more than the most.
  const least = group.getByRole("slider", { name: "At least" });
  await least.press("End");
  await most.press("ArrowLeft");
  expect(await most.getAttribute("aria-valuetext")).toBe("180 days");
  expect(await least.getAttribute("aria-valuetext")).toBe("180 days");

  const removed = {
    ...{ bytes: 2e9, segments: 9, complete: true },
    ...{ from: "2026-11-01T00:00:00.000000Z", to: "2026-11-08T00:00:00.000000Z" },
  };
  await page.route("**/api/v1/forecast", async (route) => {
    const answer = await route.fetch();
    const { streams } = await answer.json();
    const shed = { camera: "shed", stream: "main", forecast: { protected_bytes: 0 }, removed };
    const others = streams.filter(({ camera }: { camera: string }) => camera !== "shed");
    await route.fulfill({ response: answer, json: { streams: [...others, shed] } });
  });
  await most.press("ArrowLeft");
  await page.getByText(/^Removes 2 GB at once/).waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  await page.getByRole("button", { name: "Save these limits" }).click();
  const sure = page.getByRole("dialog", { name: "Change Shed, Main, and remove footage?" });
  await sure.getByRole("button", { name: "Cancel" }).click();
  expect(await keep()).toEqual({ max_days: 365 });
  await page.getByRole("button", { name: "Save these limits" }).click();
  await sure.getByRole("button", { name: "Save and remove" }).click();
  await expect.poll(keep).toEqual({ max_days: 120, min_days: 120 });
  // The forecast is asked for once more, which nobody waits for here.
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.request.delete(`${house.recorder.url}/api/v1/cameras/shed`, { headers });
  expect(faults).toEqual([]);
  await context.close();
});

it("says how a volume is added, shows it once it is there, and what it leaves free", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/system/storage`);
  await page.getByRole("button", { name: "Add a volume" }).click();
  const sheet = page.getByRole("dialog", { name: "Add a volume" });
  await sheet.getByLabel("Name", { exact: true }).fill('disk "2"');
  await sheet.getByLabel("Folder").fill("not/whole");
  await sheet.getByText("Write the whole path").waitFor();
  await sheet.getByLabel("Folder").fill(join(house.recorder.dir, "disk2"));
  const text = (await sheet.locator("code").textContent()) ?? "";
  expect(await complaintsInBothThemes(page)).toEqual([]);
  const [, toml = ""] =
    /<<'END'\n([\s\S]*)\nEND\nholdfast config apply volume.toml$/.exec(text) ?? [];
  const file = join(house.recorder.dir, "volume.toml");
  writeFileSync(file, toml);
  const config = join(house.recorder.dir, "holdfast.toml");
  execFileSync(binary, ["--config", config, "config", "apply", file]);
  await sheet.getByText("is there, and footage goes where").waitFor();
  await sheet.getByRole("button", { name: "Close" }).last().click();

  const card = page.getByRole("article", { name: 'disk "2"' });
  await card.getByText("Change this volume").click();
  const free = card.getByRole("slider", { name: "Stays free" });
  expect(await free.getAttribute("aria-valuetext")).toMatch(/B$/);
  const [answer] = await Promise.all([
    page.waitForResponse(
      (response) =>
        response.url().endsWith("/forecast") &&
        (response.request().postData() ?? "").includes("keep_free"),
    ),
    free.press("ArrowRight"),
  ]);
  expect(answer.status()).toBe(200);
  expect(answer.request().postDataJSON().volumes[0].keep_free).toBe("8%");
  await card.getByText("Removes nothing at once.").waitFor();
  expect(await free.getAttribute("aria-valuetext")).toMatch(/^8% \(/);
  expect(await complaintsInBothThemes(page)).toEqual([]);
  await card.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText('“disk "2"” is changed').waitFor();
  const share = async () => {
    const { volumes } = await (
      await page.request.get(`${house.recorder.url}/api/v1/volumes`)
    ).json();
    const own = volumes.find(({ name }: { name: string }) => name === 'disk "2"');
    return Math.round((own.keep_free_bytes / own.total_bytes) * 100);
  };
  expect(await share()).toBe(8);
  expect(faults).toEqual([]);
  await context.close();
});
