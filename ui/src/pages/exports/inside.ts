// What a manifest says is in an export, for people: streams, their gaps, and those that have
// nothing. A file that somebody hands over may say anything: what makes no sense is left out.

import { plainName } from "../../api/name";
import type { Clip, Manifest } from "../../proof/manifest";

/** More gaps of one stream are counted, not listed. */
const LISTED = 12;

export interface GapInside {
  from: number;
  to: number;
  cause: string | undefined;
}

export interface StreamInside {
  camera: string;
  stream: string;
  file: string;
  from: number;
  to: number;
  gaps: GapInside[];
  /** How many gaps there are besides. */
  more: number;
  /** How long all of them are. */
  missingMs: number;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown) => (typeof value === "string" ? plainName(value) : undefined);

function spanOf(value: unknown): { from: number; to: number } | undefined {
  const { from, to } = (value ?? {}) as { from?: unknown; to?: unknown };
  const span = { from: Date.parse(String(from)), to: Date.parse(String(to)) };
  return span.from <= span.to ? span : undefined;
}

export function insideOf({ clips, without_footage }: Manifest): {
  streams: StreamInside[];
  /** As `camera/stream`. */
  empty: string[];
} {
  const streams = (listOf(clips) as Clip[]).flatMap(({ file, shown, streams }) => {
    const span = spanOf(shown);
    return listOf(streams).flatMap((own): StreamInside[] => {
      const { camera_name, stream, gaps } = (own ?? {}) as Record<string, unknown>;
      const [camera, name] = [textOf(camera_name), textOf(stream)];
      if (!span || camera === undefined || name === undefined) return [];
      const all = listOf(gaps).flatMap((gap): GapInside[] => {
        const between = spanOf(gap);
        return between ? [{ ...between, cause: textOf((gap as { cause?: unknown }).cause) }] : [];
      });
      return [
        {
          ...{ camera, stream: name, file, ...span },
          ...{ gaps: all.slice(0, LISTED), more: Math.max(0, all.length - LISTED) },
          missingMs: all.reduce((sum, { from, to }) => sum + to - from, 0),
        },
      ];
    });
  });
  const empty = listOf(without_footage).flatMap((name) => textOf(name) ?? []);
  return { streams, empty };
}
