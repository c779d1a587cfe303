// Exports in the page: asked for, watched, taken away, proven, cancelled.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { complaints, complaintsInBothThemes, THEMES, wear } from "./browser";
import { firstStreams, inCommon } from "./footage";
import { ownHouse } from "./house";
import { once } from "./in-firefox";
import { binary } from "./recorder";

let folder: string;

const house = ownHouse();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-exports-"));
});

afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A range of so many milliseconds that every camera has. */
async function range(page: Page, ms: number): Promise<{ from: string; to: string }> {
  const common = await inCommon(page, house.recorder.url, ms + 500, firstStreams);
  const from = common.from + 500;
  return { from: new Date(from).toISOString(), to: new Date(from + ms).toISOString() };
}

const address = ({ from, to }: { from: string; to: string }, cameras: string) =>
  `${house.recorder.url}/exports?new&from=${from}&to=${to}&cameras=${cameras}`;

/** The row of an export. */
const row = (page: Page, name: string) => page.getByRole("listitem").filter({ hasText: name });

async function done(page: Page, name: string) {
  await row(page, name)
    .getByRole("img", { name: "Done", exact: true })
    .waitFor({ timeout: 30_000 });
}

it("makes an export of two cameras from a range, which anybody can prove", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/exports`);
  await page.getByText("No export yet").waitFor();
  expect(await complaints(page)).toEqual([]);

  await page.goto(address(await range(page, 6_000), "front-door,garden/sub"));
  await page.getByText("the whole range").nth(1).waitFor();
  await page.getByText(/^About \d/).waitFor();
  expect(await page.getByLabel("Stream of Garden").inputValue()).toBe("sub");
  expect(await complaints(page)).toEqual([]);
  await page.getByLabel("Name", { exact: true }).fill("The <parcel>");
  await page.getByRole("button", { name: "Make the export" }).click();
  await done(page, "The <parcel>");
  expect(await row(page, "The <parcel>").textContent()).toMatch(/0:06/);
  expect(await complaints(page)).toEqual([]);

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download “The <parcel>”" }).click(),
  ]);
  const zip = join(folder, "parcel.zip");
  await download.saveAs(zip);
  const root = await (await page.request.get(`${house.recorder.url}/api/v1/`)).json();
  const proof = execFileSync(binary, ["verify", zip, "--public-key", root.public_key, "--json"]);
  expect(proof.toString()).toContain('"proven":true');

  // The recorder's copy, and a file that is chosen.
  await page.getByRole("link", { name: "The <parcel>", exact: true }).click();
  const details = page.getByRole("dialog", { name: "The <parcel>" });
  await details.getByText("Without a gap").nth(1).waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  await page.getByRole("button", { name: "Verify the recorder’s copy" }).click();
  await page.getByText("Whole, and signed by this recorder").waitFor();
  expect(await page.getByRole("dialog").textContent()).toContain("front-door_main.mp4");
  expect(await complaints(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Verify a file" }).click();
  await page.getByLabel("Choose a file").setInputFiles(zip);
  await page.getByText("Whole, and signed by this recorder").waitFor();
  const changed = readFileSync(zip);
  changed[5000] = (changed[5000] ?? 0) ^ 1;
  const forged = join(folder, "forged.zip");
  writeFileSync(forged, changed);
  await page.getByLabel("Choose a file").setInputFiles(forged);
  await page.getByText("front-door_main.mp4 was changed").waitFor();
  writeFileSync(forged, changed.subarray(0, 9000));
  await page.getByLabel("Choose a file").setInputFiles(forged);
  await page.getByText("This is no export as a recorder writes it").waitFor();
  await page.keyboard.press("Escape");
  expect(faults).toEqual([]);
  await context.close();
});

once(
  "shows what the manifest says: gaps with their cause, and streams that have nothing",
  async () => {
    const { page, faults, context } = await house.open();
    const { exports } = await (
      await page.request.get(`${house.recorder.url}/api/v1/exports`)
    ).json();
    const [own] = exports.filter(({ name }: { name: string }) => name === "The <parcel>");
    const audit = async () => {
      const { entries } = await (
        await page.request.get(`${house.recorder.url}/api/v1/audit`)
      ).json();
      return entries.length;
    };
    const before = await audit();
    // Gaps take long to come by: the recorder's own answer, with some more in it.
    const time = (ms: number) => new Date(Date.parse(own.from) + ms).toISOString();
    await page.route("**/manifest.json", async (route) => {
      const answer = await route.fetch();
      const manifest = await answer.json();
      manifest.clips[0].streams[0].gaps = [
        { from: time(1_000), to: time(3_000), cause: "camera-gone" },
        { from: time(4_000), to: time(4_500) },
      ];
      manifest.without_footage = ["garden/sub"];
      await route.fulfill({ response: answer, json: manifest });
    });
    await page.goto(`${house.recorder.url}/exports?show=${own.id}`);
    const details = page.getByRole("dialog", { name: "The <parcel>" });
    await details.getByText("2 gaps, 3 sec in all").waitFor();
    await details.getByText("· 2 sec · Camera gone").waitFor();
    await details.getByText("nothing recorded in the range").waitFor();
    // Looking takes nothing away.
    expect(await audit()).toBe(before);
    expect(await complaintsInBothThemes(page)).toEqual([]);
    await page.unroute("**/manifest.json");
    await page.route("**/manifest.json", (route) =>
      route.fulfill({
        status: 503,
        json: { type: "unavailable", status: 503, detail: "it is away" },
      }),
    );
    await page.reload();
    await details.getByText("What is in it could not be read: It is away.").waitFor();
    expect(faults.filter((words) => !words.includes("503"))).toEqual([]);
    await context.close();
  },
);

once("says over plain http what cannot be proven there, before anything is read", async () => {
  const { page, faults, context } = await house.open();
  // The loopback address counts as safe: browsers do as with any other over http.
  await page.addInitScript(() => {
    Object.defineProperty(window, "isSecureContext", { value: false });
    Object.defineProperty(crypto, "subtle", { value: undefined });
  });
  await page.goto(`${house.recorder.url}/exports?verify=1`);
  await page.getByRole("note").getByText("This page came over plain http.").waitFor();
  expect(await page.getByRole("note").locator("code").textContent()).toMatch(
    /--public-key [0-9a-f]{64}$/,
  );
  expect(await complaintsInBothThemes(page)).toEqual([]);
  await page.goto(`${house.recorder.url}/exports`);
  await page.getByRole("link", { name: "The <parcel>", exact: true }).click();
  await page.getByRole("note").waitFor();
  await page.getByRole("button", { name: "Verify the recorder’s copy" }).click();
  await page.getByText("Whole, but the signature was not checked").waitFor();
  await page.getByText(/open the page over https, or use/).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

once("asks once before it deletes, and says what was deleted", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(address(await range(page, 2_000), "driveway"));
  await page.getByLabel("Name", { exact: true }).fill("Short");
  await page.getByRole("button", { name: "Make the export" }).click();
  await done(page, "Short");
  const remove = page.getByRole("button", { name: "Delete “Short”" });
  await remove.click();
  await page.getByRole("button", { name: "Keep it" }).click();
  expect(await row(page, "Short").count()).toBe(1);
  await remove.click();
  await page.getByRole("button", { name: "Delete the export" }).click();
  await page.getByText("“Short” is deleted").waitFor();
  await row(page, "Short").waitFor({ state: "detached" });
  const { exports } = await (await page.request.get(`${house.recorder.url}/api/v1/exports`)).json();
  expect(exports.map(({ name }: { name: string }) => name)).not.toContain("Short");
  expect(faults).toEqual([]);
  await context.close();
});

once(
  "shows how far it is, how fast, and cancels; says why one failed, and makes it again",
  async () => {
    const { page, faults, context } = await house.open();
    // States that are hard to come by: the recorder's own answer, made to grow slowly.
    const { from, to } = await range(page, 3_000);
    const make = (name: string) =>
      page.request
        .post(`${house.recorder.url}/api/v1/exports`, {
          data: { name, streams: ["garden/main"], from, to },
          headers: { origin: house.recorder.url },
        })
        .then((answer) => answer.json());
    const slow = await make("Slow");
    const bad = await make("Bad");
    let written = 0;
    await page.route("**/api/v1/exports?*", async (route) => {
      const answer = await route.fetch();
      const body = await answer.json();
      written += 5_000_000;
      for (const own of body.exports) {
        if (own.id === slow.id) {
          Object.assign(own, { state: "writing", bytes: 1e9, written_bytes: written });
        }
        if (own.id === bad.id) Object.assign(own, { state: "failed", problem: "it aged out" });
      }
      await route.fulfill({ response: answer, json: body });
    });
    await page.goto(`${house.recorder.url}/exports`);
    await row(page, "Slow")
      .getByText(/ of 1 GB · .*\/s · .*left/)
      .waitFor();
    await page.getByText("it aged out").waitFor();
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("button", { name: "Cancel “Slow”" }).click();
    await page.getByRole("button", { name: "Cancel the export" }).click();
    await row(page, "Slow").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Make it again" }).click();
    await done(page, "Bad");
    await page.getByText("it aged out").waitFor({ state: "detached" });
    expect(await row(page, "Bad").count()).toBe(1);
    expect(faults).toEqual([]);
    await context.close();
  },
);

once("tells of one that failed and stays, though it is made again", async () => {
  const { page, context } = await house.open();
  const { from, to } = await range(page, 2_000);
  const made = await page.request.post(`${house.recorder.url}/api/v1/exports`, {
    data: { name: "Stubborn", streams: ["garden/main"], from, to },
    headers: { origin: house.recorder.url },
  });
  const { id } = await made.json();
  await page.route("**/api/v1/exports?*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const own of body.exports) if (own.id === id) own.state = "failed";
    await route.fulfill({ response: answer, json: body });
  });
  await page.route(`**/api/v1/exports/${id}`, (route) =>
    route.fulfill({ status: 409, json: { type: "conflict", status: 409, detail: "it is held" } }),
  );
  await page.goto(`${house.recorder.url}/exports`);
  await row(page, "Stubborn").getByRole("button", { name: "Make it again" }).click();
  await page
    .getByText(
      "“Stubborn” is being made again, but the one that failed is still there: It is held.",
    )
    .waitFor();
  await expect.poll(() => row(page, "Stubborn").count()).toBe(2);
  await context.close();
});

it("is all done by keyboard, and refuses in words what makes no sense", async () => {
  const { page, faults, context } = await house.open();
  const { from, to } = await range(page, 2_000);
  await page.goto(`${house.recorder.url}/exports?new&from=${to}&to=${from}`);
  await page.getByText("The end lies before the start.").waitFor();
  await page.goto(`${house.recorder.url}/exports?new&from=${from}&to=${to}`);
  await page.getByLabel("Name", { exact: true }).focus();
  await page.keyboard.type("By hand");
  await page.keyboard.press("Enter");
  await page.getByText("Choose at least one camera.").waitFor();
  await page.getByRole("checkbox", { name: "Driveway" }).focus();
  await page.keyboard.press("Space");
  await page.getByText("the whole range").waitFor();
  await page.getByRole("button", { name: "Make the export" }).focus();
  await page.keyboard.press("Enter");
  await done(page, "By hand");
  await page.getByRole("link", { name: "By hand", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "By hand" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "By hand" }).waitFor({ state: "detached" });
  await page.waitForFunction(() => location.search === "");
  expect(faults).toEqual([]);
  await context.close();
});

it("fits a phone, and leads everywhere from its five tabs", async () => {
  const { page, faults, context } = await house.open({ phone: true });
  await page.goto(`${house.recorder.url}/live`);
  const nav = page.getByRole("navigation", { name: "Main" });
  const tabs = nav.locator("a:visible, button:visible");
  expect(await tabs.count()).toBe(5);
  for (const tab of await tabs.all()) {
    expect((await tab.boundingBox())?.width).toBeGreaterThan(60);
    expect((await tab.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  }
  await nav.getByRole("button", { name: /^More(?! for)/ }).click();
  await page.getByRole("link", { name: "System" }).click();
  await page.waitForURL("**/system");
  await nav.getByRole("link", { name: "Exports" }).click();
  // What an export is shows wherever its row is pressed.
  const made = await page.locator("li[data-state=done] p").first().boundingBox();
  if (made) await page.touchscreen.tap(made.x + 40, made.y + made.height / 2);
  await page.waitForURL(/show=/);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).tap();
  await page.waitForURL(/exports$/);
  await page.getByRole("img", { name: "Done", exact: true }).first().tap();
  await page.waitForURL(/show=/);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).tap();
  await page.waitForURL(/exports$/);
  await page.getByRole("link", { name: "New export" }).click();
  await page.getByRole("checkbox", { name: "Driveway" }).waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  expect(faults).toEqual([]);
  await context.close();
});

/** The luminance of a colour, as WCAG has it. */
function luminance(rgb: number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** How clearly a meter's track, or the line around it, stands out from the page. */
async function trackContrast(page: Page): Promise<number> {
  const { ground, seen } = await page.getByRole("meter", { name: "Space" }).evaluate((meter) => {
    const { backgroundColor, boxShadow } = getComputedStyle(meter);
    const colours = `${backgroundColor} ${boxShadow}`.match(/rgb\([^)]*\)/g) ?? [];
    return { ground: getComputedStyle(document.body).backgroundColor, seen: colours };
  });
  const [base, ...others] = [ground, ...seen].map((text) =>
    luminance((text.match(/[\d.]+/g) ?? []).map(Number)),
  );
  const against = (value: number) => {
    const [light = 0, dark = 0] = [value, base ?? 0].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  return Math.max(1, ...others.map(against));
}

it("shows how much room exports have where they take hardly any of it, in both themes", async () => {
  const { page, faults, context } = await house.open();
  await page.goto(`${house.recorder.url}/exports`);
  await page.getByRole("meter", { name: "Space" }).waitFor();
  for (const theme of THEMES) {
    await wear(page, theme);
    expect(await trackContrast(page), theme).toBeGreaterThanOrEqual(3);
  }
  expect(faults).toEqual([]);
  await context.close();
});

once("goes on with a download where it broke off", async () => {
  const { page, context } = await house.open();
  const { exports } = await (await page.request.get(`${house.recorder.url}/api/v1/exports`)).json();
  const own = exports.find(({ state }: { state: string }) => state === "done");
  const file = `${house.recorder.url}${own.file}`;
  const whole = await (await page.request.get(file)).body();
  const rest = await page.request.get(file, { headers: { range: "bytes=1000-" } });
  expect(rest.status()).toBe(206);
  expect((await rest.body()).equals(whole.subarray(1000))).toBe(true);
  await context.close();
});

once("knows its exports again after the recorder was killed", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/exports`);
  await done(page, "The <parcel>");
  const path = await page
    .getByRole("link", { name: "Download “The <parcel>”" })
    .getAttribute("href");
  const file = new URL(path ?? "", `${house.recorder.url}/`).href;
  const before = await (await page.request.get(file)).body();
  await house.recorder.kill();
  await page.getByRole("alert").getByText("out of reach").waitFor();
  await house.recorder.start();
  await page.getByRole("alert").waitFor({ state: "detached", timeout: 20_000 });
  await done(page, "The <parcel>");
  expect((await (await page.request.get(file)).body()).equals(before)).toBe(true);
  await context.close();
});
