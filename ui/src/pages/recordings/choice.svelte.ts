// Which rows of the list are chosen: one by one, a stretch of them, or all.

import { between } from "./choice";
import type { Row } from "./list.svelte";

export class Choice {
  private keys = $state.raw<ReadonlySet<string>>(new Set());
  /** Boxes are shown, also where there is little room. */
  open = $state(false);
  /** Where a stretch begins. */
  private last: string | undefined;
  readonly size = $derived(this.keys.size);

  has = (row: Row): boolean => this.keys.has(row.key);
  of = (rows: readonly Row[]): Row[] => rows.filter(this.has);

  /** Chooses or leaves a row; with `stretch` all from the one before to it. */
  set(rows: readonly Row[], row: Row, chosen: boolean, stretch = false): void {
    const keys = stretch ? between(rows, this.last, row.key) : [row.key];
    this.put(keys, chosen);
    this.last = row.key;
  }

  setAll(rows: readonly Row[], chosen: boolean): void {
    this.put(
      rows.map(({ key }) => key),
      chosen,
    );
  }

  clear(): void {
    this.keys = new Set();
    this.open = false;
    this.last = undefined;
  }

  private put(keys: readonly string[], chosen: boolean): void {
    const next = new Set(this.keys);
    for (const key of keys) {
      if (chosen) next.add(key);
      else next.delete(key);
    }
    this.keys = next;
  }
}
