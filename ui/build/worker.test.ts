// The worker in a world of its own: what it keeps, what it leaves alone, what it answers when.

import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { workerOf } from "./worker";

const SCOPE = "https://nvr.example/cams/";
const at = (path: string) => new URL(path, SCOPE).href;

let handlers: Record<string, (event: unknown) => void>;
let stored: Map<string, Map<string, string>>;
let server: (url: string) => Promise<Response>;

beforeEach(async () => {
  vi.useFakeTimers();
  handlers = {};
  stored = new Map([
    ["holdfast-page-/cams/#older", new Map()],
    ["holdfast-page-/#another", new Map()],
    ["holdfast-page-/cams/garage/#another", new Map()],
    ["somebody-else", new Map()],
  ]);
  server = async (url) => new Response(`fresh ${url}`);
  const caches = {
    async open(name: string) {
      const cache = stored.get(name) ?? new Map<string, string>();
      stored.set(name, cache);
      return {
        async addAll(all: Request[]) {
          for (const { url } of all) cache.set(url, `kept ${url}`);
        },
        async match(url: string) {
          const text = cache.get(url);
          return text === undefined ? undefined : new Response(text);
        },
      };
    },
    keys: async () => [...stored.keys()],
    delete: async (name: string) => stored.delete(name),
  };
  const self = {
    registration: { scope: SCOPE },
    clients: { claim: async () => {} },
    skipWaiting: vi.fn(),
    addEventListener: (name: string, handler: (event: unknown) => void) => {
      handlers[name] = handler;
    },
  };
  runInNewContext(workerOf(["assets/app-1.js", "theme.js"], "newer"), {
    self,
    caches,
    URL,
    Request,
    setTimeout,
    fetch: ({ url }: { url: string }) => server(url),
  });
  let done: Promise<unknown> = Promise.resolve();
  handlers.install?.({
    waitUntil: (until: Promise<unknown>) => {
      done = until;
    },
  });
  await done;
});

afterEach(() => vi.useRealTimers());

/** What the worker answers, or undefined where it leaves the request to the browser. */
async function answer(url: string, options = {}) {
  return (await respond(url, options))?.text();
}

async function respond(url: string, { mode = "no-cors", method = "GET" } = {}) {
  let given: Promise<Response> | undefined;
  handlers.fetch?.({
    request: { url, mode, method },
    respondWith: (response: Promise<Response>) => {
      given = response;
    },
  });
  await vi.advanceTimersByTimeAsync(2_000);
  return given;
}

it.each([
  [at("api/v1/cameras"), {}],
  [at("api/v1/cameras/a/streams/main/clip.mp4"), { mode: "navigate" }],
  [at("assets/app-1.js"), { method: "POST" }],
  [at("assets/not-ours.js"), {}],
  [at("recording.mp4"), { mode: "navigate" }],
  ["https://nvr.example/elsewhere/", { mode: "navigate" }],
  ["https://other.example/cams/assets/app-1.js", {}],
])("leaves %s alone (%j)", async (url, options) => {
  expect(await answer(url, options)).toBeUndefined();
});

it("has every file of the build at once", async () => {
  server = () => Promise.reject(new TypeError("offline"));
  expect(await answer(at("assets/app-1.js"))).toBe(`kept ${at("assets/app-1.js")}`);
});

it("takes the server's page while the server answers", async () => {
  expect(await answer(at("live"), { mode: "navigate" })).toBe(`fresh ${at("live")}`);
});

it.each([
  ["is away", () => Promise.reject(new TypeError("offline"))],
  ["is behind a proxy that finds nobody", async () => new Response("bad gateway", { status: 502 })],
  ["takes its time", () => new Promise<Response>(() => {})],
])("opens the kept page when the server %s", async (_, serve) => {
  server = serve;
  expect(await answer(at("timeline?at=x"), { mode: "navigate" })).toBe(`kept ${SCOPE}`);
});

it.each([
  // What a navigation gets for a redirect, which the browser follows when it is handed on.
  ["leads elsewhere to sign in", { type: "opaqueredirect", status: 0, ok: false }],
  ["wants to know who asks", { type: "basic", status: 401, ok: false }],
  ["refuses", { type: "basic", status: 403, ok: false }],
])("hands on what the server says when it %s", async (_, said) => {
  server = async () => said as Response;
  expect(await respond(at("live"), { mode: "navigate" })).toBe(said);
});

it("hands on a failure where there is no kept page", async () => {
  stored.clear();
  server = async () => new Response("bad gateway", { status: 502 });
  expect(await answer(at("live"), { mode: "navigate" })).toBe("bad gateway");
});

it("forgets earlier builds, and nobody else's things: no other recorder's behind the same proxy", async () => {
  let done: Promise<unknown> = Promise.resolve();
  handlers.activate?.({
    waitUntil: (until: Promise<unknown>) => {
      done = until;
    },
  });
  await done;
  expect([...stored.keys()].sort()).toEqual([
    "holdfast-page-/#another",
    "holdfast-page-/cams/#newer",
    "holdfast-page-/cams/garage/#another",
    "somebody-else",
  ]);
});

it("knows the pages of its own build", () => {
  const ask = (urls: string[]) => {
    const postMessage = vi.fn();
    handlers.message?.({ data: { type: "same-build", urls }, ports: [{ postMessage }] });
    return postMessage.mock.calls[0]?.[0];
  };
  expect(ask([at("assets/app-1.js"), at("theme.js")])).toBe(true);
  expect(ask([at("assets/app-0.js"), at("theme.js")])).toBe(false);
});
