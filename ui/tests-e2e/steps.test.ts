// Single pictures, forward and back: each once, in order, over B-frames, pieces and gaps.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { frameAt } from "../src/player/frames";
import { instantsOf } from "./footage";
import { ownHouse } from "./house";
import { until } from "./until";

const house = ownHouse();

/** The camera whose pictures have B-frames. */
const CAMERA = "driveway";
/** In the order in which a large tile likes them. */
const STREAMS = ["main", "sub"] as const;
type Stream = (typeof STREAMS)[number];
const leaf = (stream: Stream, name: string) =>
  `${house.recorder.own}/api/v1/cameras/${CAMERA}/streams/${stream}/${name}`;

interface Span {
  from: number;
  to: number;
}

async function footage(page: Page, stream: Stream): Promise<Span[]> {
  const answer = await page.request.get(leaf(stream, "timeline"), {
    params: { from: "-10m", to: "now", resolution: "1000ms" },
  });
  if (!answer.ok()) return [];
  const { footage } = (await answer.json()) as { footage: { from: string; to: string }[] };
  return footage.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));
}

const reference = (page: Page, stream: Stream, from: number, to: number) =>
  instantsOf(page, `${leaf(stream, "clip.mp4")}?from=${Math.floor(from)}&to=${Math.floor(to)}`);

/** What a stream has around the gap: its spans, and the instants of their pictures. */
interface Around {
  before: Span;
  after: Span;
  pictures: number[];
}

async function around(page: Page, stream: Stream): Promise<Around> {
  const [before, after] = await until(async () => {
    const [one, two] = (await footage(page, stream)).slice(-2);
    return one && two && two.to - two.from > 6_000 && ([one, two] as const);
  }, `footage of ${stream} after the gap`);
  const pictures = await reference(page, stream, before.to - 5_000, after.from + 5_000);
  return { before, after, pictures };
}

async function forget(page: Page, stream: Stream, from: number, to: number) {
  const params = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const headers = { origin: house.recorder.own };
  const answer = await page.request.delete(leaf(stream, "footage"), { params, headers });
  expect(answer.status(), await answer.text()).toBe(200);
}

interface Painted {
  src: string;
  mediaTime: number;
}

/** Notes every picture that a seen element paints. */
async function notePaintings(page: Page) {
  await page.evaluate(() => {
    const scope = globalThis as unknown as { painted: Painted[] };
    scope.painted = [];
    for (const video of document.querySelectorAll("video")) {
      const note = (_: number, { mediaTime }: { mediaTime: number }) => {
        scope.painted.push({ src: video.currentSrc, mediaTime });
        video.requestVideoFrameCallback(note);
      };
      video.requestVideoFrameCallback(note);
    }
    interface Painted {
      src: string;
      mediaTime: number;
    }
  });
}

const painted = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { painted: Painted[] }).painted);

/** Until nothing more is painted, and none is on its way to another picture. */
const standing = (page: Page) =>
  until(async () => {
    const before = (await painted(page)).length;
    await page.waitForTimeout(250);
    const seeks = await page.evaluate(() =>
      [...document.querySelectorAll("video")].some(({ seeking }) => seeking),
    );
    return !seeks && (await painted(page)).length === before;
  }, "a picture that stands");

/** Steps over the gap and back; answers how many pictures of the sub-stream are in it. */
async function stepOverGap(page: Page, main: Around, sub: Around): Promise<number> {
  const gap = { from: main.before.to, to: main.after.from };
  // The main stream's, and of the sub-stream's what is from where the main one has nothing.
  const all = [
    ...main.pictures.map((at) => ({ stream: "main" as Stream, at })),
    ...sub.pictures
      .filter((at) => at >= gap.from && at < gap.to)
      .map((at) => ({ stream: "sub" as Stream, at })),
  ].sort((a, b) => a.at - b.at);
  const [first, last] = [gap.from, gap.to].map((edge) => all.findIndex(({ at }) => at >= edge));
  if (first === undefined || last === undefined || first < 20) throw new Error("there is no gap");

  const start = Math.floor(all[first - 5]?.at ?? 0);
  await page.goto(
    `${house.recorder.url}/timeline?at=${new Date(start).toISOString()}&focus=${CAMERA}`,
  );
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>("video.front");
    return video && video.readyState >= 2 && video.videoWidth === 1280;
  });
  await notePaintings(page);
  const origins = new Map<string, number>();
  /** The picture that is seen, as its place among all; -1 where it is none of them. */
  const seen = async () => {
    const painting = (await painted(page)).at(-1);
    if (!painting) return -1;
    const url = new URL(painting.src);
    const stream = STREAMS.find((name) => url.pathname.includes(`/streams/${name}/`)) ?? "main";
    const [from, to] = ["from", "to"].map((name) => Number(url.searchParams.get(name)));
    const key = [stream, from, to].join();
    let origin = origins.get(key);
    if (origin === undefined) {
      origin = (await reference(page, stream, from ?? 0, to ?? 0))[0] ?? 0;
      origins.set(key, origin);
    }
    const times = (stream === "main" ? main : sub).pictures;
    const at = times[frameAt({ origin: 0, times }, origin + painting.mediaTime * 1000)];
    return all.findIndex((each) => each.stream === stream && each.at === at);
  };
  const press = async (key: string) => {
    const before = (await painted(page)).length;
    await page.keyboard.press(key);
    await until(async () => (await painted(page)).length > before, "a picture");
    await standing(page);
    return seen();
  };
  const presses = async (key: string, times: number) => {
    const places: number[] = [];
    for (let i = 0; i < times; i++) places.push(await press(key));
    console.log(`${key} ${places.join(" ")}`);
    return places;
  };

  const over = last - first;
  console.log(`from ${first - 5}, ${over} of the sub-stream from ${first} on`);
  const steps = over + 13;
  const forward = Array.from({ length: steps }, (_, i) => first - 4 + i);
  expect(await presses(".", steps)).toEqual(forward);
  const back = Array.from({ length: steps + 6 }, (_, i) => first - 4 + steps - 2 - i);
  expect(await presses(",", steps + 6)).toEqual(back);

  // Keys faster than pictures: as many pictures as keys.
  for (let i = 0; i < 7; i++) await page.keyboard.press(".");
  const there = (back.at(-1) ?? 0) + 7;
  await until(async () => (await seen()) === there, "the last of the pictures");
  await page.waitForTimeout(500);
  expect(await seen()).toBe(there);
  return over;
}

it("steps over every picture once, both ways, through B-frames, a gap, and what only the sub-stream has", async () => {
  const { page, faults, context } = await house.open();
  await until(async () => {
    const [span] = await footage(page, "main");
    return span && span.to - span.from > 9_000;
  }, "nine seconds");
  await house.recorder.kill();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await house.recorder.start();
  // As it happens to be: one ends a little before the other, or after it.
  const [main, sub] = [await around(page, "main"), await around(page, "sub")];
  await stepOverGap(page, main, sub);

  // The sub-stream alone for most of a second on both sides.
  const end = Math.min(main.before.to, sub.before.to) - 900;
  const begin = Math.max(main.after.from, sub.after.from) + 700;
  await forget(page, "main", end, main.before.to);
  await forget(page, "main", main.after.from, begin);
  expect(await stepOverGap(page, await around(page, "main"), sub)).toBeGreaterThan(8);
  expect(faults.filter((fault) => !fault.includes("WebSocket"))).toEqual([]);
  await context.close();
});
