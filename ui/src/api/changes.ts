// What changes on the server, as it happens.

import { socketAddress } from "./http";
import type { ChangeMessage } from "./types";

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 8_000;
/** While anything is recorded there is a word every second; a socket that is mute is opened anew. */
const SILENCE_MS = 40_000;
const LOOK_MS = 5_000;

export interface ChangesListener {
  message(message: ChangeMessage): void;
  /** The connection is gone (a new one is tried by itself), or is back. */
  connected(yes: boolean): void;
}

export interface Changes {
  /** The connection may be dead without knowing: a new one in its place. */
  renew(): void;
  stop(): void;
}

/** Listens until it is stopped; reconnects by itself. */
export function listenToChanges(listener: ChangesListener): Changes {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = RETRY_MS_MIN;
  let heardAt = 0;

  function open() {
    clearTimeout(timer);
    heardAt = performance.now();
    socket = new WebSocket(socketAddress("changes"));
    socket.onopen = () => {
      wait = RETRY_MS_MIN;
      listener.connected(true);
    };
    socket.onmessage = ({ data }) => {
      heardAt = performance.now();
      listener.message(JSON.parse(data as string) as ChangeMessage);
    };
    socket.onclose = () => {
      socket = undefined;
      listener.connected(false);
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, RETRY_MS_MAX);
    };
  }

  function drop() {
    clearTimeout(timer);
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    socket = undefined;
  }

  function renew() {
    drop();
    wait = RETRY_MS_MIN;
    open();
  }

  /** The machine woke up or the network came back: no reason to sit out the wait. */
  function hurry() {
    if (!socket && document.visibilityState === "visible") {
      wait = RETRY_MS_MIN;
      open();
    }
  }

  const looking = setInterval(() => {
    if (socket && performance.now() - heardAt > SILENCE_MS) renew();
  }, LOOK_MS);

  open();
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  return {
    renew,
    stop() {
      removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", hurry);
      clearInterval(looking);
      drop();
    },
  };
}
