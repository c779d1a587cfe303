// A part of Watch that comes when it is wanted: where it does not, it is asked for again.

import { notices } from "../../state/notices.svelte";
import { t } from "../../texts";

const RETRY_MS_MIN = 2_000;
const RETRY_MS_MAX = 30_000;

/** Of a component of type `C`. */
export class Part<C> {
  /** Undefined until it has come. */
  component = $state.raw<C>();
  /** It was asked for, and did not come. */
  failed = $state(false);
  private coming = false;
  private wanted = false;
  private wait = RETRY_MS_MIN;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private load: () => Promise<{ default: C }>) {}

  /** Is asked for at once, and again until it comes or the returned function is called. */
  want = (): (() => void) => {
    this.wanted = true;
    this.wait = RETRY_MS_MIN;
    this.need();
    return () => {
      this.wanted = false;
      clearTimeout(this.timer);
    };
  };

  /** Is asked for once. */
  need(): void {
    clearTimeout(this.timer);
    if (this.component || this.coming) return;
    this.coming = true;
    this.load()
      .then(
        ({ default: component }) => {
          this.component = component;
          this.failed = false;
        },
        () => {
          this.failed = true;
        },
      )
      .finally(() => {
        this.coming = false;
        if (!this.failed || !this.wanted) return;
        this.timer = setTimeout(() => this.need(), this.wait);
        this.wait = Math.min(this.wait * 2, RETRY_MS_MAX);
      });
  }
}

/** What opens over the page: where it does not come, that is said, and it is not open. */
export async function opening<M>(coming: Promise<M>, close: () => void): Promise<M | undefined> {
  try {
    return await coming;
  } catch {
    notices.tell(t.errors.partMissing, true);
    close();
    return undefined;
  }
}
