// The demo's service worker: it answers for media what a recorder would, out of the scenes beside
// it, and gives the page for every address of the page. It keeps nothing and knows nothing that
// changes, for browsers end it whenever they like.

import * as house from "./house.mjs";
import { clipOf, keyFramesOf } from "./mp4";
import { filmOf, stillName } from "./scenes";

interface Fetching extends Event {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker extends EventTarget {
  registration: ServiceWorkerRegistration;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
}
const worker = self as unknown as Worker;
const base = worker.registration.scope;
const api = new URL("api/v1/", base).href;

/** Longer clips are cut off: they are made in memory. */
const CLIP_MS_MAX = 3_600_000;

const when = (value: string | null, other: number) =>
  value === null || value === "now"
    ? other
    : /^\d+$/.test(value)
      ? Number(value)
      : Date.parse(value);

function problem(status: number, type: string, detail: string): Response {
  const body = JSON.stringify({ type, title: type, status, detail });
  return new Response(body, { status, headers: { "content-type": "application/problem+json" } });
}

/** The bytes of a file that `parts` makes up piece by piece, or the range of them that is asked for. */
function ranged(request: Request, size: number, parts: Iterator<Uint8Array<ArrayBuffer>>) {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  const from = Number(asked?.[1] ?? 0);
  const to = Math.min(size, asked?.[2] ? Number(asked[2]) + 1 : size);
  if (from >= size) return problem(416, "range", "the file is shorter");
  let at = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(stream) {
      for (;;) {
        const { value, done } = parts.next();
        if (done || at >= to) return stream.close();
        const start = at;
        at += value.length;
        if (at <= from) continue;
        stream.enqueue(value.subarray(Math.max(0, from - start), to - start));
        return;
      }
    },
  });
  const headers: Record<string, string> = {
    "accept-ranges": "bytes",
    "content-length": String(to - from),
    "content-type": "video/mp4",
  };
  if (asked) headers["content-range"] = `bytes ${from}-${to - 1}/${size}`;
  return new Response(body, { status: asked ? 206 : 200, headers });
}

async function clip(request: Request, slug: string, stream: string, from: number, to: number) {
  const film = await filmOf(slug, stream, base);
  const made = clipOf(film, from, Math.min(to, from + CLIP_MS_MAX));
  function* parts() {
    yield made.head;
    for (let number = made.pictures.from; number < made.pictures.to; number++) {
      yield film.picture(number).bytes;
    }
  }
  return ranged(request, made.size, parts());
}

/** Key frames in [from, to) where there is footage, at most `max` of them, evenly spaced. */
async function keyFrames(slug: string, stream: string, params: URLSearchParams) {
  const now = Date.now();
  const from = when(params.get("from"), 0);
  const to = Math.min(when(params.get("to"), now), now);
  const max = Number(params.get("max") ?? 120);
  const film = await filmOf(slug, stream, base);
  const spans = house.footage(house.cameraOf(slug), now);
  const found = new Map<number, ReturnType<typeof film.picture>>();
  for (let i = 0; i < max; i++) {
    const own = film.keyFrom(from + ((to - from) * i) / max);
    if (own.at < to && spans.some((span) => span.from <= own.at && own.at < span.to)) {
      found.set(own.number, own);
    }
  }
  return new Response(keyFramesOf(film, [...found.values()]), {
    headers: { "content-type": "application/vnd.holdfast.keyframes" },
  });
}

async function still(slug: string, params: URLSearchParams) {
  const at = when(params.get("at"), Date.now());
  const { body } = await fetch(new URL(stillName(slug, at), base));
  const headers = { "content-type": "image/jpeg", "x-holdfast-time": new Date(at).toISOString() };
  return new Response(body, { headers });
}

/** The answer to what concerns media; undefined for anything else. */
function media(request: Request): Promise<Response> | undefined {
  const url = new URL(request.url);
  const path = url.href.slice(api.length, url.href.length - url.search.length);
  const [, slug = "", stream = "", leaf] =
    /^cameras\/([^/]+)\/(?:streams\/([^/]+)\/)?(clip\.mp4|keyframes|still\.jpg)$/.exec(path) ?? [];
  const params = url.searchParams;
  const now = Date.now();
  // What is asked of a camera is answered from what is small.
  if (leaf === "keyframes") return keyFrames(slug, stream || "sub", params);
  if (leaf === "still.jpg") return still(slug, params);
  // Of several the first one: no tracks are put together here.
  const [first = "", of = ""] = path === "clip.mp4" ? (params.get("stream") ?? "").split("/") : [];
  if (first)
    return clip(request, first, of, when(params.get("from"), 0), when(params.get("to"), now));
  if (leaf !== "clip.mp4") return undefined;
  return clip(request, slug, stream, when(params.get("from"), 0), when(params.get("to"), now));
}

/** The page, which lies where the demo lies, whatever address it is opened at. */
async function page(): Promise<Response> {
  const text = await (await fetch(base)).text();
  const placed = text.replace('<base href="./"', `<base href="${new URL(base).pathname}"`);
  return new Response(placed, { headers: { "content-type": "text/html; charset=utf-8" } });
}

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) =>
  (event as ExtendableEvent).waitUntil(worker.clients.claim()),
);
worker.addEventListener("message", (event) => {
  const { data, ports } = event as MessageEvent<{ type?: string }>;
  if (data?.type === "claim") void worker.clients.claim();
  // There is no other build that a page could be of.
  if (data?.type === "same-build") ports[0]?.postMessage(true);
});
worker.addEventListener("fetch", (event) => {
  const { request, respondWith } = event as Fetching;
  const answer = (made: Promise<Response>) => respondWith.call(event, made);
  if (request.mode === "navigate" && !request.url.startsWith(api)) {
    if (!/\.[a-z0-9]+$/.test(new URL(request.url).pathname)) answer(page());
  } else if (request.url.startsWith(api)) {
    const failed = (error: unknown) => problem(500, "failed", String(error));
    answer(media(request)?.catch(failed) ?? Promise.resolve(problem(404, "not-found", "")));
  }
});

interface ExtendableEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}
