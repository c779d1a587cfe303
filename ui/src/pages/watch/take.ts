// What a marked range can be taken away as: a file of one camera, one of several, an export.

import { clipUrl, jointClipUrl, type StreamName } from "../../api/footage";
import type { Camera } from "../../api/types";
import { cameras } from "../../state/cameras.svelte";
import type { Span } from "../../timeline/spans";
import { recorded } from "./lanes";

/** More streams are in no clip. */
const STREAMS_MAX = 16;

/** Shorter gaps are not looked at. */
const STEP_MS = 1_000;
/** However long the range is, few questions tell what is in it. */
const STEPS_MAX = 2_048;

/**
 * The stream of a camera that is taken of a range: the first that has footage there, or the first
 * that has any at all while none is known to. Reading it in an effect follows what becomes known.
 */
function streamIn(camera: Camera, range: Span): StreamName {
  const { slug, streams } = camera;
  const names = recorded(camera);
  const has = (stream: string) => hasIn({ camera: slug, stream }, range);
  const ever = streams.find((stream) => stream.recorded)?.name ?? names[0] ?? "main";
  return { camera: slug, stream: (names.length > 1 ? names.find(has) : undefined) ?? ever };
}

function hasIn(of: StreamName, { from, to }: Span): boolean {
  void cameras.footageVersion;
  const step = Math.max(STEP_MS, (to - from) / STEPS_MAX);
  return cameras.footage(of).at(from, to, step).footage.length > 0;
}

export const clipOf = (camera: Camera, range: Span) =>
  clipUrl(streamIn(camera, range), range.from, range.to);

/** Undefined where there are too many, or too few. */
export function jointClipOf(of: readonly Camera[], range: Span): string | undefined {
  if (of.length < 2 || of.length > STREAMS_MAX) return undefined;
  const streams = of.map((camera) => streamIn(camera, range));
  return jointClipUrl(streams, range.from, range.to);
}

/** Saves what is at an address; the server names it. */
export function saveFile(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}

/** What the page of exports has to be asked with. */
export function toExport(of: readonly Camera[], range: Span): Record<string, string> {
  const { from, to } = range;
  const streams = of.map((camera) => streamIn(camera, range));
  return {
    new: "1",
    from: new Date(Math.floor(from)).toISOString(),
    to: new Date(Math.ceil(to)).toISOString(),
    cameras: streams.map(({ camera, stream }) => `${camera}/${stream}`).join(","),
  };
}
