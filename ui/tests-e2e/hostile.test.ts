// Cameras may be called anything: a name is only text, and the pages keep their shape.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { complaints, moving } from "./browser";
import { ownHouse } from "./house";
import { type Recorder, startRecorder, startRecorderOf } from "./recorder";

const NAMES = [
  `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`,
  "\u202eroodtnorf \u2067{{7*7}} #{hacked} &lt;b&gt;",
  // As long as the recorder takes them.
  `${"W".repeat(60)}${" very long".repeat(4)}`,
  "📹👩‍👩‍👧‍👦 玄関 חצר 🚪",
];

/** Whose cameras are recorded under other names too. */
let cameras: Recorder;

const house = ownHouse({
  async start() {
    cameras = await startRecorder();
    const config = readFileSync(join(cameras.dir, "holdfast.toml"), "utf8");
    const urls = [...config.matchAll(/url = "(rtsp:[^"]+-sub)"/g)].map(([, url]) => url ?? "");
    const listed = NAMES.map((name, i) => {
      // A TOML string reads escapes as JSON does.
      const url = urls[i % urls.length];
      return `[[camera]]\nname = ${JSON.stringify(name)}\n[camera.stream.main]\nurl = "${url}"\n`;
    });
    return startRecorderOf(listed.join(""));
  },
  account: "<img src=x>",
});

afterAll(() => cameras?.end());

/** Only text, nothing beside the page, no name out of the box that holds it. */
async function holds(page: Page) {
  const found = await page.evaluate(() => {
    const isCut = (element: Element): boolean => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        const { overflowX, position } = getComputedStyle(at);
        if (overflowX !== "visible" && at !== document.documentElement) return true;
        if (position === "fixed") return false;
      }
      return false;
    };
    const outside = [...document.querySelectorAll("body *")].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 1 && (right > innerWidth + 1 || left < -1) && !isCut(element);
    });
    return {
      hacked: "hacked" in window,
      made: document.querySelectorAll("img[src='x'], script:not([src])").length,
      turned: document.body.textContent.includes("\u202e"),
      wide: document.documentElement.scrollWidth > innerWidth,
      outside: outside.map((element) => element.outerHTML.slice(0, 200)),
    };
  });
  expect(found).toEqual({ hacked: false, made: 0, turned: false, wide: false, outside: [] });
}

it.each([false, true])("is only text, on every page (phone: %s)", async (phone) => {
  const { page, context, faults } = await house.open({ phone });
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, phone ? 1 : 4, 30_000);
  await page.getByText("<img src=x").first().waitFor();
  await holds(page);
  if (process.env.HOLDFAST_SHOTS) {
    await page.screenshot({ path: join(process.env.HOLDFAST_SHOTS, `hostile-live-${phone}.png`) });
  }
  const slugs = await page.evaluate(async () => {
    const answer = await (await fetch("/api/v1/cameras")).json();
    return (answer as { cameras: { slug: string }[] }).cameras.map(({ slug }) => slug);
  });
  for (const slug of slugs) {
    await page.goto(`${house.recorder.url}/live?focus=${slug}`);
    await page.getByRole("navigation").waitFor();
    await moving(page, 1);
    await holds(page);
  }
  await page.goto(`${house.recorder.url}/timeline`);
  await page.getByRole("slider", { name: "Time" }).waitFor();
  await moving(page, 1);
  await holds(page);
  if (process.env.HOLDFAST_SHOTS) {
    await page.screenshot({ path: join(process.env.HOLDFAST_SHOTS, `hostile-time-${phone}.png`) });
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("option", { name: /^Show <img/ }).waitFor();
  await holds(page);
  if (process.env.HOLDFAST_SHOTS) {
    await page.screenshot({ path: join(process.env.HOLDFAST_SHOTS, `hostile-pal-${phone}.png`) });
  }
  await page.keyboard.press("Escape");

  await page.goto(`${house.recorder.url}/recordings`);
  await page.getByRole("listitem").nth(3).waitFor();
  await holds(page);
  expect(await complaints(page)).toEqual([]);
  if (process.env.HOLDFAST_SHOTS) {
    await page.screenshot({ path: join(process.env.HOLDFAST_SHOTS, `hostile-rec-${phone}.png`) });
  }
  await page
    .getByRole("button", { name: /^Play W/ })
    .first()
    .click();
  await moving(page, 1);
  await holds(page);
  if (process.env.HOLDFAST_SHOTS) {
    await page.screenshot({ path: join(process.env.HOLDFAST_SHOTS, `hostile-play-${phone}.png`) });
  }
  await page.keyboard.press("Escape");

  const hostile = { name: `<img src=x onerror=hacked=1> \u202egnp.exe ${"W".repeat(60)}` };
  const streams = slugs.map((slug) => `${slug}/main`);
  await page.evaluate(
    (body) =>
      fetch("/api/v1/exports", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    { ...hostile, streams, from: "-10s", to: "now" },
  );
  await page.goto(`${house.recorder.url}/exports`);
  await page
    .getByRole("link", { name: /^<img src=x/ })
    .first()
    .click();
  await page.getByRole("dialog").waitFor();
  await holds(page);
  expect(await complaints(page)).toEqual([]);
  await page.goto(`${house.recorder.url}/exports?new&cameras=${slugs.join()}`);
  await page.getByRole("checkbox").nth(3).waitFor();
  await holds(page);
  for (const part of ["system", "system/cameras", "system/storage", "system/access"]) {
    await page.goto(`${house.recorder.url}/${part}`);
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await page.waitForTimeout(1000);
    await holds(page);
    expect(await complaints(page)).toEqual([]);
  }
  if (phone) await page.getByRole("button", { name: /^More(?! for)/ }).click();
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByText("Signed in as").waitFor();
  await holds(page);
  expect(faults).toEqual([]);
  await context.close();
});
