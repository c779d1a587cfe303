// What the chosen streams have in the chosen range: asked for a moment after the last change.

import { getTimeline } from "../../api/footage";
import { cameras, streamOf } from "../../state/cameras.svelte";
import { estimate, type Inside, insideOf, type Wish } from "./wish";

const WAIT_MS = 300;
/** So finely a range is looked at. */
const PARTS = 1000;

export type Look = Inside | "asking" | "failed";

export class Looked {
  /** By slug. */
  found = $state.raw<Record<string, Look>>({});
  private known = new Map<string, Inside>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private call = new AbortController();

  look({ streams, from, to }: Wish): void {
    clearTimeout(this.timer);
    this.call.abort();
    this.call = new AbortController();
    if (from === undefined || to === undefined || to <= from) {
      this.found = {};
      return;
    }
    const wanted = Object.entries(streams);
    const key = (camera: string, stream: string) => `${camera}/${stream} ${from} ${to}`;
    this.found = Object.fromEntries(
      wanted.map(([camera, stream]) => [camera, this.known.get(key(camera, stream)) ?? "asking"]),
    );
    const missing = wanted.filter(([camera]) => this.found[camera] === "asking");
    if (missing.length === 0) return;
    const { signal } = this.call;
    this.timer = setTimeout(() => {
      for (const [camera, stream] of missing) {
        getTimeline({ camera, stream }, from, to, (to - from) / PARTS, signal)
          .then(({ footage }) => {
            const spans = footage.map((span) => ({
              from: Date.parse(span.from),
              to: Date.parse(span.to),
            }));
            const inside = insideOf(spans, from, to);
            // What still grows is looked at anew.
            if (to < Date.now() - 60_000) this.known.set(key(camera, stream), inside);
            if (!signal.aborted) this.found = { ...this.found, [camera]: inside };
          })
          .catch(() => {
            if (!signal.aborted) this.found = { ...this.found, [camera]: "failed" };
          });
      }
    }, WAIT_MS);
  }

  end(): void {
    clearTimeout(this.timer);
    this.call.abort();
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
