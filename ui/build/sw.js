// Keeps the page itself on the device, so that it opens on a slow link and while the server is away.
// What the interface answers is never kept, nor any footage. The build fills in FILES and BUILD.

const BUILD = "__BUILD__";
/** Every file of the page, relative to the scope; "./" is the page. */
const FILES = __FILES__;

/** A server that answers sooner than this gives its own, newest page. */
const PATIENCE_MS = 1_500;

const scope = new URL(self.registration.scope);
/** Other recorders may live on the same origin, each below a path of its own; no path has a "#". */
const PREFIX = `holdfast-page-${scope.pathname}#`;
const CACHE = PREFIX + BUILD;
const kept = new Set(FILES.map((file) => new URL(file, scope).href));

async function keep() {
  const cache = await caches.open(CACHE);
  // Names with a hash never change; the others are asked for again.
  await cache.addAll(FILES.map((file) => new Request(new URL(file, scope), { cache: "no-cache" })));
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function fromCache(url) {
  const cache = await caches.open(CACHE);
  return cache.match(url, { ignoreVary: true });
}

/**
 * What the server says if it comes in time, the kept page otherwise. A redirect or a refusal is an
 * answer: behind a proxy that wants people signed in, it is the way there.
 */
async function page(request) {
  const fresh = fetch(request);
  const fit = fresh.then((answer) => (answer.status < 500 ? answer : undefined));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const first = await Promise.race([fit, late]).catch(() => undefined);
  // Without a kept page the answer is waited for, whatever it is.
  return first ?? (await fromCache(scope.href)) ?? fresh;
}

async function file(request) {
  return (await fromCache(request.url)) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(keep()));

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  const { type, urls = [] } = event.data ?? {};
  // Whether a page that was made of these files is of this build.
  if (type === "same-build") event.ports[0]?.postMessage(urls.every((url) => kept.has(url)));
  if (type === "take-over") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.origin) return;
  if (!url.pathname.startsWith(scope.pathname)) return;
  const path = url.pathname.slice(scope.pathname.length);
  if (path === "api" || path.startsWith("api/")) return;
  const isFile = (path.split("/").at(-1) ?? "").includes(".");
  if (request.mode === "navigate") {
    if (!isFile) event.respondWith(page(request));
  } else if (kept.has(url.href)) event.respondWith(file(request));
});
