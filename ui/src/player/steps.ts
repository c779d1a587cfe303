// Single pictures, forward and back: each once, in order, over the ends of pieces and over gaps.

import type { FrameTable } from "./frames";
import type { Piece, Plan } from "./plan";
import type { Slot } from "./slot";

/** What steps need of their player. */
export interface Stepping {
  source: {
    plan(time: number, length: number): Promise<Plan>;
    before(time: number, length: number): Promise<Piece | undefined>;
  };
  /** The element that is seen, while it shows a picture. */
  seen(): Slot | undefined;
  /** Whether another picture is on its way. */
  busy(): boolean;
  tableOf(slot: Slot): Promise<FrameTable>;
  /** Loads a piece and shows it from `time` on; undefined where something else was wanted since. */
  show(piece: Piece, time: number): Promise<Slot | undefined>;
}

/** Around a gap or the end of a piece, so much is loaded. */
const LENGTH_MS = 6_000;
/** So often the other side of a gap is looked for, nearer each time. */
const GAP_TRIES = 3;
/** A step waits so often, 20 ms each, for a picture that is on its way. */
const CALM_TRIES = 100;
/** A picture that takes longer is not waited for. */
const PATIENCE_MS = 600;

export class Steps {
  private left = 0;
  private walking = false;

  constructor(private of: Stepping) {}

  /** Steps that come while one is taken are taken after it. */
  async take(by: number): Promise<void> {
    this.left += by;
    if (this.walking) return;
    this.walking = true;
    try {
      while (this.left !== 0) {
        const one = Math.sign(this.left);
        this.left -= one;
        await this.one(one);
      }
    } catch {
      // What there is cannot be asked for now: the picture stays.
    } finally {
      this.walking = false;
      this.left = 0;
    }
  }

  private async one(by: number): Promise<void> {
    // A step is from the picture that was asked for, not from the one before it.
    for (let i = 0; i < CALM_TRIES && this.of.busy(); i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const slot = this.of.seen();
    if (!slot?.piece) return;
    const table = await this.of.tableOf(slot);
    const index = slot.seen(table) + by;
    if (table.times[index] !== undefined) await showFrame(slot, table, index);
    else await this.over(slot.piece, by);
  }

  /** From the first picture of a piece to the last one before it, or the other way. */
  private async over(piece: Piece, by: number): Promise<void> {
    const other =
      by < 0 ? await this.of.source.before(piece.from, LENGTH_MS) : await this.after(piece.to);
    if (!other || this.of.busy()) return;
    const slot = await this.of.show(other, by < 0 ? other.to - 1 : other.from);
    if (!slot) return;
    const table = await this.of.tableOf(slot);
    await showFrame(slot, table, by < 0 ? table.times.length - 1 : 0);
  }

  private async after(time: number): Promise<Piece | undefined> {
    let plan = await this.of.source.plan(time, LENGTH_MS);
    // A gap's end that is far is known roughly at first.
    for (let i = 0; i < GAP_TRIES && plan.kind === "gap" && plan.until !== undefined; i++) {
      plan = await this.of.source.plan(plan.until, LENGTH_MS);
    }
    return plan.kind === "piece" ? plan.piece : undefined;
  }
}

function showFrame(slot: Slot, table: FrameTable, index: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(patience);
      slot.video.removeEventListener("seeked", done);
      resolve();
    };
    const patience = setTimeout(done, PATIENCE_MS);
    slot.video.addEventListener("seeked", done);
    slot.showFrame(table, index);
  });
}
