// The lanes of the ruler, from what is known of the cameras' footage.

import type { Camera } from "../../api/types";
import { cameras } from "../../state/cameras.svelte";
import type { Footage, Known } from "../../timeline/footage";
import { join, without } from "../../timeline/spans";
import type { RulerLane } from "../../widgets/ruler-lane";

/** The streams of a camera that have footage, or will have: the finest first. */
export function recorded(camera: Camera): string[] {
  const names = camera.streams
    .filter((stream) => stream.recorded || stream.recording !== "off")
    .map(({ name }) => name);
  return names.length > 0 ? names : camera.streams.slice(0, 1).map(({ name }) => name);
}

/** What is known of all footage of these. */
export function footagesOf(of: readonly Camera[]): Footage[] {
  return of.flatMap((camera) =>
    recorded(camera).map((stream) => cameras.footage({ camera: camera.slug, stream })),
  );
}

/** Where the footage of these begins; undefined where none of them has any. */
export function oldestOf(of: readonly Camera[]): number | undefined {
  const starts = of.flatMap(({ streams }) =>
    streams.flatMap(({ recorded }) => (recorded ? [Date.parse(recorded.from)] : [])),
  );
  return starts.length > 0 ? Math.min(...starts) : undefined;
}

/** Where it ends by now; undefined where none of them has any. */
export function newestOf(of: readonly Camera[]): number | undefined {
  const ends = of.flatMap(({ streams }) =>
    streams.flatMap(({ recorded }) => (recorded ? [Date.parse(recorded.to)] : [])),
  );
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

const NOTHING: Known = { footage: [], gaps: [], kept: [], activity: [] };

function spans(camera: Camera, from: number, to: number, msPerPx: number): Known {
  // One lane for all of a camera's streams: what any of them has can be seen.
  const known = recorded(camera).map((stream) =>
    cameras.footage({ camera: camera.slug, stream }).at(from, to, msPerPx),
  );
  const [first] = known;
  if (known.length < 2 || !first) return first ?? NOTHING;
  const all = merged(known);
  // The same moves in all of them; the finest tells it best, and why it has none where none has.
  return { ...all, gaps: without(first.gaps, all.footage), activity: first.activity };
}

function merged(all: Known[]): Known {
  return {
    footage: join(all.flatMap(({ footage }) => footage)),
    gaps: [],
    kept: join(all.flatMap(({ kept }) => kept)),
    activity: all.flatMap(({ activity }) => activity),
  };
}

export function laneOf(camera: Camera, active: boolean): RulerLane {
  return {
    key: camera.slug,
    active,
    spans: (from, to, msPerPx) => spans(camera, from, to, msPerPx),
  };
}

/** All cameras in one lane: footage where any has some, and what each of them lacks. */
export function mergedLane(of: readonly Camera[]): RulerLane {
  return {
    key: "",
    active: true,
    spans(from, to, msPerPx) {
      const each = of.map((camera) => spans(camera, from, to, msPerPx));
      if (each.length === 1) return each[0] ?? NOTHING;
      const lacking = of.map(({ name }, i) => ({ name, gaps: each[i]?.gaps ?? [] }));
      return { ...merged(each), lacking };
    },
  };
}
