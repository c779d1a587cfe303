// The WebSockets of a recorder, as far as the page opens them: what changes, and what is live.

import { fragmentOf, initOf } from "./mp4";
import { filmOf } from "./scenes";

/** Pictures are sent so often, all that have come meanwhile in one fragment. */
const SEND_MS = 120;
/** As WebSocket calls them, whose place this takes. */
const [CONNECTING, OPEN, CLOSED] = [0, 1, 3];
/** What was recorded so long ago is durable. */
const DURABLE_MS = 600;

type Hear = (data: string | ArrayBuffer) => void;

interface Camera {
  slug: string;
  gone?: boolean;
}

export interface Recorder {
  base: string;
  cameras(): Camera[];
  /** Since when a camera that is gone sends nothing. */
  goneSince(slug: string): number | undefined;
  /** The tracks of one of its streams. */
  tracks(slug: string, stream: string): unknown[];
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Tells what changes until the answer is called. */
function changes(recorder: Recorder, hear: Hear): () => void {
  const say = (message: object) => hear(JSON.stringify(message));
  say({ type: "reset", now: iso(Date.now()) });
  const timer = setInterval(() => {
    for (const { slug, gone } of recorder.cameras()) {
      const durable_until = iso(Date.now() - DURABLE_MS);
      for (const stream of gone ? [] : ["main", "sub"]) {
        say({ type: "footage", camera: slug, stream, durable_until });
      }
    }
  }, 1000);
  return () => clearInterval(timer);
}

/** Sends what is live until the answer is called. */
function live(recorder: Recorder, slug: string, stream: string, hear: Hear): () => void {
  const say = (message: object) => hear(JSON.stringify(message));
  const since = recorder.goneSince(slug);
  if (since !== undefined) {
    const state = { type: "state", state: "no-signal", since: iso(since), cause: "camera-gone" };
    say(state);
    // A socket that says nothing at all counts as dead.
    const timer = setInterval(() => say(state), 5_000);
    return () => clearInterval(timer);
  }
  say({ type: "state", state: "live", since: iso(Date.now()) });
  let timer: ReturnType<typeof setInterval> | undefined;
  let ended = false;
  void filmOf(slug, stream, recorder.base).then((film) => {
    if (ended) return;
    const key = film.keyBefore(Date.now());
    let [next, sequence] = [key.number, 1];
    const tracks = recorder.tracks(slug, stream);
    const mime = `video/mp4; codecs="${film.codec}"`;
    say({ type: "init", mime, tracks, left_out: [], run: "r" });
    hear(initOf(film).buffer);
    say({ type: "clock", media_s: film.delay / 1000, wall: iso(key.at) });
    const send = () => {
      const pictures = [];
      while ((next + 1) * film.step <= Date.now()) pictures.push(film.picture(next++));
      if (pictures.length > 0) hear(fragmentOf(film, pictures, key.at, sequence++).buffer);
    };
    send();
    timer = setInterval(send, SEND_MS);
  });
  return () => {
    ended = true;
    clearInterval(timer);
  };
}

/** Takes the place of WebSocket for addresses of the recorder. */
export function socketsOf(recorder: Recorder): typeof WebSocket {
  const api = new URL("api/v1/", recorder.base);
  class Socket extends EventTarget {
    binaryType: BinaryType = "arraybuffer";
    readyState = CONNECTING;
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
    onclose: (() => void) | null = null;
    onerror: (() => void) | null = null;
    private stop = () => {};

    constructor(readonly url: string | URL) {
      super();
      const path = new URL(url).pathname.slice(api.pathname.length);
      const [, slug, stream] = /^cameras\/([^/]+)\/streams\/([^/]+)\/live$/.exec(path) ?? [];
      setTimeout(() => {
        if (this.readyState === CLOSED) return;
        this.readyState = OPEN;
        this.onopen?.();
        const hear: Hear = (data) => this.onmessage?.({ data });
        if (path === "changes") this.stop = changes(recorder, hear);
        else if (slug && stream) this.stop = live(recorder, slug, stream, hear);
        else this.close();
      });
    }

    send(): void {}

    close(): void {
      if (this.readyState === CLOSED) return;
      this.readyState = CLOSED;
      this.stop();
      setTimeout(() => this.onclose?.());
    }
  }
  return Socket as unknown as typeof WebSocket;
}
