// The rows of the list: asked for page by page, and growing at the top while they are looked at.

import { getRecordings, type StreamName } from "../../api/footage";
import type { Camera, Recording } from "../../api/types";
import { session } from "../../state/session.svelte";
import { ALL_STREAMS, ends, type Filter } from "./filter";
import { Merged, type Page } from "./merge";

export interface Row {
  key: string;
  camera: Camera;
  of: StreamName;
  recording: Recording;
  /** Of the recording itself, in milliseconds. */
  start: number;
  end: number;
  /** What is played and downloaded: trimmed where that is wanted. */
  from: number;
  to: number;
  trimmed: boolean;
}

const PAGE = 40;
/** The newest are asked for again this often. */
const REFRESH_MS = 10_000;

export class List {
  rows = $state.raw<Row[]>([]);
  loading = $state(true);
  /** Why the next page did not come. */
  problem = $state.raw<unknown>(undefined);
  readonly failed = $derived(this.problem !== undefined);
  done = $state(false);
  private merged: Merged<Row>;
  private timer: ReturnType<typeof setInterval>;
  private over = false;
  private range: { from: number | undefined; to: number | undefined };

  constructor(
    private cameras: readonly Camera[],
    private filter: Filter,
  ) {
    this.range = ends(filter, session.now());
    this.merged = this.merge();
    void this.more();
    this.timer = setInterval(() => {
      if (document.visibilityState === "visible") void this.refresh();
    }, REFRESH_MS);
  }

  end(): void {
    this.over = true;
    clearInterval(this.timer);
  }

  async more(): Promise<void> {
    this.loading = true;
    this.problem = undefined;
    try {
      const rows = await this.merged.take(PAGE);
      if (this.over) return;
      const known = new Set(this.rows.map(({ key }) => key));
      this.rows = [...this.rows, ...rows.filter(({ key }) => !known.has(key))];
      this.done = this.merged.done;
    } catch (error) {
      this.problem = error ?? "nothing";
    } finally {
      this.loading = false;
    }
  }

  /** Rows that are new or have grown take their place; the rest of the list stays as it is. */
  private async refresh(): Promise<void> {
    if (
      this.loading ||
      this.failed ||
      (this.range.to ?? Number.POSITIVE_INFINITY) < session.now()
    ) {
      return;
    }
    try {
      const newest = await this.merge().take(PAGE);
      if (this.over) return;
      const fresh = new Map(newest.map((row) => [row.key, row]));
      const kept = this.rows.map((row) => {
        const again = fresh.get(row.key);
        fresh.delete(row.key);
        return again ?? row;
      });
      const oldest = kept.at(-1)?.start ?? Number.NEGATIVE_INFINITY;
      const added = [...fresh.values()].filter((row) => row.start > oldest);
      this.rows = [...added, ...kept].sort((a, b) => b.start - a.start);
    } catch {
      // The next time, then.
    }
  }

  private merge(): Merged<Row> {
    const { camera: slug, stream: name } = this.filter;
    const sources = this.cameras
      .filter((camera) => !slug || camera.slug === slug)
      .flatMap((camera) =>
        camera.streams
          .filter((stream, i) => (name ? name === ALL_STREAMS || stream.name === name : i === 0))
          .map((stream) => ({
            page: (cursor: string | undefined) =>
              this.page(camera, { camera: camera.slug, stream: stream.name }, cursor),
          })),
      );
    return new Merged(sources, ({ start }) => start);
  }

  private async page(camera: Camera, of: StreamName, cursor?: string): Promise<Page<Row>> {
    const page = await getRecordings(of, this.range, { cursor, limit: PAGE });
    return {
      rows: page.recordings.map((recording) => this.row(camera, of, recording)),
      next: page.next,
    };
  }

  private row(camera: Camera, of: StreamName, recording: Recording): Row {
    const start = Date.parse(recording.from);
    const end = Date.parse(recording.to);
    const trim = this.filter.trim;
    const from = trim ? Math.max(start, this.range.from ?? start) : start;
    const to = trim ? Math.min(end, this.range.to ?? end) : end;
    const key = `${of.camera}/${of.stream}/${recording.id}`;
    const trimmed = from > start || to < end;
    return { key, camera, of, recording, start, end, from, to, trimmed };
  }
}
