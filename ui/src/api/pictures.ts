// Single pictures out of the archive: encoded key frames, and stills.

import type { StreamName } from "./footage";
import { ApiError, address, askBytes, at } from "./http";

/** No key frame at all, as the server would say it. */
const NONE = new Uint8Array([0x68, 0x66, 0x6b, 0x66, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).buffer;

/** At most `max` key frames of a camera in [from, to), evenly spaced, `width` pixels wide or so. */
export async function getKeyFrames(
  camera: string,
  range: { from: number; to: number },
  max: number,
  width: number,
  signal?: AbortSignal,
): Promise<ArrayBuffer> {
  return keyFrames(at`cameras/${camera}/keyframes`, range, { max, width }, signal);
}

/** The same of one of its streams, as large as it is. */
export async function getKeyFramesOf(
  { camera, stream }: StreamName,
  range: { from: number; to: number },
  max: number,
  signal?: AbortSignal,
): Promise<ArrayBuffer> {
  const path = at`cameras/${camera}/streams/${stream}/keyframes`;
  return keyFrames(path, range, { max }, signal);
}

/** The first `bytes` of the answer about the first key frame of a stream in the range. */
export async function getFirstKeyFrame(
  { camera, stream }: StreamName,
  range: { from: number; to: number },
  bytes: number,
): Promise<ArrayBuffer> {
  const path = at`cameras/${camera}/streams/${stream}/keyframes`;
  return keyFrames(path, range, { max: 1 }, undefined, { from: 0, to: bytes });
}

async function keyFrames(
  path: string,
  range: { from: number; to: number },
  query: { max: number; width?: number },
  signal?: AbortSignal,
  bytes?: { from: number; to: number },
): Promise<ArrayBuffer> {
  const { from, to } = { from: Math.floor(range.from), to: Math.ceil(range.to) };
  const url = address(path, { from, to, ...query });
  try {
    return await (await askBytes(url, signal, bytes)).arrayBuffer();
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 404) return NONE;
    throw error;
  }
}

/** The picture of a camera at an instant, or shortly before it; as large as it is without `width`. */
export async function getStill(
  camera: string,
  time: number,
  width?: number,
  signal?: AbortSignal,
): Promise<Blob> {
  const url = address(at`cameras/${camera}/still.jpg`, { at: Math.floor(time), width });
  return (await askBytes(url, signal)).blob();
}
