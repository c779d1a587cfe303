// What the chosen streams have in the chosen range: asked for a moment after the last change, and
// again as long as the range may still fill.

import { getTimeline } from "../../api/footage";
import { cameras, streamOf } from "../../state/cameras.svelte";
import { session } from "../../state/session.svelte";
import { estimate, type Inside, insideOf, type Wish } from "./wish";

const WAIT_MS = 300;
/** So often it is looked at what may still fill. */
const AGAIN_MS = 3_000;
/** What ended so long ago is written: every stream is synced within 30 s. */
const GROWS_MS = 60_000;
/** So finely a range is looked at. */
const PARTS = 1000;

export type Look = Inside | "asking" | "failed";

interface Range {
  from: number;
  to: number;
}

const isWhole = (look: Look | undefined) => typeof look === "object" && look.whole;
const key = (camera: string, stream: string, { from, to }: Range) =>
  `${camera}/${stream} ${from} ${to}`;

export class Looked {
  /** By slug. */
  found = $state.raw<Record<string, Look>>({});
  private known = new Map<string, Inside>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private call = new AbortController();

  look({ streams, from, to }: Wish): void {
    this.end();
    this.call = new AbortController();
    if (from === undefined || to === undefined || to <= from) {
      this.found = {};
      return;
    }
    const range = { from, to };
    const wanted = Object.entries(streams);
    this.found = Object.fromEntries(
      wanted.map(([camera, stream]) => [
        camera,
        this.known.get(key(camera, stream, range)) ?? "asking",
      ]),
    );
    const missing = wanted.filter(([camera]) => this.found[camera] === "asking");
    if (missing.length === 0) return;
    const { signal } = this.call;
    this.timer = setTimeout(() => void this.round(missing, range, signal), WAIT_MS);
  }

  end(): void {
    clearTimeout(this.timer);
    this.call.abort();
  }

  /** Asks for all of them, and after a while for those that are not whole. */
  private async round(
    wanted: [camera: string, stream: string][],
    range: Range,
    signal: AbortSignal,
  ): Promise<void> {
    const grows = range.to > session.now() - GROWS_MS;
    await Promise.all(
      wanted.map(async ([camera, stream]) => {
        const look = await this.ask(camera, stream, range, signal);
        if (signal.aborted) return;
        if (!grows && typeof look === "object") this.known.set(key(camera, stream, range), look);
        this.found = { ...this.found, [camera]: look };
      }),
    );
    const rest = wanted.filter(([camera]) => !isWhole(this.found[camera]));
    if (signal.aborted || !grows || rest.length === 0) return;
    this.again(rest, range, signal);
  }

  private again(rest: [camera: string, stream: string][], range: Range, signal: AbortSignal): void {
    this.timer = setTimeout(() => {
      // Nobody sees it: it waits until somebody does.
      if (document.visibilityState === "hidden") this.again(rest, range, signal);
      else void this.round(rest, range, signal);
    }, AGAIN_MS);
  }

  private async ask(
    camera: string,
    stream: string,
    { from, to }: Range,
    signal: AbortSignal,
  ): Promise<Look> {
    try {
      const parts = (to - from) / PARTS;
      const { footage } = await getTimeline({ camera, stream }, from, to, parts, signal);
      const spans = footage.map((span) => ({
        from: Date.parse(span.from),
        to: Date.parse(span.to),
      }));
      return insideOf(spans, from, to);
    } catch {
      return "failed";
    }
  }

  /** Bytes of all of it; undefined while any of it is not known. */
  size({ streams }: Wish): number | undefined {
    let sum = 0;
    for (const [camera, stream] of Object.entries(streams)) {
      const look = this.found[camera];
      if (look === undefined || typeof look === "string") return undefined;
      const own = estimate(streamOf(cameras.get(camera), stream), look.recordedMs);
      if (own === undefined && look.recordedMs > 0) return undefined;
      sum += own ?? 0;
    }
    return sum;
  }
}
