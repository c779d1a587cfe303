// What a recorder has recorded, from its own answers.

import type { APIRequestContext, Page } from "playwright-core";
import { readClipTable } from "../src/player/clip-table";
import { frameTable } from "../src/player/frames";
import { parseKeyFrames } from "../src/player/key-frames";
import { until } from "./until";

export interface Recorded {
  from: number;
  to: number;
}

export interface RecordedStream {
  name: string;
  recorded?: { from: string; to: string };
  durable_until?: string;
}

export interface RecordedCamera {
  slug: string;
  name: string;
  streams: RecordedStream[];
}

/** Whoever may ask: a page, or its context. */
interface Asking {
  request: APIRequestContext;
}

export async function camerasOf({ request }: Asking, url: string): Promise<RecordedCamera[]> {
  const answer = await request.get(`${url}/api/v1/cameras`);
  return ((await answer.json()) as { cameras: RecordedCamera[] }).cameras;
}

type Choice = (cameras: RecordedCamera[]) => RecordedStream[];

export const everyStream: Choice = (cameras) => cameras.flatMap(({ streams }) => streams);
export const firstStreams: Choice = (cameras) =>
  cameras.flatMap(({ streams }) => streams.slice(0, 1));

/** What these streams have recorded, all of them, once it is so long. */
export function inCommon(
  asking: Asking,
  url: string,
  ms: number,
  choice: Choice = everyStream,
): Promise<Recorded> {
  return until(async () => {
    const spans = choice(await camerasOf(asking, url)).map(({ recorded }) => recorded);
    const from = Math.max(...spans.map((span) => Date.parse(span?.from ?? "")));
    const to = Math.min(...spans.map((span) => Date.parse(span?.to ?? "")));
    return to - from >= ms && Number.isFinite(to - from) && { from, to };
  }, `footage of ${ms} ms`);
}

/** The newest `ms` that all streams of all cameras have recorded, once there is so much. */
export async function recordedAtLeast(asking: Asking, url: string, ms: number): Promise<Recorded> {
  const { to } = await inCommon(asking, url, ms);
  return { from: to - ms, to };
}

/** The instants of all pictures of a clip, by its address. */
export async function instantsOf(page: Page, clipUrl: string): Promise<number[]> {
  const url = new URL(clipUrl);
  const [from, to] = ["from", "to"].map((name) => Number(url.searchParams.get(name)));
  const clip = await page.request.get(clipUrl);
  const table = readClipTable(new Uint8Array(await clip.body()).buffer);
  const keyFrames = `${url.origin}${url.pathname.replace("clip.mp4", "keyframes")}`;
  const made = await frameTable({ from: from ?? 0, to: to ?? 0 }, table, async (a, b) => {
    const params = { from: Math.floor(a), to: Math.ceil(b), max: 1 };
    const answer = await page.request.get(keyFrames, { params });
    return parseKeyFrames(new Uint8Array(await answer.body()).buffer)[0]?.at;
  });
  return made.times;
}
