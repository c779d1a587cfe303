// The kiosk, the ways out of it, and what it shows where there is nothing to show.

import { expect, it } from "vitest";
import { complaints, moving } from "./browser";
import { ownHouse } from "./house";
import { makeGroup } from "./tiles";
import { until } from "./until";

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
  // It goes again after three seconds: a hand that comes too late touches once more.
  await until(async () => {
    await page.touchscreen.tap(200, 300);
    try {
      await leave.tap({ timeout: 2_000 });
    } catch {
      return false;
    }
    await page.waitForURL((url) => !url.searchParams.has("kiosk"));
    return true;
  }, "a kiosk that is left");
  await page.getByRole("navigation").first().waitFor();
  await context.close();
});

it("is a kiosk: pictures only, changing groups, through a restart, until Escape", async () => {
  const { page, context } = await house.open();
  await page.goto(`${house.recorder.url}/live`);
  await moving(page, 3);
  await makeGroup(page, "One", ["Driveway"]);
  await page.waitForURL("**/live?group=one");
  await makeGroup(page, "Two", ["Front door", "Garden at night"]);
  await page.waitForURL("**/live?group=two");
  await page.keyboard.press("Shift+F");
  await page.waitForURL("**/live?group=two&kiosk=1");
  await moving(page, 2);
  const nothing = async () => {
    expect(await page.locator("button:visible, a:visible:not([href='#content'])").count()).toBe(0);
    expect(await page.locator("nav:visible").count()).toBe(0);
  };
  await nothing();
  const region = page.getByRole("region", { name: "Kiosk: pictures only" });
  const cursor = () => region.evaluate((element) => getComputedStyle(element).cursor);
  await page.mouse.move(300, 300);
  await page.mouse.move(320, 300);
  expect(await cursor()).toBe("auto");
  await expect.poll(cursor, { timeout: 30_000 }).toBe("none");
  expect(await complaints(page)).toEqual([]);

  await house.recorder.kill();
  await house.recorder.start();
  await moving(page, 2, 60_000);
  await page.getByRole("alert").waitFor({ state: "detached" });
  await nothing();
  await page.keyboard.press("Escape");
  await page.waitForURL("**/live?group=two");
  await page.getByRole("navigation").waitFor();

  // By address, with time enough to see all of them; then changing by itself: no history grows
  // from it. A slow machine may find the next group there already: they come round again.
  await page.goto(`${house.recorder.url}/live?kiosk=1&every=30`);
  await moving(page, 3, 60_000);
  await page.goto(`${house.recorder.url}/live?kiosk=1&every=5`);
  await region.waitFor();
  const length = await page.evaluate(() => history.length);
  await page.waitForURL("**/live?group=one&kiosk=1&every=5", { timeout: 40_000 });
  await page.waitForURL("**/live?group=two&kiosk=1&every=5", { timeout: 40_000 });
  await moving(page, 1);
  expect(await page.evaluate(() => history.length)).toBe(length);
  await context.close();
}, 240_000);
