// Which of a camera's streams a tile shows.

import type { Camera, Stream, VideoTrack } from "../../api/types";
import { mediaSource } from "../../player/live-player";

/** A picture may be shown this much larger than it is before the finer stream is worth it. */
const STRETCH = 1.35;

function video(stream: Stream): VideoTrack | undefined {
  return stream.tracks.find((track): track is VideoTrack => track.kind === "video");
}

/** Whether this browser plays such live pictures. */
export function playsLive({ codec_string }: VideoTrack): boolean {
  if (!codec_string) return false;
  return mediaSource()?.isTypeSupported(`video/mp4; codecs="${codec_string}"`) ?? false;
}

/** Whether this browser plays such recorded pictures. */
export function playsRecorded({ codec_string }: VideoTrack): boolean {
  if (!codec_string) return false;
  const probe = document.createElement("video");
  return probe.canPlayType(`video/mp4; codecs="${codec_string}"`) !== "";
}

/**
 * The coarsest stream that is still sharp at this width in device pixels, of those that can be
 * played; the first one where none can, so that the tile says why.
 */
export function pickStream(
  camera: Camera,
  devicePx: number,
  plays: (track: VideoTrack) => boolean,
  usable: (stream: Stream) => boolean,
): Stream | undefined {
  const candidates = camera.streams.filter(usable);
  const playable = candidates.filter((stream) => {
    const track = video(stream);
    return !track || plays(track);
  });
  const sorted = [...playable].sort((a, b) => (video(a)?.width ?? 0) - (video(b)?.width ?? 0));
  const known = sorted.filter((stream) => video(stream));
  return (
    known.find((stream) => (video(stream)?.width ?? 0) * STRETCH >= devicePx) ??
    known.at(-1) ??
    playable[0] ??
    candidates[0] ??
    camera.streams[0]
  );
}

/**
 * Whether the picture may fill its tile: the tile has its shape, but for rounding. (Filling also
 * shows pixels that are not square in the right shape.)
 */
export function fills(stream: Stream | undefined, width: number, height: number): boolean {
  const aspect = stream && video(stream)?.aspect;
  return !aspect || Math.abs(aspect / (width / height) - 1) < 0.03;
}
