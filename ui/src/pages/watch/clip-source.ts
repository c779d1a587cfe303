// Where a tile's recorded pictures come from: a camera's footage, by the server's addresses.

import { clipUrl, getClipBytes, type StreamName } from "../../api/footage";
import { ApiError } from "../../api/http";
import { getFirstKeyFrame, getKeyFrames, getKeyFramesOf, getStill } from "../../api/pictures";
import type { Camera } from "../../api/types";
import { type CameraSource, firstThatHas, type StreamSource } from "../../player/clip-streams";
import { headLength, readClipTable } from "../../player/clip-table";
import { type FrameTable, frameTable } from "../../player/frames";
import { FIRST_BYTES, firstKeyFrameTime } from "../../player/key-frames";
import type { PictureSource } from "../../player/picture-player";
import { type Piece, planAt } from "../../player/plan";
import { cameras, videoOf } from "../../state/cameras.svelte";
import { session } from "../../state/session.svelte";
import { type Span, spanAt } from "../../timeline/spans";
import { neighbourOf } from "./neighbour";
import { playsRecorded } from "./streams";

/** Footage grows when its end was moved a moment ago. */
const GROWING_MS = 15_000;
/** While it is not known what is durable, what is younger than this is left alone. */
const UNSAFE_MS = 2_000;
/** In so much before a picture there is another one, unless the camera paused. */
const LEAD_MS = 20_000;
/** Enough for the head of half a minute. */
const HEAD_BYTES = 32_768;
/** Pieces of a stream of which it is kept whether they show something. */
const ANSWERS_MAX = 32;

/**
 * @param streams of these the first that has footage is played; at least one
 * @param scrubWidth how many pixels across suffice under a hand that drags
 */
export function clipSource(
  camera: string,
  streams: readonly string[],
  scrubWidth: () => number,
): CameraSource & PictureSource {
  const of = streams.map((stream) => ({ camera, stream }));
  const each = of.map((stream) => streamSource(stream, scrubWidth));
  const source = firstThatHas(each);
  return { ...source, neighbour: neighbourIn(of, source, each) };
}

/** Steps through the key frames of the first of the streams that has some there. */
function neighbourIn(of: readonly StreamName[], source: CameraSource, each: StreamSource[]) {
  return neighbourOf({
    async first(from, to) {
      const end = Math.min(to, source.scrub.bounds().to);
      for (const stream of of) {
        const at = await keyFrameTime(stream, from, end);
        if (at !== undefined) return at;
      }
      return undefined;
    },
    before: source.before,
    async next(time) {
      const starts = await Promise.all(each.map((stream) => stream.next(time)));
      const known = starts.filter((start) => start !== undefined);
      return known.length > 0 ? Math.min(...known) : undefined;
    },
  });
}

function streamSource(of: StreamName, scrubWidth: () => number): StreamSource {
  const footage = cameras.footage(of);
  const shows = picturesOf(of);
  /**
   * The end of what is recorded before an instant, of which `ask` finds the span. Clips are of whole
   * milliseconds: footage that begins in the one of the instant has nothing before it.
   */
  async function endOf(
    ask: (time: number) => Promise<Span | undefined>,
    time: number,
    length: number,
  ): Promise<Piece | undefined> {
    const end = Math.floor(time);
    const span = await ask(end);
    if (!span) return undefined;
    const to = Math.min(Math.ceil(span.to), end);
    const from = Math.max(Math.floor(span.from), to - length);
    return from < to ? { from, to } : undefined;
  }
  const before = (time: number, length: number) =>
    endOf((end) => footage.before(end), time, length);
  const bounds = () => ({
    from: footage.recorded?.from ?? 0,
    to: footage.durableUntil ?? session.now() - UNSAFE_MS,
  });
  return {
    name: of.stream,
    async near(time, length) {
      const spans = await footage.around(time, length);
      const until = footage.durableUntil;
      const growing = until !== undefined && session.now() - until < GROWING_MS;
      return planAt(time, spans, length, growing ? until : undefined);
    },
    next: (time) => footage.next(time),
    url: (piece) => clipUrl(of, piece.from, piece.to),
    frames: (piece) => framesOf(of, piece),
    before,
    lately: (time, length) => endOf((end) => footage.lately(end), time, length),
    async hasPictures(piece) {
      const span = spanAt(await footage.around(piece.from, 0), piece.from);
      const from = Math.max(Math.floor(span?.from ?? piece.from), piece.from - LEAD_MS);
      // Footage begins with a picture.
      return from >= piece.from || shows(piece, from);
    },
    gapAt: (time) => footage.gapAt(time),
    reverse: {
      before,
      clip: (piece, signal) => getClipBytes(of, piece, undefined, signal),
      keyFrameTime: (from, to) => keyFrameTime(of, from, to),
    },
    scrub: {
      keyFrames: (from, to, max, signal) =>
        ownOnly(cameras.get(of.camera), of.stream)
          ? getKeyFramesOf(of, { from, to }, max, signal)
          : getKeyFrames(of.camera, { from, to }, max, scrubWidth(), signal),
      still: (time, signal) => getStill(of.camera, time, scrubWidth(), signal),
      bounds,
    },
  };
}

/** Whether a picture of the stream begins in a piece, where its footage goes on from `from`. */
function picturesOf(of: StreamName) {
  /** Of the pieces that were asked for last: a plan is made again and again beside a gap. */
  const answers = new Map<string, boolean>();
  return async (piece: Piece, from: number): Promise<boolean> => {
    const name = `${from}-${piece.from}-${piece.to}`;
    const known = answers.get(name);
    if (known !== undefined) return known;
    const found = await hasPictureSince(of, { from, to: piece.to }, piece.from);
    const [oldest] = answers.keys();
    if (oldest !== undefined && answers.size >= ANSWERS_MAX) answers.delete(oldest);
    answers.set(name, found);
    return found;
  };
}

/** There is no clip without a picture: so it is asked for with what comes before. */
async function hasPictureSince(of: StreamName, lead: Piece, since: number): Promise<boolean> {
  try {
    const { times } = await framesOf(of, lead);
    return times.some((at) => at >= since);
  } catch (error) {
    // It was deleted a moment ago, or its last picture is older than what was asked for.
    if (error instanceof ApiError && error.problem.status === 404) return false;
    throw error;
  }
}

/** Whether the browser decodes this stream and not all others: of those none is to be taken. */
function ownOnly(camera: Camera | undefined, stream: string): boolean {
  const tracks = camera?.streams.map((each) => ({ name: each.name, track: videoOf(each) })) ?? [];
  const refused = tracks.filter(({ track }) => track && !playsRecorded(track));
  return refused.length > 0 && !refused.some(({ name }) => name === stream);
}

async function framesOf(of: StreamName, piece: Piece): Promise<FrameTable> {
  const clip = readClipTable(await head(of, piece));
  return frameTable(piece, clip, (from, to) => keyFrameTime(of, from, to));
}

async function head(of: StreamName, piece: Piece): Promise<ArrayBuffer> {
  const first = await getClipBytes(of, piece, { from: 0, to: HEAD_BYTES });
  const length = headLength(first);
  return length <= first.byteLength ? first : getClipBytes(of, piece, { from: 0, to: length });
}

async function keyFrameTime(of: StreamName, from: number, to: number): Promise<number | undefined> {
  return firstKeyFrameTime(await getFirstKeyFrame(of, { from, to }, FIRST_BYTES));
}
