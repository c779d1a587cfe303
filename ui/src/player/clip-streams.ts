// Several streams of one camera as one source of clips. Each instant is shown by one of them: the first,
// in the order they are liked, that has footage there. So whoever goes forward and whoever goes back
// sees the same pictures, of the best stream all, of another one those for which no better one is there.

import type { ClipSource } from "./clip-source";
import type { Piece, Plan } from "./plan";
import type { ReversePiece } from "./reverse";

/** What streams have recorded becomes durable a little apart: at its end a better one is waited for. */
const APART_MS = 2_500;
/** A rest of footage that is shorter may lie between two pictures. */
const SPARSE_MS = 5_000;

/** What is known of a gap beside where it is. */
interface Gap {
  from: number;
  to: number;
  cause: string | null;
}

/** One stream's footage. */
export interface StreamSource extends Omit<ClipSource, "plan"> {
  readonly name: string;
  /** A plan that looks no further than `length`: a gap's end may be beyond. */
  near(time: number, length: number): Promise<Plan>;
  /** Where the first footage after `time` begins. */
  next(time: number): Promise<number | undefined>;
  /** What `before` answers, where that is about the last minute; nothing older is looked for. */
  lately(time: number, length: number): Promise<Piece | undefined>;
  /** Whether a picture begins in the piece. */
  hasPictures(piece: Piece): Promise<boolean>;
  gapAt(time: number): Gap | undefined;
}

export interface CameraSource extends ClipSource {
  gapAt(time: number): Gap | undefined;
  /** The name of the stream that a piece of this source is of. */
  streamOf(piece: Piece): string;
}

/** @param streams the one that is liked best first; at least one */
export function firstThatHas(streams: readonly StreamSource[]): CameraSource {
  const [best] = streams;
  if (!best) throw new Error("there is no stream to play");
  /** Whose the pieces are that were handed out. */
  const owners = new WeakMap<Piece, StreamSource>();
  const ownerOf = (piece: Piece) => owners.get(piece) ?? best;
  function own<P extends Piece>(piece: P, stream: StreamSource): P {
    owners.set(piece, stream);
    return piece;
  }

  /** Of another stream than the best one a rest may be left that lies between two of its pictures. */
  const shows = async (stream: StreamSource, piece: Piece) =>
    stream === best || piece.to - piece.from >= SPARSE_MS || stream.hasPictures(piece);

  async function plan(time: number, length: number): Promise<Plan> {
    let edge = false;
    let from: number | undefined;
    let until: number | undefined;
    /** Up to where a stream has footage that shows nothing. */
    const blank = new Map<StreamSource, number>();
    for (const stream of streams) {
      let here = await stream.near(time, length);
      if (here.kind === "piece") {
        if (edge && here.piece.to - time < APART_MS) continue;
        // Only until a better one has footage again.
        const to = Math.min(here.piece.to, Math.floor(until ?? here.piece.to));
        const piece = { ...here.piece, to };
        if (await shows(stream, piece)) return { kind: "piece", piece: own(piece, stream) };
        blank.set(stream, to);
        here = await stream.near(to, length);
      }
      if (here.kind === "edge") edge = true;
      else if (here.kind === "piece") until = earliest(until, here.piece.from);
      else {
        from = latest(from, here.from);
        until = earliest(until, here.until);
      }
    }
    if (edge) return { kind: "edge" };
    if (until === undefined) {
      const starts = await Promise.all(
        streams.map((stream) => stream.next(blank.get(stream) ?? time)),
      );
      until = starts.reduce(earliest, undefined);
    }
    return { kind: "gap", from, until };
  }

  async function before(time: number, length: number): Promise<ReversePiece | undefined> {
    for (let end = time; ; ) {
      // How far back the footage of streams is that have none there is asked for want alone.
      const last =
        (await lastOf(end, (stream) => stream.lately(end, length))) ??
        (await lastOf(end, (stream) => stream.before(end, length)));
      if (!last) return undefined;
      const { piece, stream } = last;
      const cut = piece.from === piece.since;
      if (!cut || (await shows(stream, piece))) return own(piece, stream);
      end = piece.from;
    }
  }

  /** What the stream shows that has the latest footage before `time`, and no better one. */
  async function lastOf(time: number, ask: (stream: StreamSource) => Promise<Piece | undefined>) {
    let last: { stream: StreamSource; piece: ReversePiece } | undefined;
    for (const stream of streams) {
      const piece = await ask(stream);
      if (!piece || piece.to <= (last?.piece.to ?? Number.NEGATIVE_INFINITY)) continue;
      // Where the better one's ends, this one's begins to be shown.
      const since = last?.piece.to;
      const from = Math.max(piece.from, since ?? piece.from);
      last = { stream, piece: { ...piece, from, ...(since !== undefined && { since }) } };
      if (piece.to >= Math.floor(time)) break;
    }
    return last;
  }

  function gapAt(time: number): Gap | undefined {
    let whole: Gap | undefined;
    for (const stream of streams) {
      const gap = stream.gapAt(time);
      if (!gap) return undefined;
      whole = {
        from: Math.max(gap.from, whole?.from ?? gap.from),
        to: Math.min(gap.to, whole?.to ?? gap.to),
        cause: whole?.cause ?? gap.cause,
      };
    }
    return whole;
  }

  /** Whose clip is decoded backwards: one is at a time. */
  let decoded = best;
  return {
    plan,
    url: (piece) => ownerOf(piece).url(piece),
    frames: (piece) => ownerOf(piece).frames(piece),
    streamOf: (piece) => ownerOf(piece).name,
    before,
    gapAt,
    reverse: {
      before,
      clip(piece, signal) {
        decoded = ownerOf(piece);
        return decoded.reverse.clip(piece, signal);
      },
      keyFrameTime: (from, to) => decoded.reverse.keyFrameTime(from, to),
    },
    scrub: {
      keyFrames: best.scrub.keyFrames,
      still: best.scrub.still,
      bounds() {
        const all = streams.map((stream) => stream.scrub.bounds());
        return {
          from: Math.min(...all.map(({ from }) => from)),
          to: Math.max(...all.map(({ to }) => to)),
        };
      },
    },
  };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
