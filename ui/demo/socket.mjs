// The server's side of a WebSocket, as far as the demo needs it: it only talks.

import { createHash } from "node:crypto";

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Accepts; `closed` is called once. */
export function accept(request, socket, closed) {
  const key = createHash("sha1").update(request.headers["sec-websocket-key"] + MAGIC);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key.digest("base64")}\r\n\r\n`,
  );
  socket.on("close", closed);
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    if ((bytes[0] & 15) === 8) socket.end();
  });
  return (message) => {
    if (socket.destroyed) return;
    const text = typeof message === "string" || !Buffer.isBuffer(message);
    const body = Buffer.isBuffer(message)
      ? message
      : Buffer.from(typeof message === "string" ? message : JSON.stringify(message));
    const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65536 ? 4 : 10);
    head[0] = text ? 0x81 : 0x82;
    if (body.length < 126) head[1] = body.length;
    else if (body.length < 65536) {
      head[1] = 126;
      head.writeUInt16BE(body.length, 2);
    } else {
      head[1] = 127;
      head.writeBigUInt64BE(BigInt(body.length), 2);
    }
    socket.write(Buffer.concat([head, body]));
  };
}
