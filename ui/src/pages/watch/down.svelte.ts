// Which of a camera's streams do not come, judged slowly: a tile does not go to and fro with a
// camera that is connected again and again.

import { untrack } from "svelte";
import type { Stream } from "../../api/types";

/** So long a stream stands one way before it is believed. */
export const STEADY_MS = 4_000;

type Standing = Pick<Stream, "name" | "state">;

export class Judge {
  readonly down = new Set<string>();
  private up = new Set<string>();
  /** Since when it has stood against what is believed of it. */
  private since = new Map<string, number>();

  /** Takes note; returns after how many milliseconds to look again, if that may change anything. */
  look(streams: readonly Standing[], now: number): number | undefined {
    let again: number | undefined;
    for (const { name, state } of streams) {
      // While it is tried nothing is known yet: what was believed stays.
      const stands = state === "playing" ? "up" : state === "connecting" ? undefined : "down";
      const first = !this.up.has(name) && !this.down.has(name);
      const believed = this.down.has(name) ? "down" : "up";
      if (first) this.believe(name, stands ?? "up");
      else if (stands === believed) this.since.delete(name);
      if (first || stands === believed) continue;
      const since = this.since.get(name);
      if (since === undefined && stands === undefined) continue;
      if (since === undefined) this.since.set(name, now);
      const left = STEADY_MS - (now - (since ?? now));
      if (left > 0) again = Math.min(again ?? left, left);
      else if (stands) this.believe(name, stands);
    }
    return again;
  }

  private believe(name: string, stands: "up" | "down"): void {
    const [to, from] = stands === "up" ? [this.up, this.down] : [this.down, this.up];
    to.add(name);
    from.delete(name);
    this.since.delete(name);
  }
}

/** The names of those that are down, followed for as long as the component lives. */
export function followDown(streams: () => readonly Stream[]): { readonly names: Set<string> } {
  const judge = new Judge();
  judge.look(streams(), performance.now());
  let names = $state.raw(new Set(judge.down));
  $effect(() => {
    const now = streams();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      const again = judge.look(now, performance.now());
      if ([...judge.down].join() !== [...names].join()) names = new Set(judge.down);
      if (again !== undefined) timer = setTimeout(look, again);
    };
    untrack(look);
    return () => clearTimeout(timer);
  });
  return {
    get names() {
      return names;
    },
  };
}
