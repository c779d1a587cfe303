// What limits would do, limits that are saved, volumes that are added and changed: on a recorder
// of its own.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import { complaints, complaintsInBothThemes } from "./browser";
import { ownHouse } from "./house";
import { once } from "./in-firefox";
import { lookAtPosts, type Post } from "./posts";
import { binary } from "./recorder";

const house = ownHouse();

interface Of {
  camera: string;
}

/** As a hand does that draws a slider over so many stops at once. */
const moveDown = (slider: Locator, stops: number) =>
  slider.evaluate((input: HTMLInputElement, stops) => {
    for (let i = 0; i < stops; i++) {
      input.value = String(Number(input.value) - 1);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }, stops);

it("forecasts while a slider moves, and the newest answer counts", async () => {
  const { page, faults, context } = await house.open();
  // A recorder that began a minute ago foresees nothing yet: its answers are made to, and late.
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/forecast")) asked++;
  });
  await lookAtPosts(page, "/forecast", async (post) => {
    const keep = post.asked.streams.find(({ camera }: Of) => camera === "garden")?.keep;
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
    return { streams: ["driveway", "front-door", "garden"].map(row) };
  });
  await page.goto(`${house.recorder.url}/system/storage`);
  const garden = page.getByRole("button", { name: /^Garden at night Main/ });
  await garden.getByText("will reach back 21 days, limited by the disk").waitFor();
  await garden.click();
  const slider = page.getByRole("slider", { name: "Nothing older than" });
  // Its own limits are asked for when it is opened: of this kind it has none.
  await expect.poll(() => slider.getAttribute("aria-valuetext")).toBe("no limit");
  await slider.focus();
  asked = 0;
  // Bursts of stops without a rest between, in one turn of the page: eleven in all.
  for (const stops of [1, 3, 3, 3]) {
    if (stops === 1) await page.keyboard.press("ArrowLeft");
    else await moveDown(slider, stops);
    await page.waitForTimeout(250);
  }
  await page.keyboard.press("ArrowLeft");
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
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(11);
  expect(await complaints(page)).toEqual([]);
  await page.getByRole("button", { name: "Back to how it is" }).click();
  await garden.getByText("limited by the disk").waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

it("asks the recorder itself what limits would do", async () => {
  const { page, faults, context } = await house.open();
  const posts: Post[] = [];
  await lookAtPosts(page, "/forecast", (post) => {
    posts.push(post);
    return undefined;
  });
  await page.goto(`${house.recorder.url}/system/storage`);
  const garden = page.getByRole("button", { name: /^Garden at night Main/ });
  await garden.click();
  const own = page.getByRole("slider", { name: "No more than" });
  await expect.poll(() => own.getAttribute("aria-valuetext")).toBe("2 GB");
  await page.getByRole("slider", { name: "Nothing older than" }).press("ArrowLeft");
  const limited = () => posts.find(({ asked }) => JSON.stringify(asked).includes("max_days"));
  await expect.poll(() => limited()?.status).toBe(200);
  expect(limited()?.asked.streams).toEqual([
    { camera: "garden", stream: "main", keep: { max_bytes: 2e9, max_days: 365 } },
  ]);
  await page.getByText('keep = { max_bytes = "2 GB", max_days = 365 }').waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

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
  const removed = {
    ...{ bytes: 2e9, segments: 9, complete: true },
    ...{ from: "2026-11-01T00:00:00.000000Z", to: "2026-11-08T00:00:00.000000Z" },
  };
  let removes = false;
  await lookAtPosts(page, "/forecast", ({ answer: { streams } }) => {
    if (!removes) return undefined;
    const shed = { camera: "shed", stream: "main", forecast: { protected_bytes: 0 }, removed };
    return { streams: [...streams.filter(({ camera }: Of) => camera !== "shed"), shed] };
  });
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

  removes = true;
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
  await page.request.delete(`${house.recorder.url}/api/v1/cameras/shed`, { headers });
  expect(faults).toEqual([]);
  await context.close();
});

once("says how a volume is added, shows it once it is there, and what it leaves free", async () => {
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
