// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cameras } from "../../../state/cameras.svelte";
import { speak } from "../../../texts";
import { t } from "../../../texts/later";
import CameraForm from "./CameraForm.svelte";

let view: Record<string, unknown>;
/** What the recorder was asked to add. */
let added: { name?: string }[];
/** Answers to whoever asked for the cameras. */
let asked: ((answer: Response) => void)[];

const list = (...names: string[]) =>
  Response.json({ cameras: names.map((name) => ({ slug: name, name, streams: [] })) });

const button = (words: string) =>
  [...document.querySelectorAll("button")].find((one) => one.textContent?.includes(words));

const settled = async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  flushSync();
};

beforeEach(async () => {
  await speak("en", []);
  added = [];
  asked = [];
  vi.stubGlobal("fetch", async (_: URL, { method, body }: RequestInit) => {
    if (method !== "POST") return new Promise<Response>((resolve) => asked.push(resolve));
    added.push(JSON.parse(body as string));
    return Response.json({ ...added.at(-1), slug: "new" });
  });
  view = mount(CameraForm, { target: document.body, props: {} });
  flushSync();
  const url = document.querySelector<HTMLInputElement>("input[placeholder^='rtsp:']");
  if (url) url.value = "rtsp://192.0.2.7/main";
  url?.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
});

afterEach(async () => {
  cameras.end();
  await unmount(view);
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

it("proposes no name before it is known which are taken", async () => {
  button(t.manage.saveUntested)?.click();
  await settled();
  expect(added).toEqual([]);
  expect(button(t.manage.saveUntested)?.disabled).toBe(true);
  for (const answer of asked.splice(0)) answer(list("192.0.2.7"));
  await settled();
  expect(added.map(({ name }) => name)).toEqual(["192.0.2.7 2"]);
});

it("asks nothing before it saves where names are known", async () => {
  void cameras.refresh();
  for (const answer of asked.splice(0)) answer(list("192.0.2.7"));
  await settled();
  button(t.manage.saveUntested)?.click();
  await settled();
  expect(added.map(({ name }) => name)).toEqual(["192.0.2.7 2"]);
});

it("takes a name that is written for what it is, also one that is written meanwhile", async () => {
  const name = document.querySelector<HTMLInputElement>("input[maxlength='64']");
  const write = (words: string) => {
    if (name) name.value = words;
    name?.dispatchEvent(new Event("input", { bubbles: true }));
  };
  button(t.manage.saveUntested)?.click();
  await settled();
  write("Gate");
  for (const answer of asked.splice(0)) answer(list("192.0.2.7"));
  await settled();
  expect(added.map(({ name }) => name)).toEqual(["Gate"]);
});

it("says why it does not save where it does not hear which names are taken", async () => {
  button(t.manage.saveUntested)?.click();
  await settled();
  for (const answer of asked.splice(0)) answer(new Response(null, { status: 503 }));
  await settled();
  expect(added).toEqual([]);
  expect(document.querySelector("[role=alert]")?.textContent).toBeTruthy();
  expect(button(t.manage.saveUntested)?.disabled).toBe(false);
});
