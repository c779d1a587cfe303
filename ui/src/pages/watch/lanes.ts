// The lanes of the ruler, from what is known of the cameras' footage.

import type { Camera } from "../../api/types";
import { cameras } from "../../state/cameras.svelte";
import type { GapSpan } from "../../timeline/footage";
import { join, type Span } from "../../timeline/spans";
import type { RulerLane } from "../../widgets/Ruler.svelte";

/** The streams of a camera that have footage, or will have: the finest first. */
function recorded(camera: Camera): string[] {
  const names = camera.streams
    .filter((stream) => stream.recorded || stream.recording !== "off")
    .map(({ name }) => name);
  return names.length > 0 ? names : camera.streams.slice(0, 1).map(({ name }) => name);
}

function spans(camera: Camera, from: number, to: number, msPerPx: number) {
  // One lane for all of a camera's streams: what any of them has can be seen.
  const known = recorded(camera).map((stream) =>
    cameras.footage({ camera: camera.slug, stream }).at(from, to, msPerPx),
  );
  const [first] = known;
  if (known.length < 2 || !first) return first ?? { footage: [], gaps: [] };
  return { footage: join(known.flatMap(({ footage }) => footage)), gaps: first.gaps };
}

export function laneOf(camera: Camera, active: boolean): RulerLane {
  return {
    key: camera.slug,
    active,
    spans: (from, to, msPerPx) => spans(camera, from, to, msPerPx),
  };
}

/** All cameras in one lane: footage where any has some, a gap where none has. */
export function mergedLane(of: readonly Camera[]): RulerLane {
  return {
    key: "",
    active: true,
    spans(from, to, msPerPx) {
      const each = of.map((camera) => spans(camera, from, to, msPerPx));
      const footage: Span[] = join(each.flatMap((known) => known.footage));
      const gaps: GapSpan[] = each.length === 1 ? (each[0]?.gaps ?? []) : [];
      return { footage, gaps };
    },
  };
}
