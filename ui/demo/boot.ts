// The page without a recorder: what it asks is answered in this window, media by the worker.

import { recorder } from "./api.mjs";
import { exportFile, newKey } from "./export-file";
import { tracks } from "./house.mjs";
import { filmOf, stillName } from "./scenes";
import { socketsOf } from "./sockets";

const base = document.baseURI;
const api = new URL("api/v1/", base);
/** Media of cameras come from the worker. */
const MEDIA = /\/(clip\.mp4|keyframes|still\.jpg|live\.m3u8)$/;
const STATE = "holdfast.demo";

/** `/?demo=empty`, `many`, `login` or `setup`: until this window is closed, or another is chosen. */
function stateOf(): string {
  const chosen = new URLSearchParams(location.search).get("demo");
  if (chosen !== null) sessionStorage.setItem(STATE, chosen);
  return sessionStorage.getItem(STATE) ?? "";
}

const key = await newKey();
const still = () => new URL(stillName("garden", 0), base).href;
const house = recorder(stateOf(), key?.public ?? "00".repeat(32), still);

const files = new Map<string, Promise<Blob>>();

/** The file of an export that is done. */
function fileOf(id: string): Promise<Blob> | undefined {
  const own = house.exportOf(id);
  if (!key || own?.state !== "done") return undefined;
  const made = files.get(id) ?? exportFile(own, key, (...of) => filmOf(...of, base));
  files.set(id, made);
  return made;
}

/** All of a file, or the range of it that is asked for. */
async function sent(file: Promise<Blob> | undefined, range: string | null): Promise<Response> {
  if (!file) return new Response("there is no such file", { status: 404 });
  const whole = await file;
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (from === undefined) return new Response(whole);
  const end = to ? Number(to) + 1 : whole.size;
  return new Response(whole.slice(Number(from), end), { status: 206 });
}

/** The list says how large the files are, which is known when they are made. */
async function weighed(list: { exports: { id: string; bytes: number; written_bytes: number }[] }) {
  for (const own of list.exports) {
    const size = (await fileOf(own.id))?.size;
    if (size) Object.assign(own, { bytes: size, written_bytes: size });
  }
}

const ask = globalThis.fetch.bind(globalThis);
globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input, base);
  if (!url.href.startsWith(api.href) || MEDIA.test(url.pathname)) return ask(input, init);
  init?.signal?.throwIfAborted();
  const path = url.pathname.slice(api.pathname.length);
  const [, id] = /^exports\/([^/]+)\/export\.zip$/.exec(path) ?? [];
  if (id) return sent(fileOf(id), new Headers(init?.headers).get("range"));
  const method = init?.method ?? "GET";
  const asked = typeof init?.body === "string" ? JSON.parse(init.body) : undefined;
  const { status, body } = house.answer(method, path, url.searchParams, asked);
  if (`${method} ${path}` === "GET exports") await weighed(body);
  const text = body === undefined ? null : JSON.stringify(body);
  return new Response(text, { status, headers: { "content-type": "application/json" } });
};

globalThis.WebSocket = socketsOf({
  base,
  cameras: house.cameras,
  goneSince: house.goneSince,
  tracks: (_, stream) => tracks(stream),
});

/** Downloads pass workers by: a link to one is followed by hand. */
addEventListener("click", (event) => {
  const link = (event.target as Element | null)?.closest<HTMLAnchorElement>("a[download]");
  if (!link?.href.startsWith(api.href)) return;
  event.preventDefault();
  void fetch(link.href).then(async (answer) => {
    const parts = new URL(link.href).pathname.split("/");
    const one = parts.at(-1) === "clip.mp4" && parts.at(-3) === "streams";
    const name = link.download || (one ? `${parts.at(-4)}.mp4` : parts.at(-1));
    const url = URL.createObjectURL(await answer.blob());
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  });
});

/** Waits until the worker answers for this window. */
async function workerReady(): Promise<void> {
  const { serviceWorker } = navigator;
  await serviceWorker.register(new URL("sw.js", base), { updateViaCache: "none" });
  const { active } = await serviceWorker.ready;
  if (serviceWorker.controller) return;
  const taken = new Promise((resolve) =>
    serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
  );
  // A window that was loaded past the worker has to ask for it.
  active?.postMessage({ type: "claim" });
  await taken;
}

if ("serviceWorker" in navigator) {
  await workerReady();
  await import("../src/main");
} else {
  document.body.textContent = "This demonstration needs https, or an address of this machine.";
}
