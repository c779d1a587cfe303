// The ways out of a kiosk, and what it shows where there is nothing to show.

import { expect, it } from "vitest";
import { complaints, moving } from "./browser";
import { ownHouse } from "./house";

const house = ownHouse();

it("is left by a finger where there is no full screen, and says that a group's cameras are gone", async () => {
  const { page, context } = await house.open({ phone: true });
  await page.addInitScript(() => {
    Object.assign(Element.prototype, { requestFullscreen: undefined });
    const groups = [
      { id: "gone", name: "Gone", cameras: ["barn"] },
      { id: "one", name: "One", cameras: ["front-door"] },
    ];
    localStorage.setItem("holdfast.groups", JSON.stringify({ version: 1, groups }));
  });
  await page.goto(`${house.recorder.url}/live?kiosk=1&group=gone`);
  await page.getByText("The cameras of this group are gone").waitFor();
  const leave = page.getByRole("button", { name: "Leave the kiosk" });
  expect(await leave.count()).toBe(0);
  // Going on, it leaves that group out.
  await page.goto(`${house.recorder.url}/live?kiosk=1&group=one&every=5`);
  await moving(page, 1);
  await page.waitForTimeout(6_000);
  expect(page.url()).toContain("group=one");
  expect(await leave.count()).toBe(0);
  await page.touchscreen.tap(200, 300);
  await leave.waitFor();
  expect(await complaints(page)).toEqual([]);
  await leave.waitFor({ state: "detached" });
  await page.touchscreen.tap(200, 300);
  await leave.tap();
  await page.waitForURL((url) => !url.searchParams.has("kiosk"));
  await page.getByRole("navigation").first().waitFor();
  await context.close();
}, 90_000);
