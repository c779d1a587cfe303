// The live pictures of one stream, over a WebSocket.

import type { StreamName } from "./footage";
import { address, at, picture, socketAddress } from "./http";
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

/** The address of the stream as a live HLS playlist. */
export function livePlaylist(of: StreamName): string {
  return address(at`cameras/${of.camera}/streams/${of.stream}/live.m3u8`).href;
}

/** The newest picture there is, so many pixels across at most, and the instant it is of. */
export async function newestStill(of: StreamName, width: number, signal: AbortSignal) {
  const path = at`cameras/${of.camera}/streams/${of.stream}/still.jpg`;
  const answer = await picture(path, { at: "now", width: Math.max(1, Math.round(width)) }, signal);
  const time = Date.parse(answer.headers.get("x-holdfast-time") ?? "");
  return { picture: await answer.blob(), at: Number.isNaN(time) ? undefined : time };
}

/** Whether a socket gets through and says something. */
export function probeLive(of: StreamName, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (good: boolean) => {
      clearTimeout(timer);
      close();
      resolve(good);
    };
    const timer = setTimeout(() => end(false), patience);
    const close = openLive(of, {
      message: () => end(true),
      segment: () => end(true),
      closed: () => end(false),
    });
  });
}
