// What stands around every page: languages, the palette, the shortcuts.

import { expect, it } from "vitest";
import { complaints, PHONE } from "./browser";
import { sharedHouse } from "./house";

const house = sharedHouse();

it("speaks the browser's language, and the one that is chosen, without losing the place", async () => {
  const context = await house.browser.newContext({ storageState: house.state, locale: "de-AT" });
  const page = await context.newPage();
  await page.goto(`${house.recorder.url}/recordings?camera=garden`);
  await page.getByRole("heading", { name: "Aufnahmen", exact: true }).waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("de");
  await page.getByRole("button", { name: "Konto" }).click();
  await page.getByLabel("Sprache", { exact: true }).selectOption("ja");
  await page.getByRole("heading", { name: "録画", exact: true }).waitFor();
  await page.waitForFunction(() => document.title === "録画 · Holdfast");
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("ja");
  expect(new URL(page.url()).search).toBe("?camera=garden");
  await page.reload();
  await page.getByRole("heading", { name: "録画", exact: true }).waitFor();
  await context.close();
});

it.each([
  ["de", "live"],
  ["de", "recordings"],
  ["fr", "timeline"],
  ["es", "recordings"],
  ["ja", "timeline"],
])("keeps its shape on a phone in %s on %s", async (language, place) => {
  const context = await house.browser.newContext({
    storageState: house.state,
    locale: language,
    viewport: PHONE,
    isMobile: true,
    hasTouch: true,
  });
  const page = await context.newPage();
  await page.goto(`${house.recorder.url}/${place}`);
  await page.getByRole("navigation").waitFor();
  await page.waitForTimeout(800);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  expect(wide).toBe(false);
  // No word of the navigation is wider than its place.
  const cut = await page.evaluate(
    () =>
      [...document.querySelectorAll("nav span")].filter(
        (word) =>
          word.getBoundingClientRect().width >
          (word.parentElement?.getBoundingClientRect().width ?? 0) + 1,
      ).length,
  );
  expect(cut).toBe(0);
  await context.close();
});

it("does everything from the palette, by keys", async () => {
  const { page, context, faults } = await house.open();
  await page.goto(`${house.recorder.url}/recordings`);
  await page.getByRole("heading", { name: "Recordings" }).waitFor();
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "What do you want to do?" });
  await field.waitFor();
  expect(await complaints(page)).toEqual([]);
  await page.keyboard.type("front");
  await page.getByRole("option", { name: "Show Front door", selected: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/live?focus=front-door");

  // What the page offers is there too once it is, and acts on the page.
  await page.getByRole("slider", { name: "Time" }).waitFor();
  await page.keyboard.press("Control+k");
  await field.waitFor();
  await page.keyboard.type("go to time");
  await page.keyboard.press("ArrowDown");
  const chosen = page.getByRole("option", { selected: true });
  expect(await chosen.textContent()).toContain("Timeline");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Go to time" }).waitFor();
  await page.keyboard.press("Escape");

  await page.keyboard.press("Control+k");
  await field.waitFor();
  await page.keyboard.type("storage");
  await page.getByRole("option", { name: "Go to Storage", selected: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/system/storage");
  await page.getByRole("heading", { name: "Volumes" }).waitFor();

  await page.keyboard.press("Control+k");
  await field.waitFor();
  await page.keyboard.type("theme light");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.documentElement.dataset.theme === "light");
  await page.keyboard.press("Control+k");
  await field.waitFor();
  expect(await complaints(page)).toEqual([]);
  await page.keyboard.type("zzzz");
  await page.getByText("Nothing here is called “zzzz”.").waitFor();
  expect(await complaints(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
  expect(faults).toEqual([]);
  await context.close();
});

it("shows the keys of the page that is open", async () => {
  const { page, context, faults } = await house.open();
  await page.goto(`${house.recorder.url}/timeline`);
  await page.getByRole("slider", { name: "Time" }).waitFor();
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await help.getByText("One picture forward").waitFor();
  await help.getByText("Ctrl+K").waitFor();
  for (const theme of ["light", "dark"]) {
    await page.evaluate((to) => {
      document.documentElement.dataset.theme = to;
    }, theme);
    expect(await complaints(page)).toEqual([]);
  }
  await page.keyboard.press("Escape");
  await page.goto(`${house.recorder.url}/recordings`);
  await page.getByRole("heading", { name: "Recordings" }).waitFor();
  await page.keyboard.press("?");
  await help.getByText("Keyboard shortcuts").first().waitFor();
  expect(await help.getByText("One picture forward").count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

it("hears its keys while the recorder is still asked who looks, and finds what comes then", async () => {
  const { page, context, faults } = await house.open();
  let answer = () => {};
  /** Who looks is said when `answer` is called. */
  const hold = async () => {
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.unroute(/\/api\/v1\/$/);
    await page.route(/\/api\/v1\/$/, async (route) => {
      await held;
      await route.continue();
    });
  };
  await hold();
  await page.goto(`${house.recorder.url}/recordings`);
  await page.getByRole("heading", { name: "Recordings" }).waitFor();
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "What do you want to do?" });
  await field.waitFor();
  await page.keyboard.type("front");
  answer();
  await page.getByRole("option", { name: "Show Front door", selected: true }).waitFor();
  expect(await field.inputValue()).toBe("front");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/live?focus=front-door");

  await hold();
  await page.goto(`${house.recorder.url}/timeline`);
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await help.getByText("Ctrl+K").waitFor();
  answer();
  await help.getByText("One picture forward").waitFor();
  expect(faults).toEqual([]);
  await context.close();
});
