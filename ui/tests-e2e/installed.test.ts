// The page on the device: it opens while the recorder is away, and learns of a newer one.

import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { moving } from "./browser";
import { ownHouse } from "./house";
import { once } from "./in-firefox";
import { servePage } from "./page-server";

const house = ownHouse();

/** Waits until the page is kept. */
function kept(page: Page) {
  return page.waitForFunction(() => navigator.serviceWorker.controller !== null, undefined, {
    timeout: 20_000,
  });
}

/** Firefox on a desktop installs no page. */
once("can be installed: a manifest with icons of the promised sizes", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/live`);
  const manifest = await page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>("link[rel=manifest]");
    const answer = await fetch(link?.href ?? "");
    const { icons, ...rest } = (await answer.json()) as {
      icons: { src: string; sizes: string; type: string; purpose: string }[];
      display: string;
      start_url: string;
    };
    const sizes = [];
    for (const icon of icons.filter(({ type }) => type === "image/png")) {
      const image = new Image();
      image.src = new URL(icon.src, answer.url).href;
      await image.decode();
      sizes.push([icon.sizes, `${image.naturalWidth}x${image.naturalHeight}`, icon.purpose]);
    }
    return { ...rest, sizes };
  });
  expect(manifest).toMatchObject({ display: "standalone", start_url: "./live" });
  for (const [promised, real] of manifest.sizes) expect(real).toBe(promised);
  expect(manifest.sizes.map(([, , purpose]) => purpose)).toContain("maskable");
  await context.close();
});

it("opens while the recorder is away, keeps nothing that it answered, and goes on by itself", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 3);
  await kept(page);
  const urls = await page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map(({ url }) => url);
  });
  expect(urls.length).toBeGreaterThan(10);
  expect(urls.filter((url) => url.includes("/api"))).toEqual([]);

  await house.recorder.kill();
  await page.goto(`${house.recorder.url}/recordings?camera=garden`);
  await page.getByText("The recorder is out of reach", { exact: true }).waitFor();
  await house.recorder.start();
  await page.getByRole("heading", { name: "Recordings" }).waitFor({ timeout: 30_000 });
  await page.getByRole("listitem").first().waitFor();
  expect(new URL(page.url()).search).toBe("?camera=garden");
  await context.close();
});

it("says that there is a newer page, and loads it when asked, at the same place", async () => {
  const dir = mkdtempSync(join(tmpdir(), "holdfast-page-"));
  cpSync(join(import.meta.dirname, "../dist"), dir, { recursive: true });
  const server = await servePage(new URL(house.recorder.url).origin, dir);
  const { page, context, faults } = await house.open();
  await page.goto(`${server.url}/recordings?camera=garden`);
  await page.getByRole("heading", { name: "Recordings" }).waitFor();
  await kept(page);

  // The next build: a style sheet of another name, and a worker that knows it.
  const assets = join(dir, "assets");
  const sheet = readdirSync(assets).find((name) => name.endsWith(".css")) ?? "";
  renameSync(join(assets, sheet), join(assets, "style-newer.css"));
  for (const name of ["index.html", "sw.js"]) {
    const path = join(dir, name);
    const text = readFileSync(path, "utf8").replaceAll(sheet, "style-newer.css");
    writeFileSync(path, text.replace(/BUILD = "\w+"/, 'BUILD = "newer"'));
  }
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
  await page.getByText("The recorder was updated").waitFor();
  expect(await page.getByRole("heading", { name: "Recordings" }).count()).toBe(1);
  await page.getByRole("button", { name: "Load again" }).click();
  await page.locator("link[href*='style-newer.css']").waitFor({ state: "attached" });
  await page.getByRole("heading", { name: "Recordings" }).waitFor();
  expect(new URL(page.url()).search).toBe("?camera=garden");
  await page.waitForFunction(async () => (await caches.keys()).join() === "holdfast-page-/#newer");

  // Loaded by hand it is the newest at once, and says nothing.
  await page.reload();
  await page.getByRole("heading", { name: "Recordings" }).waitFor();
  await page.waitForTimeout(5_000);
  expect(await page.getByText("The recorder was updated").count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
  await server.end();
  rmSync(dir, { recursive: true, force: true });
});
