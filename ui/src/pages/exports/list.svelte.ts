// The list of exports: newest first, growing while it is looked at.

import { deleteExport, listExports } from "../../api/exports";
import type { Export } from "../../api/types";
import { leftOf, rateOf, type Samples, seen } from "./pace";

/** While something is written, and while nothing is. */
const BUSY_MS = 1_000;
const CALM_MS = 15_000;
const RETRY_MS = 3_000;

export const isUnderWay = ({ state }: Export) => state === "waiting" || state === "writing";

export class ExportList {
  rows = $state.raw<Export[]>([]);
  bytes = $state(0);
  maxBytes = $state(0);
  known = $state(false);
  failed = $state.raw<unknown>(undefined);
  next = $state<string | undefined>(undefined);
  private paces = $state.raw(new Map<string, Samples>());
  private older: Export[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private over = false;
  private asked = 0;
  private readonly onsight = () => {
    if (document.visibilityState === "visible") void this.refresh();
    else clearTimeout(this.timer);
  };

  constructor() {
    document.addEventListener("visibilitychange", this.onsight);
    void this.refresh();
  }

  end(): void {
    this.over = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onsight);
  }

  rate = ({ id }: Export) => rateOf(this.paces.get(id) ?? []);
  left = ({ id, bytes }: Export) => leftOf(this.paces.get(id) ?? [], bytes);
  /** How many are written before this one. */
  before = (own: Export) =>
    this.rows.filter((row) => isUnderWay(row) && row.asked < own.asked).length;

  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const turn = ++this.asked;
    try {
      const page = await listExports();
      if (this.over || turn !== this.asked) return;
      this.take(page.exports);
      if (this.older.length === 0) this.next = page.next;
      this.bytes = page.bytes;
      this.maxBytes = page.max_bytes;
      this.known = true;
      this.failed = undefined;
    } catch (error) {
      if (this.over || turn !== this.asked) return;
      this.failed = error;
    }
    if (document.visibilityState !== "visible") return;
    const wait = this.failed ? RETRY_MS : this.rows.some(isUnderWay) ? BUSY_MS : CALM_MS;
    this.timer = setTimeout(() => this.refresh(), wait);
  }

  async more(): Promise<void> {
    const page = await listExports(this.next);
    if (this.over) return;
    this.older = [...this.older, ...page.exports];
    this.next = page.next;
    this.take(this.rows);
  }

  /** Cancels or deletes it: gone from the list at once. */
  async remove(own: Export): Promise<void> {
    await deleteExport(own.id);
    this.older = this.older.filter(({ id }) => id !== own.id);
    this.rows = this.rows.filter(({ id }) => id !== own.id);
    await this.refresh();
  }

  private take(newest: Export[]): void {
    const ids = new Set(newest.map(({ id }) => id));
    this.rows = [...newest, ...this.older.filter(({ id }) => !ids.has(id))];
    const now = performance.now();
    const paces = new Map<string, Samples>();
    for (const { id, state, written_bytes } of this.rows) {
      if (state === "writing") paces.set(id, seen(this.paces.get(id) ?? [], now, written_bytes));
    }
    this.paces = paces;
  }
}
