// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it } from "vitest";
import { offer } from "../actions/registry";
import type { Camera } from "../api/types";
import { cameras } from "../state/cameras.svelte";
import { panels } from "../state/panels.svelte";
import { session } from "../state/session.svelte";
import { speak, t } from "../texts";
import Help from "./Help.svelte";
import Over from "./Over.svelte";
import Palette from "./Palette.svelte";

const views: Record<string, unknown>[] = [];

beforeEach(async () => {
  await speak("en", []);
  session.standing = "asking";
});

afterEach(async () => {
  for (const view of views.splice(0)) await unmount(view);
  cameras.end();
  session.standing = "asking";
  panels.palette = panels.help = false;
  document.body.replaceChildren();
});

const options = () =>
  [...document.querySelectorAll("[role=option]")].map(
    (one) => one.querySelector("bdi")?.textContent,
  );
const chosen = () => document.querySelector("[aria-selected=true] bdi")?.textContent;

function come(...slugs: string[]) {
  cameras.list = slugs.map((slug) => ({ slug, name: slug, streams: [] }) as unknown as Camera);
  cameras.known = true;
  flushSync();
}

function show() {
  views.push(mount(Palette, { target: document.body, props: { open: true } }));
  flushSync();
  const field = document.querySelector("input") as HTMLInputElement;
  return {
    write(words: string) {
      field.value = words;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      flushSync();
    },
    press(key: string) {
      field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
      flushSync();
    },
  };
}

const action = (id: string, label: string) => ({
  id,
  label: () => label,
  keys: ["x"],
  perform() {},
});

it("finds what comes after it was opened", () => {
  const palette = show();
  palette.write("gazebo");
  expect(options()).toEqual([]);
  session.standing = "in";
  come("gazebo");
  expect(options()).toEqual([t.timeline.showCamera("gazebo")]);
  expect(chosen()).toBe(t.timeline.showCamera("gazebo"));
  palette.write("polish");
  const end = offer("page", [action("polish", "Polish the gazebo")], undefined);
  flushSync();
  expect(options()).toEqual(["Polish the gazebo"]);
  end();
  flushSync();
  expect(options()).toEqual([]);
});

it("keeps what is chosen when more comes above it, and moves nothing for what is no news", () => {
  const palette = show();
  palette.press("ArrowDown");
  palette.press("ArrowDown");
  const before = chosen();
  const end = offer("page", [action("polish", "Polish the gazebo")], undefined);
  flushSync();
  expect(options()[0]).toBe("Polish the gazebo");
  expect(chosen()).toBe(before);
  come("gazebo");
  const all = options();
  come("gazebo", "yard");
  expect(options()).toEqual(all);
  expect(chosen()).toBe(before);
  end();
});

it("lists the keys of a page that comes after the list was opened", () => {
  views.push(mount(Help, { target: document.body, props: { open: true } }));
  flushSync();
  expect(document.body.textContent).not.toContain("Polish the gazebo");
  const end = offer("page", [action("polish", "Polish the gazebo")], undefined);
  flushSync();
  expect(document.body.textContent).toContain("Polish the gazebo");
  end();
});

it("leaves nothing open for who signs in next", async () => {
  const over = mount(Over, { target: document.body });
  flushSync();
  dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, cancelable: true }));
  expect(panels.palette).toBe(true);
  await unmount(over);
  expect(panels.palette).toBe(false);
});
