// The first day: no account, no camera.

import { expect, it } from "vitest";
import { complaintsInBothThemes, NOBODY, open } from "./browser";
import { ownHouse } from "./house";
import { startEmptyRecorder } from "./recorder";

const house = ownHouse({ start: startEmptyRecorder });

it("makes the first account from the printed link, and then says what is next", async () => {
  const { page, context, faults } = await open(house.browser, NOBODY);
  await page.goto(`${house.recorder.url}/live`);
  await page.waitForURL("**/setup");
  await page.getByLabel("One-time token").waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);

  // What its help says: the printed link, pasted as it is.
  const form = page.locator("form");
  await form.getByLabel("One-time token").fill(` ${house.recorder.link}\n`);
  await form.getByLabel("Name").fill("ada");
  await form.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await form.getByLabel("Password again").fill("correct horse");
  await form.getByRole("button", { name: "Make the account" }).click();
  await page.getByText("The two passwords differ.").waitFor();
  await form.getByLabel("Password again").fill("correct horse battery");
  await form.getByRole("button", { name: "Make the account" }).click();

  await page.waitForURL("**/live");
  await page.getByText("No camera yet").waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  await page.goto(`${house.recorder.url}/recordings`);
  await page.getByText("Nothing recorded yet").waitFor();
  expect(faults).toEqual([]);

  await page.getByRole("button", { name: "Account" }).click();
  await page.getByText("Signed in as ada").waitFor();
  expect(await complaintsInBothThemes(page)).toEqual([]);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/login/);
  await page.getByLabel("Name").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Nothing recorded yet").waitFor();
  await context.close();
});
