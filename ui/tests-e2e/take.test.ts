// What a marked range is taken away as: one camera's file, several in one, an export of several.

import { execFileSync } from "node:child_process";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { complaints } from "./browser";
import { recordedAtLeast } from "./footage";
import { ownHouse } from "./house";

const house = ownHouse();

/** The timeline, paused, eight seconds after footage begins; there is more than ten after it. */
async function paused(page: Page, query = "") {
  const { from } = await recordedAtLeast(page, house.recorder.url, 20_000);
  const at = from + 8_000;
  await page.goto(
    `${house.recorder.url}/timeline?at=${new Date(at).toISOString()}&span=60${query}`,
  );
  await page.waitForFunction(() =>
    [...document.querySelectorAll<HTMLVideoElement>("video.front")].some(
      ({ readyState, seeking }) => readyState >= 2 && !seeking,
    ),
  );
  return at;
}

/** What ffprobe says of the tracks with pictures in a file, and how long it is. */
function probe(path: string) {
  const entries = "stream=codec_type:format=duration";
  const said = execFileSync("ffprobe", [
    "-v",
    "error",
    "-show_entries",
    entries,
    "-of",
    "json",
    path,
  ]);
  const { streams, format } = JSON.parse(String(said)) as {
    streams: { codec_type: string }[];
    format: { duration: string };
  };
  const films = streams.filter(({ codec_type }) => codec_type === "video").length;
  return { films, seconds: Number(format.duration) };
}

it("takes ten seconds of all cameras away as one file, or of one of them", async () => {
  const { page, faults, context } = await house.open();
  await paused(page);
  await page.keyboard.press("t");
  await page.getByRole("button", { name: "Download 0:10" }).waitFor();
  await page.keyboard.press("d");
  const menu = page.getByRole("menu", { name: "Download the marked range" });
  await menu.waitFor();
  expect(await complaints(page)).toEqual([]);
  const [all] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  expect(all.suggestedFilename()).toMatch(/\.mp4$/);
  const together = probe(await all.path());
  expect(together.films).toBe(3);
  expect(together.seconds).toBeGreaterThan(9.5);
  expect(together.seconds).toBeLessThan(11);

  await page.keyboard.press("d");
  const [one] = await Promise.all([
    page.waitForEvent("download"),
    menu.getByRole("menuitem", { name: "Garden at night" }).click(),
  ]);
  expect(one.suggestedFilename()).toMatch(/^garden.*\.mp4$/);
  expect(probe(await one.path()).films).toBe(1);
  expect(faults).toEqual([]);
  await context.close();
});

it("needs no question where one camera is shown", async () => {
  const { page, faults, context } = await house.open();
  await paused(page, "&focus=front-door");
  await page.keyboard.press("t");
  const [file] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("d")]);
  expect(file.suggestedFilename()).toMatch(/^front-door.*\.mp4$/);
  expect(faults).toEqual([]);
  await context.close();
});

it("says which end is missing, and lets both be dragged", async () => {
  const { page, faults, context } = await house.open();
  await paused(page, "&focus=front-door");
  await page.keyboard.press("[");
  await page.getByRole("status").getByText("Now mark the end").waitFor();
  await page.keyboard.press("t");
  await page.getByRole("link", { name: "Download 0:10" }).waitFor();
  const box = (await page.getByRole("slider", { name: "Time" }).boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  };
  // The playhead stands in the middle, and so does the start; the end is ten seconds on.
  const second = box.width / 60;
  const end = box.x + box.width / 2 + 10 * second;
  await page.mouse.move(end, box.y + 62);
  await page.mouse.down();
  await page.mouse.move(end - 4 * second, box.y + 62, { steps: 6 });
  await page.mouse.up();
  await page.getByRole("link", { name: /^Download 0:0[56]$/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: /^Download 0:/ }).waitFor({ state: "detached" });
  expect(faults).toEqual([]);
  await context.close();
});

it("makes an export of all cameras that are shown", async () => {
  const { page, faults, context } = await house.open();
  const at = await paused(page);
  await page.keyboard.press("t");
  await page.keyboard.press("x");
  await page.waitForURL(/exports\?new/);
  const query = new URL(page.url()).searchParams;
  expect(query.get("cameras")?.split(",")).toHaveLength(3);
  expect(Date.parse(query.get("from") ?? "")).toBeLessThan(at);
  expect(Date.parse(query.get("to") ?? "")).toBeGreaterThan(at);
  await page.getByLabel("All cameras in one file").check();
  await page.getByRole("button", { name: "Make the export" }).click();
  await page.getByRole("link", { name: /^Download “/ }).waitFor({ timeout: 30_000 });
  expect(faults).toEqual([]);
  await context.close();
});

it("marks what has just been from the live pictures", async () => {
  const { page, faults, context } = await house.open();
  await recordedAtLeast(page, house.recorder.url, 16_000);
  await page.goto(`${house.recorder.url}/live?focus=garden`);
  await page.getByRole("group", { name: "Garden at night: Live" }).waitFor();
  await page.keyboard.press("t");
  await page.waitForURL(/timeline\?focus=garden&at=/);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download 0:10" }).click(),
  ]);
  expect(probe(await file.path()).seconds).toBeGreaterThan(5);
  expect(faults).toEqual([]);
  await context.close();
});

it("is all there under a thumb", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await paused(page);
  await page.getByRole("button", { name: "Mark 10 seconds" }).tap();
  await page.getByRole("button", { name: "Download 0:10" }).tap();
  const menu = page.getByRole("menu", { name: "Download the marked range" });
  await menu.waitFor();
  for (const item of await menu.getByRole("menuitem").all()) {
    const box = await item.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
  }
  expect(await complaints(page)).toEqual([]);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    menu.getByRole("menuitem", { name: "3 cameras in one file" }).tap(),
  ]);
  expect(probe(await file.path()).films).toBe(3);
  expect(faults).toEqual([]);
  await context.close();
});
