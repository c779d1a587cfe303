// One question to a camera, and its answer.

import { probe } from "../../../api/camera-settings";
import type { Probed, ProbeRequest } from "../../../api/types";
import { wordsOf } from "../../words";

export class Trial {
  busy = $state(false);
  probed = $state.raw<Probed>();
  /** Why the recorder itself could not ask. */
  failed = $state<string>();
  /** What was asked, to tell an answer to something else. */
  private asked = $state("");
  private stopping: AbortController | undefined;

  /** Whether there is an answer to `request`, as it is now. */
  answers(request: ProbeRequest): boolean {
    return !this.busy && this.asked === JSON.stringify(request);
  }

  usable(request: ProbeRequest): boolean {
    return this.answers(request) && this.probed?.usable === true;
  }

  async run(request: ProbeRequest): Promise<void> {
    this.forget();
    const stopping = new AbortController();
    this.stopping = stopping;
    this.busy = true;
    this.asked = JSON.stringify(request);
    try {
      const probed = await probe(request, stopping.signal);
      if (!stopping.signal.aborted) this.probed = probed;
    } catch (error) {
      if (!stopping.signal.aborted) this.failed = wordsOf(error);
    } finally {
      if (!stopping.signal.aborted) this.busy = false;
    }
  }

  forget(): void {
    this.stopping?.abort();
    this.busy = false;
    this.asked = "";
    this.probed = undefined;
    this.failed = undefined;
  }
}
