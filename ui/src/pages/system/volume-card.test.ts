// @vitest-environment happy-dom
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Volume } from "../../api/types";
import { speak } from "../../texts";
import { Shares } from "./shares.svelte";
import VolumeCard from "./VolumeCard.svelte";

let view: Record<string, unknown> | undefined;

beforeEach(() => speak("en", []));

afterEach(async () => {
  if (view) await unmount(view);
  view = undefined;
  document.body.replaceChildren();
});

it.each([
  ["20 GB", 20e9],
  ["2.5%", 100e9],
  // Its disk is missing, and what is to stay free there is as it was.
  ["5%", 0],
])("shows of a volume that a file manages what is set there: %s", (keep_free, keep_free_bytes) => {
  const total_bytes = keep_free_bytes === 0 ? 0 : 4e12;
  const volume: Volume = {
    ...{ id: "id-disk1", name: 'my "disk"', path: "/mnt/disk1", use: "keep", streams: [] },
    ...{ managed_by_file: true, state: "ok", keep_free, keep_free_bytes },
    ...{ total_bytes, free_bytes: total_bytes / 2, footage_bytes: 0 },
  };
  const props = { volume, shares: new Shares(), onchanged: () => {} };
  view = mount(VolumeCard, { target: document.body, props });
  flushSync();
  const text = document.querySelector("pre")?.textContent;
  expect(text?.split("\n").map((line) => line.trim())).toEqual([
    "[[archive.volume]]",
    'name = "my \\"disk\\""',
    'path = "/mnt/disk1"',
    `keep_free = "${keep_free}"`,
    'use = "keep"',
  ]);
});
