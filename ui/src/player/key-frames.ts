// Reads what the server answers to a question for key frames (docs/format/keyframes.md).

/** What a decoder has to be told before it gets a picture. */
export interface KeyConfig {
  /** By its RFC 6381 name, or `jpeg`. */
  codec: string;
  /** Of the shown picture, in pixels that may not be square. */
  width: number;
  height: number;
  /** Width of a pixel over its height. */
  pixelAspect: number;
  /** The body of `avcC` or `hvcC`; empty for JPEG. */
  description: Uint8Array<ArrayBuffer>;
}

export interface KeyFrame {
  /** When it is presented, in milliseconds since 1970, exact to the microsecond. */
  at: number;
  config: KeyConfig;
  bytes: Uint8Array<ArrayBuffer>;
}

const HEAD_BYTES = 16;
const MAGIC = 0x68666b66; // "hfkf"
const VERSION = 1;

/** The key frames in `buffer`, by time. They look into it and keep it alive. */
export function parseKeyFrames(buffer: ArrayBuffer): KeyFrame[] {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEAD_BYTES || view.getUint32(0) !== MAGIC) {
    throw new Error("this is no list of key frames");
  }
  if (view.getUint8(4) !== VERSION)
    throw new Error("this list of key frames is of another version");
  const configs: KeyConfig[] = [];
  let at = HEAD_BYTES;
  for (let i = view.getUint16(6); i > 0; i--) at = readConfig(view, at, configs);
  if (at !== HEAD_BYTES + view.getUint32(12)) throw new Error("configurations end elsewhere");
  const frames: KeyFrame[] = [];
  for (let i = view.getUint32(8); i > 0; i--) {
    const micros = view.getBigInt64(at);
    const config = configs[view.getUint16(at + 8)];
    const length = view.getUint32(at + 12);
    if (!config) throw new Error("a key frame names no configuration");
    frames.push({ at: Number(micros) / 1000, config, bytes: slice(view, at + 16, length) });
    at += 16 + length;
  }
  if (at !== buffer.byteLength) throw new Error("the list of key frames ends elsewhere");
  return frames;
}

/** How many bytes {@link firstKeyFrameTime} looks at, at most. */
export const FIRST_BYTES = 4096;

/** The instant of the first key frame, from the first bytes of the answer alone. */
export function firstKeyFrameTime(buffer: ArrayBuffer): number | undefined {
  const view = new DataView(buffer);
  if (view.byteLength < HEAD_BYTES || view.getUint32(0) !== MAGIC || view.getUint32(8) === 0) {
    return undefined;
  }
  const at = HEAD_BYTES + view.getUint32(12);
  return at + 8 <= view.byteLength ? Number(view.getBigInt64(at)) / 1000 : undefined;
}

function readConfig(view: DataView, start: number, into: KeyConfig[]): number {
  const named = view.getUint8(start);
  const codec = String.fromCharCode(...slice(view, start + 1, named));
  const at = start + 1 + named;
  const [width, height] = [view.getUint16(at), view.getUint16(at + 2)];
  const pixelAspect = view.getUint16(at + 4) / Math.max(1, view.getUint16(at + 6)) || 1;
  const length = view.getUint32(at + 8);
  const description = slice(view, at + 12, length);
  into.push({ codec, width, height, pixelAspect, description });
  return at + 12 + length;
}

/** Throws where the buffer is shorter. */
function slice(view: DataView, at: number, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer as ArrayBuffer, at, length);
}
