// The live pictures of one stream, over a WebSocket.

import type { StreamName } from "./footage";
import { at, socketAddress } from "./http";
import type { LiveMessage } from "./types";

export interface LiveListener {
  message(message: LiveMessage): void;
  /** An initialisation or a media segment. */
  segment(bytes: ArrayBuffer): void;
  /** The socket is gone; nothing more comes. */
  closed(): void;
}

/** Opens the stream; the answer closes it, silently. */
export function openLive(of: StreamName, listener: LiveListener): () => void {
  const socket = new WebSocket(socketAddress(at`cameras/${of.camera}/streams/${of.stream}/live`));
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") listener.message(JSON.parse(data) as LiveMessage);
    else listener.segment(data as ArrayBuffer);
  };
  // An error is always followed by a close.
  socket.onclose = () => listener.closed();
  return () => {
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  };
}
