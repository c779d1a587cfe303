// Many clips saved one after another: a browser that is given all at once has no line left for
// anything else.

import { clipUrl } from "../../api/footage";
import { download } from "../../api/http";
import { wordsOf } from "../words";
import { sizeOf } from "./choice";
import type { Row } from "./list.svelte";
import { clipName } from "./name";

/** More than this is left to the browser itself: it writes straight to where it is to be. */
const OWN_BYTES = 4e9;
/** The browser reads a file that was made for it a while after it was asked to. */
const HELD_MS = 60_000;

export interface Failed {
  row: Row;
  why: string;
}

function hand(href: string, name: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}

export class Saving {
  rows = $state.raw<readonly Row[]>([]);
  /** How many are through. */
  done = $state(0);
  /** Bytes that came of all of them. */
  bytes = $state(0);
  failed = $state.raw<Failed[]>([]);
  running = $state(false);
  private call = new AbortController();

  /** Saves them; what failed is told at the end, and keeps no other from coming. */
  async start(rows: readonly Row[], timestamps: boolean): Promise<void> {
    const call = new AbortController();
    this.call = call;
    Object.assign(this, { rows, done: 0, bytes: 0, failed: [], running: true });
    for (const row of rows) {
      try {
        await this.save(row, timestamps, call.signal);
      } catch (error) {
        if (call.signal.aborted) return;
        this.failed = [...this.failed, { row, why: wordsOf(error) }];
      }
      this.done++;
    }
    this.running = false;
  }

  stop(): void {
    this.call.abort();
    this.running = false;
  }

  private async save(row: Row, timestamps: boolean, signal: AbortSignal): Promise<void> {
    const url = clipUrl(row.of, row.from, row.to, timestamps);
    const name = clipName(row.camera.slug, row.of.stream, row.from);
    const before = this.bytes;
    if (sizeOf(row) > OWN_BYTES) {
      hand(url, name);
      this.bytes = before + sizeOf(row);
      return;
    }
    const file = await download(url, signal, (bytes) => (this.bytes = before + bytes));
    this.bytes = before + file.size;
    const address = URL.createObjectURL(file);
    hand(address, name);
    setTimeout(() => URL.revokeObjectURL(address), HELD_MS);
  }
}
