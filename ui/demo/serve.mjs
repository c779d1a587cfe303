// The interface without a recorder: `npm run build && npm run demo`. Needs ffmpeg for its pictures.
// DEMO_FILMS=driveway=/a.mp4,hall=/b.mp4 shows films of your own; DEMO_EMPTY=1 has no cameras,
// DEMO_MANY=16 so many with a year of footage.

import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as house from "./house.mjs";
import { clip, live, scene } from "./scenes.mjs";
import { accept } from "./socket.mjs";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const films = Object.fromEntries(
  (process.env.DEMO_FILMS ?? "").split(",").map((f) => f.split("=")),
);
const many = Number(process.env.DEMO_MANY ?? 0);
const cameras = process.env.DEMO_EMPTY ? [] : many > 0 ? house.many(many) : house.cameras;
const scenes = new Map(
  cameras.map(({ scene: name, hue, slug }) => [slug, scene(name, films[name], hue)]),
);
let signedIn = !process.env.DEMO_LOGIN;
const setupNeeded = !!process.env.DEMO_SETUP;

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

function json(response, body, status = 200) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

function problem(response, status, type, detail) {
  json(response, { type, title: type, status, detail }, status);
}

function file(request, response, path, headers) {
  const size = statSync(path).size;
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? [];
  const start = Number(from ?? 0);
  const end = to ? Math.min(Number(to), size - 1) : size - 1;
  response.writeHead(from === undefined ? 200 : 206, {
    ...headers,
    "accept-ranges": "bytes",
    "content-length": end - start + 1,
    ...(from === undefined ? {} : { "content-range": `bytes ${start}-${end}/${size}` }),
  });
  createReadStream(path, { start, end }).pipe(response);
}

const when = (text, other) =>
  text === null ? other : /^\d+$/.test(text) ? Number(text) : Date.parse(text);

async function stream(request, response, url, slug, name, leaf) {
  const camera = cameras.find((c) => c.slug === slug);
  if (!camera) return problem(response, 404, "no-such-camera", "there is no such camera");
  const now = Date.now();
  const from = when(url.searchParams.get("from"), 0);
  const to = when(url.searchParams.get("to"), now);
  if (leaf === "timeline") {
    const ms = Number.parseFloat(url.searchParams.get("resolution") ?? "1000");
    return json(response, house.timeline(camera, from, to, ms, now));
  }
  if (leaf === "recordings") {
    const limit = Number(url.searchParams.get("limit") ?? 50);
    const cursor = url.searchParams.get("cursor");
    return json(response, house.recordings(camera, name, from, to, now, cursor, limit));
  }
  const path = await clip(scenes.get(slug), camera.scene, from, Math.min(to, from + 60_000));
  file(request, response, path, { "content-type": "video/mp4" });
}

async function api(request, response, url, path) {
  const now = Date.now();
  if (path === "login" || path === "logout" || path === "setup") {
    signedIn = path !== "logout";
    return json(response, undefined, 204);
  }
  if (path === "") {
    return json(response, {
      name: "holdfast",
      version: "0.1.0",
      archive: "demo",
      caller: signedIn ? { kind: "user", name: "demo" } : { kind: "anonymous" },
      permissions: signedIn
        ? ["public", "signed-in", "view-live", "view-footage", "export"]
        : ["public"],
      time_zone: "Europe/Berlin",
      now: new Date(now).toISOString(),
      setup_needed: setupNeeded && !signedIn,
    });
  }
  if (!signedIn) return problem(response, 401, "unauthenticated", "sign in first");
  if (path === "cameras") {
    return json(response, { cameras: cameras.map((camera) => house.describe(camera, now)) });
  }
  if (path === "alarms") return json(response, { alarms: house.alarms(now) });
  const parts = /^cameras\/([^/]+)\/streams\/([^/]+)\/(timeline|recordings|clip\.mp4)$/.exec(path);
  if (parts) return stream(request, response, url, parts[1], parts[2], parts[3]);
  problem(response, 404, "no-such-route", "there is nothing here");
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://demo");
  if (url.pathname.startsWith("/api/v1/")) {
    api(request, response, url, url.pathname.slice(8)).catch((error) =>
      problem(response, 500, "failed", String(error)),
    );
    return;
  }
  const path = join(dist, url.pathname);
  const known = existsSync(path) && statSync(path).isFile() ? path : join(dist, "index.html");
  const headers = { "content-type": TYPES[extname(known)] ?? "application/octet-stream" };
  response.writeHead(200, { ...headers, "content-security-policy": POLICY });
  response.end(readFileSync(known));
});

server.on("upgrade", (request, socket) => {
  const { pathname } = new URL(request.url, "http://demo");
  if (pathname === "/api/v1/changes") {
    const send = accept(request, socket, () => clearInterval(timer));
    send({ type: "reset", now: new Date().toISOString() });
    const timer = setInterval(() => {
      for (const { slug, gone } of cameras) {
        if (gone) continue;
        const durable_until = new Date(Date.now() - 600).toISOString();
        send({ type: "footage", camera: slug, stream: "main", durable_until });
        send({ type: "footage", camera: slug, stream: "sub", durable_until });
      }
    }, 1000);
    return;
  }
  const [, slug] = /^\/api\/v1\/cameras\/([^/]+)\/streams\/[^/]+\/live$/.exec(pathname) ?? [];
  const camera = cameras.find((c) => c.slug === slug);
  if (!camera) return socket.destroy();
  let stop = () => {};
  const send = accept(request, socket, () => stop());
  if (camera.gone) {
    const since = house.breaks(camera, Date.now()).at(-1).from;
    send({
      type: "state",
      state: "no-signal",
      since: new Date(since).toISOString(),
      cause: "camera-gone",
    });
    return;
  }
  send({ type: "state", state: "live", since: new Date().toISOString() });
  stop = live(
    scenes.get(slug),
    (bytes) => {
      const tracks = house.describe(camera, Date.now()).streams[0].tracks;
      send({
        type: "init",
        mime: 'video/mp4; codecs="avc1.64001f"',
        tracks,
        left_out: [],
        run: "r",
      });
      send(bytes);
      send({ type: "clock", media_s: 0, wall: new Date(Date.now() - 200).toISOString() });
    },
    (bytes) => send(bytes),
  );
});

const [host, port] = (process.env.DEMO_LISTEN ?? "127.0.0.1:5180").split(":");
server.listen(Number(port), host, () => console.log(`http://${host}:${server.address().port}/`));
