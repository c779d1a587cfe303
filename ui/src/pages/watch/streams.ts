// Which of a camera's streams a tile shows.

import type { Camera, Stream, VideoTrack } from "../../api/types";
import type { Sent } from "../../player/ladder";
import { mediaSource } from "../../player/live-player";

/** A picture may be shown this much larger than it is before the finer stream is worth it. */
export const STRETCH = 1.35;

function video(stream: Stream): VideoTrack | undefined {
  return stream.tracks.find((track): track is VideoTrack => track.kind === "video");
}

/** Whether this browser plays such live pictures. */
export function playsLive({ codec_string }: VideoTrack): boolean {
  if (!codec_string) return false;
  const type = `video/mp4; codecs="${codec_string}"`;
  const media = mediaSource();
  // Without it the browser plays playlists by itself, if anything.
  return media
    ? media.isTypeSupported(type)
    : document.createElement("video").canPlayType(type) !== "";
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
 * The stream that a live tile of this width shows: one that comes before one that does not.
 *
 * @param down the names of those that do not come
 */
export function pickLive(
  camera: Camera,
  devicePx: number,
  plays: (track: VideoTrack) => boolean,
  down: ReadonlySet<string>,
): Stream | undefined {
  const liked = pickStream(camera, devicePx, plays, ({ state }) => state !== "paused");
  if (!liked || !down.has(liked.name)) return liked;
  const comes = ({ name, state }: Stream) =>
    !down.has(name) && (state === "playing" || state === "connecting");
  return camera.streams.some(comes) ? pickStream(camera, devicePx, plays, comes) : liked;
}

/** Whether a stream has footage, or will have. */
export function keeps({ recorded, recording }: Stream): boolean {
  return recorded !== undefined || recording === "on";
}

/**
 * The streams whose footage a tile of this width shows, the best first: where one has none, the
 * next one's is shown. The one alone that cannot be played where none can.
 */
export function recordedStreams(
  camera: Camera,
  devicePx: number,
  plays: (track: VideoTrack) => boolean,
): Stream[] {
  const best = pickStream(camera, devicePx, plays, keeps);
  const playable = (stream: Stream) => {
    const track = video(stream);
    return !track || plays(track);
  };
  if (!best || !playable(best)) return best ? [best] : [];
  const width = (stream: Stream) => video(stream)?.width ?? 0;
  const others = camera.streams.filter((each) => each !== best && keeps(each) && playable(each));
  others.sort((a, b) => width(a) - width(b));
  // A finer one is as sharp; of those that are not, the one that is least blurred.
  const finer = others.filter((each) => width(each) >= width(best));
  return [best, ...finer, ...others.filter((each) => !finer.includes(each)).reverse()];
}

/**
 * Whether the picture may fill its tile: the tile has its shape, but for rounding. (Filling also
 * shows pixels that are not square in the right shape.)
 */
export function fills(stream: Stream | undefined, width: number, height: number): boolean {
  const aspect = stream && video(stream)?.aspect;
  return !aspect || Math.abs(aspect / (width / height) - 1) < 0.03;
}

/** What the stream sends, as far as it is known. */
export function sentBy(stream: Stream | undefined): Sent {
  const track = stream && video(stream);
  if (!track) return "playable";
  if (track.codec === "MJPEG") return "pictures";
  return playsLive(track) ? "playable" : "unplayable";
}
