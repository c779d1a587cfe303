// The tiles of the live wall.

import type { Page } from "playwright-core";

/** The tiles on the stage by name, in the order of the page, and where they are. */
export async function tiles(page: Page) {
  const groups = page.locator("[role=group].group\\/tile");
  const found = [];
  for (const tile of await groups.all()) {
    const label = (await tile.getAttribute("aria-label")) ?? "";
    found.push({ name: label.split(":")[0] ?? "", box: await tile.boundingBox() });
  }
  return found;
}

export async function makeGroup(page: Page, name: string, cameras: string[]) {
  await page.keyboard.press("Shift+G");
  const sheet = page.getByRole("dialog", { name: "Groups of cameras" });
  await sheet.getByRole("button", { name: "New group" }).click();
  const form = page.getByRole("dialog", { name: "New group" });
  await form.getByLabel("Name of the group").fill(name);
  for (const camera of cameras) await form.getByLabel(camera, { exact: true }).check();
  await form.getByRole("button", { name: "Save", exact: true }).click();
}

/** How far a tile's picture is zoomed. */
export const scaleOf = (page: Page, name: string) =>
  page
    .locator("[role=group].group\\/tile")
    .filter({ hasText: name })
    .evaluate((tile) => {
      const transform = getComputedStyle(tile.firstElementChild as Element).transform;
      return transform === "none" ? 1 : new DOMMatrix(transform).a;
    });
