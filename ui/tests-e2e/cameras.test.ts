// From nothing to the first recorded camera; testing, changing, pausing and removing cameras.

import { createServer, type Server } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, expect, it } from "vitest";
import { complaintsInBothThemes, fillAccount, moving, NOBODY, open, type State } from "./browser";
import { type ForeignCamera, H264_BALL, startForeignCamera } from "./foreign-camera";
import { ownHouse } from "./house";
import { startEmptyRecorder, startRecorderOf } from "./recorder";

let camera: ForeignCamera;
let denying: Server;
let deniedUrl: string;
let state: State;

/** A camera that takes no password. */
async function startDenying(): Promise<string> {
  denying = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      const cseq = /cseq: *(\d+)/i.exec(String(bytes))?.[1] ?? "1";
      const asks = 'WWW-Authenticate: Digest realm="camera", nonce="0a1b2c"';
      socket.write(`RTSP/1.0 401 Unauthorized\r\nCSeq: ${cseq}\r\n${asks}\r\n\r\n`);
    });
  });
  await new Promise<void>((resolve) => denying.listen(0, "127.0.0.1", resolve));
  const address = denying.address();
  return `rtsp://127.0.0.1:${typeof address === "object" ? address?.port : 0}/main`;
}

const house = ownHouse({
  async start() {
    camera = await startForeignCamera(H264_BALL);
    deniedUrl = await startDenying();
    return startEmptyRecorder();
  },
});

afterAll(async () => {
  await camera?.end();
  denying?.close();
});

async function inBothThemes(page: Page) {
  expect(await complaintsInBothThemes(page)).toEqual([]);
}

async function fits(page: Page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(over).toBeLessThanOrEqual(0);
}

it("comes from nothing to a moving picture, on a phone", async () => {
  const { page, faults, context } = await open(house.browser, NOBODY, { phone: true });
  const began = Date.now();
  await fillAccount(page, house.recorder.link, "ada");
  await page.getByText("No camera yet").waitFor();
  await inBothThemes(page);
  await page.getByRole("link", { name: "Add the first camera" }).click();
  await page.getByLabel("Address of the main stream").fill(camera.url);
  await page.getByLabel("Name", { exact: true }).fill("Ball");
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await page.getByRole("heading", { name: "The camera answers" }).waitFor({ timeout: 30_000 });
  await page.getByText(/H\.264 320×180/).waitFor();
  const shown = await page
    .getByAltText("A picture of what it sends now")
    .evaluate((picture: HTMLImageElement) => picture.decode().then(() => picture.naturalWidth));
  expect(shown).toBeGreaterThan(0);
  await page.getByText(/^every \d/).waitFor();
  // The answer is in sight, and above what stays at the lower edge, without a hand that looks for it.
  const picture = page.getByAltText("A picture of what it sends now");
  const save = page.getByRole("button", { name: "Save", exact: true });
  await expect
    .poll(async () => {
      const [shown, edge] = [await picture.boundingBox(), await save.boundingBox()];
      return shown && edge ? edge.y - (shown.y + shown.height) : -1;
    })
    .toBeGreaterThan(0);
  await fits(page);
  await inBothThemes(page);
  // What is next is in sight, however much the camera has said.
  const box = await save.boundingBox();
  expect(box && box.y + box.height).toBeLessThan(await page.evaluate(() => innerHeight));
  // The words stand for some seconds only.
  await Promise.all([
    page.waitForURL("**/live"),
    page.getByText("Ball is added").waitFor(),
    save.click(),
  ]);
  await moving(page, 1, 30_000);
  const took = Date.now() - began;
  console.log(`from nothing to a moving picture, the looks of axe included: ${took} ms`);
  expect(faults).toEqual([]);
  state = await context.storageState();
  await context.close();
});

it("leaves its fields where they are while answers come beside them", async () => {
  const { page, context } = await open(house.browser, state);
  await page.goto(`${house.recorder.url}/system/cameras?add=1`);
  await page.getByLabel("Address of the main stream").fill(camera.url);
  await page.getByLabel("Address of the sub-stream").fill(camera.url);
  const place = () => page.getByLabel("Name", { exact: true }).boundingBox();
  const before = await place();
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await page.getByRole("heading", { name: "The sub-stream answers" }).waitFor({ timeout: 40_000 });
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  expect(await place()).toEqual(before);
  await context.close();
});

/** Presses Tab until what is called `name` has the focus. */
async function tabTo(page: Page, name: string) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      const label = element?.labels?.[0]?.textContent ?? element?.getAttribute("aria-label");
      return (label ?? element?.textContent ?? "").trim();
    });
    if (at === name) return;
  }
  throw new Error(`the keyboard does not reach “${name}”`);
}

it("adds one by brand with the keyboard alone; its sub-stream is proposed, and left out", async () => {
  const { page, faults, context } = await open(house.browser, state);
  await page.goto(`${house.recorder.url}/system/cameras`);
  await page.getByText(camera.url).waitFor();
  await inBothThemes(page);
  await tabTo(page, "Add a camera");
  await page.keyboard.press("Enter");
  await tabTo(page, "Brand");
  await page.keyboard.type("Hik");
  await tabTo(page, "Camera’s address in the network");
  const host = new URL(camera.url.replace("rtsp", "http")).host;
  await page.keyboard.type(host);
  const main = page.getByLabel("Address of the main stream");
  const sub = page.getByLabel("Address of the sub-stream");
  expect(await main.inputValue()).toBe(`rtsp://${host}/Streaming/Channels/101`);
  expect(await sub.inputValue()).toBe(`rtsp://${host}/Streaming/Channels/102`);
  await tabTo(page, "Address of the main stream");
  await page.keyboard.press("Control+a");
  await page.keyboard.type(camera.url);
  await page.keyboard.press("Enter");
  await page.getByText("The sub-stream cannot be seen").waitFor({ timeout: 40_000 });
  await inBothThemes(page);
  await tabTo(page, "Go on without it");
  await page.keyboard.press("Enter");
  expect(await sub.inputValue()).toBe("");
  await tabTo(page, "Name");
  await page.keyboard.type("Second");
  await tabTo(page, "Save");
  await Promise.all([
    page.waitForURL("**/live"),
    page.getByText("Second is added").waitFor(),
    page.keyboard.press("Enter"),
  ]);
  expect(faults).toEqual([]);
  await context.close();
});

it("says in words why a camera is not seen, and loses nothing", async () => {
  const { page, faults, context } = await open(house.browser, state);
  await page.goto(`${house.recorder.url}/system/cameras?add=1`);
  const url = page.getByLabel("Address of the main stream");
  const test = page.getByRole("button", { name: /^Test/ });
  await page.getByLabel("Name", { exact: true }).fill("Yard");
  await test.click();
  await page.getByText("An address begins with rtsp://").waitFor();

  await url.fill(deniedUrl.replace("rtsp://", "rtsp://me:sesame-7@"));
  await test.click();
  await page.getByText("It refuses the name or the password.").waitFor({ timeout: 30_000 });
  expect(await url.inputValue()).toBe(deniedUrl);
  expect(await page.getByLabel("User name").inputValue()).toBe("me");
  expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("sesame-7");
  await inBothThemes(page);

  await url.fill("rtsp://127.0.0.1:1/main");
  await test.click();
  await page.getByText("Nothing answers at this address.").waitFor({ timeout: 30_000 });
  await url.fill(camera.url.replace("/cam", "/elsewhere"));
  await test.click();
  await page.getByText("The camera is there, but not this path.").waitFor({ timeout: 30_000 });
  expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Yard");
  expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("sesame-7");

  await page.getByRole("button", { name: "Save without a test" }).click();
  await page.waitForURL("**/live");
  await page.goto(`${house.recorder.url}/system/cameras`);
  await page.getByRole("heading", { name: "Yard" }).waitFor();
  expect(await page.content()).not.toContain("sesame-7");
  expect(faults).toEqual([]);
  await context.close();
});

/** What was recorded of a camera in the last hour. */
async function recordings(page: Page, camera: string): Promise<unknown[]> {
  const path = `cameras/${camera}/streams/main/recordings?from=-1h`;
  const answer = await page.request.get(`${house.recorder.url}/api/v1/${path}`);
  return ((await answer.json()) as { recordings: unknown[] }).recordings;
}

it("changes what was changed, pauses, resumes and removes", async () => {
  const { page, context } = await open(house.browser, state, { phone: true });
  const sent: unknown[] = [];
  page.on("request", (request) => {
    if (request.method() === "PATCH") sent.push(request.postDataJSON());
  });
  await page.goto(`${house.recorder.url}/system/cameras`);
  await page.getByRole("link", { name: "Edit Yard" }).click();
  await page.getByText("There is one, and it stays unless you type another.").waitFor();
  await inBothThemes(page);
  await fits(page);
  await page.getByLabel("Name", { exact: true }).fill("Back yard");
  await page.getByText("Recording", { exact: true }).click();
  await page.getByLabel("Keep at most, days").fill("x");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("A whole number, 1 or more; or nothing.").waitFor();
  await page.getByLabel("Keep at most, days").fill("14");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Back yard is saved").waitFor();
  await page.getByRole("button", { name: "Pause Back yard" }).click();
  await page.getByText("Back yard is paused.").waitFor();
  await page.getByRole("button", { name: "Resume Back yard" }).click();
  await page.getByText("Back yard is connected again").waitFor();
  expect(sent).toEqual([
    { name: "Back yard", streams: { main: { keep: { max_days: 14 } } } },
    { paused: true },
    { paused: false },
  ]);

  await page.getByRole("button", { name: "Remove Back yard" }).click();
  await page.getByText(/^It is disconnected/).waitFor();
  await page.getByRole("button", { name: "Keep it" }).click();
  expect(await recordings(page, "ball")).not.toEqual([]);
  await page.getByRole("button", { name: "Remove Ball" }).click();
  await page.getByLabel("Delete its recordings at once").check();
  await inBothThemes(page);
  const [removal] = await Promise.all([
    page.waitForRequest((request) => request.method() === "DELETE"),
    page.getByRole("button", { name: "Remove it" }).click(),
  ]);
  expect(new URL(removal.url()).search).toBe("?footage=delete");
  await page.getByText("Ball is removed").waitFor({ timeout: 30_000 });
  expect(await page.getByRole("heading", { name: "Ball" }).count()).toBe(0);
  expect(await page.getByRole("heading", { name: "Back yard" }).count()).toBe(1);
  await fits(page);
  // Added again, nothing comes back.
  const added = await page.request.post(`${house.recorder.url}/api/v1/cameras`, {
    headers: { origin: house.recorder.url },
    data: { name: "Ball", streams: { main: { url: "rtsp://127.0.0.1:1/main" } } },
  });
  expect(added.status()).toBe(201);
  expect(await recordings(page, "ball")).toEqual([]);
  await context.close();
});

it("leaves a camera of a file alone, and says whose it is", async () => {
  const own = await startRecorderOf(
    `[[camera]]\nname = "Filed"\n[camera.stream.main]\nurl = "${camera.url}"\n`,
  );
  const { page, faults, context } = await open(house.browser, NOBODY);
  try {
    await fillAccount(page, own.link, "ada");
    await page.goto(`${own.url}/system/cameras`);
    await page.getByText('[[camera]] name = "Filed"').waitFor();
    expect(await page.getByRole("button", { name: /^(Edit|Pause|Remove) Filed/ }).count()).toBe(0);
    await inBothThemes(page);
    await page.goto(`${own.url}/system/cameras?edit=filed`);
    await page.getByText("The configuration file names this camera").waitFor();
    expect(await page.getByRole("textbox").count()).toBe(0);
    // A file takes it over while somebody has the form open.
    await page.route("**/api/v1/cameras/filed/settings", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ json: { ...(await answer.json()), managed_by_file: false } });
    });
    await page.reload();
    await page.getByLabel("Name", { exact: true }).fill("Mine");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page
      .getByRole("alert")
      .getByText(/managed by a configuration file/)
      .waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Mine");
    // The browser itself notes the refusal.
    expect(faults.filter((fault) => !fault.includes("409"))).toEqual([]);
  } finally {
    await context.close();
    await own.end();
  }
});
