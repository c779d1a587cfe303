// What changes on the server, as it happens.

import { socketAddress } from "./http";
import type { ChangeMessage } from "./types";

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 8_000;

export interface ChangesListener {
  message(message: ChangeMessage): void;
  /** The connection is gone (a new one is tried by itself), or is back. */
  connected(yes: boolean): void;
}

/** Listens until the returned function is called; reconnects by itself. */
export function listenToChanges(listener: ChangesListener): () => void {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = RETRY_MS_MIN;

  function open() {
    clearTimeout(timer);
    socket = new WebSocket(socketAddress("changes"));
    socket.onopen = () => {
      wait = RETRY_MS_MIN;
      listener.connected(true);
    };
    socket.onmessage = ({ data }) => listener.message(JSON.parse(data as string) as ChangeMessage);
    socket.onclose = () => {
      socket = undefined;
      listener.connected(false);
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, RETRY_MS_MAX);
    };
  }

  /** The machine woke up or the network came back: no reason to sit out the wait. */
  function hurry() {
    if (!socket && document.visibilityState === "visible") {
      wait = RETRY_MS_MIN;
      open();
    }
  }

  open();
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  return () => {
    removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    clearTimeout(timer);
    if (socket) {
      socket.onclose = null;
      socket.close();
    }
  };
}
