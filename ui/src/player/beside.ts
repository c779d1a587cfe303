// A camera of which the browser plays some streams, and shows others as single pictures: films where
// there are any, pictures where only another stream has footage.

import type { Beside, ClipSource, ClipState } from "./clip-source";
import type { PictureSource } from "./picture-player";
import type { Plan } from "./plan";

type Gap = Extract<Plan, { kind: "gap" }>;

/** What is seen where there is no film. */
export async function insteadOf(
  gap: Gap,
  beside: Beside | undefined,
  time: number,
  length: number,
): Promise<ClipState> {
  if (!beside) return gap;
  const here = await beside.plan(time, length);
  if (here.kind === "piece") return { kind: "pictures" };
  return here.kind === "gap" ? narrower(gap, here) : gap;
}

/**
 * Pictures, up to where there is a film again.
 *
 * @param back there is one: it is to be played
 */
export function picturesBeside<P extends PictureSource>(
  films: Pick<ClipSource, "plan" | "gapAt">,
  pictures: P,
  back: () => void,
): P {
  async function plan(time: number, length: number): Promise<Plan> {
    const film = await films.plan(time, length);
    if (film.kind !== "gap") {
      back();
      return film;
    }
    const here = await pictures.plan(time, length);
    if (here.kind === "gap") return narrower(film, here);
    if (here.kind !== "piece" || film.until === undefined) return here;
    const { piece } = here;
    return { kind: "piece", piece: { ...piece, to: Math.min(piece.to, Math.floor(film.until)) } };
  }
  return { ...pictures, plan, gapAt: (time) => gapOfBoth(films, pictures, time) };
}

/** The gap that both are known to have at `time`. */
export function gapOfBoth<G extends { from: number; to: number }>(
  films: { gapAt(time: number): G | undefined },
  pictures: { gapAt(time: number): { from: number; to: number } | undefined } | undefined,
  time: number,
): G | undefined {
  const gap = films.gapAt(time);
  if (!gap || !pictures) return gap;
  const other = pictures.gapAt(time);
  return other && { ...gap, from: Math.max(gap.from, other.from), to: Math.min(gap.to, other.to) };
}

function narrower(a: Gap, b: Gap): Gap {
  const from = a.from === undefined ? b.from : Math.max(a.from, b.from ?? a.from);
  const until = a.until === undefined ? b.until : Math.min(a.until, b.until ?? a.until);
  return { kind: "gap", from, until };
}
