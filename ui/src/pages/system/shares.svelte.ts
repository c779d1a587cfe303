// How far streams reach, and would reach with other limits: asked for while a slider moves.

import { changeCamera, getSettings } from "../../api/camera-settings";
import { forecast, type Proposed, type ProposedFree } from "../../api/storage";
import type { Keep, StreamOutcome } from "../../api/types";
import { t } from "../../texts";
import { wordsOf } from "../words";
import { keepChange, sameKeep } from "./limits";

/** A hand that moves is let come to rest for so long. */
const WAIT_MS = 120;

const nameOf = ({ camera, stream }: { camera: string; stream: string }) => `${camera}/${stream}`;
const byName = (all: StreamOutcome[]) => new Map(all.map((own) => [nameOf(own), own]));

export class Shares {
  /** As it is, by `camera/stream`. */
  now = $state.raw(new Map<string, StreamOutcome>());
  /** As it would be with what is proposed; undefined where nothing is. */
  would = $state.raw<Map<string, StreamOutcome> | undefined>(undefined);
  proposed = $state.raw<Record<string, Proposed>>({});
  /** What would stay free, by the volume's id. */
  free = $state.raw<Record<string, ProposedFree>>({});
  /** The limits that there are, as far as they were asked for. */
  limits = $state.raw<Record<string, Keep>>({});
  /** Why the limits of a camera did not come, by its slug. */
  unlearned = $state.raw<Record<string, string>>({});
  /** What keeps a stream from reaching farther. */
  limitedBy = $state.raw<Record<string, "disk" | "own">>({});
  known = $state(false);
  asking = $state(false);
  failed = $state<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private call = new AbortController();
  private readonly over = new AbortController();

  async load(): Promise<void> {
    try {
      this.now = byName(await forecast([], [], this.over.signal));
      this.known = true;
      this.failed = undefined;
      // What is thought of may have failed, too, or be other than before.
      if (this.thinks()) this.askSoon();
      await this.findLimits();
    } catch (error) {
      if (!this.over.signal.aborted) this.failed = wordsOf(error);
    }
  }

  end(): void {
    this.over.abort();
    this.call.abort();
    clearTimeout(this.timer);
  }

  /** Asks which limits the streams of a camera have; who may not know them does not ask. */
  async learn(camera: string): Promise<void> {
    try {
      const { streams } = await getSettings(camera, this.over.signal);
      const own = Object.entries(streams).map(([name, { keep }]) => [`${camera}/${name}`, keep]);
      this.limits = { ...this.limits, ...Object.fromEntries(own) };
      const { [camera]: _, ...others } = this.unlearned;
      this.unlearned = others;
    } catch (error) {
      if (this.over.signal.aborted) return;
      this.unlearned = { ...this.unlearned, [camera]: wordsOf(error) };
    }
  }

  /** Other limits for a stream; undefined is as it is now. */
  propose(camera: string, stream: string, keep: Keep | undefined): void {
    const name = `${camera}/${stream}`;
    const { [name]: _, ...rest } = this.proposed;
    const known = this.limits[name];
    const same = !keep || (known && sameKeep(keep, known));
    this.proposed = same ? rest : { ...rest, [name]: { camera, stream, keep } };
    this.askSoon();
  }

  /** Other space that stays free; undefined is as it is now. */
  proposeFree(volume: string, keepFree: string | undefined): void {
    if (this.free[volume]?.keep_free === keepFree) return;
    const { [volume]: _, ...rest } = this.free;
    this.free = keepFree ? { ...rest, [volume]: { volume, keep_free: keepFree } } : rest;
    this.askSoon();
  }

  /** Makes a stream's proposed limits its own. */
  async save(camera: string, stream: string): Promise<void> {
    const name = `${camera}/${stream}`;
    const keep = this.proposed[name]?.keep;
    if (!keep) return;
    const was = this.limits[name];
    // What was thought of began with none: it would take away those that there are.
    if (!was) throw new Error(this.unlearned[camera] ?? t.common.loading);
    await changeCamera(camera, { streams: { [stream]: { keep: keepChange(was, keep) } } });
    this.limits = { ...this.limits, [name]: keep };
    this.propose(camera, stream, undefined);
    await this.load();
  }

  private thinks(): boolean {
    return Object.keys(this.proposed).length + Object.keys(this.free).length > 0;
  }

  private askSoon(): void {
    clearTimeout(this.timer);
    // The newest question counts: what an older one is answered no longer matters.
    this.call.abort();
    if (!this.thinks()) {
      this.would = undefined;
      this.asking = false;
      return;
    }
    this.asking = true;
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  private async ask(): Promise<void> {
    const call = new AbortController();
    this.call = call;
    try {
      const [streams, volumes] = [Object.values(this.proposed), Object.values(this.free)];
      const answer = await forecast(streams, volumes, call.signal);
      if (call.signal.aborted) return;
      this.would = byName(answer);
      this.failed = undefined;
    } catch (error) {
      if (call.signal.aborted) return;
      // The answer that there is was to another question.
      this.would = undefined;
      this.failed = wordsOf(error);
    } finally {
      if (!call.signal.aborted) this.asking = false;
    }
  }

  /** A stream that would reach farther without limits of its own is limited by them. */
  private async findLimits(): Promise<void> {
    for (const own of this.now.values()) {
      const reach = own.forecast.reaches_back_s;
      if (reach === undefined) continue;
      const { camera, stream } = own;
      const free = byName(await forecast([{ camera, stream, keep: {} }], [], this.over.signal));
      const farther = free.get(nameOf(own))?.forecast.reaches_back_s ?? 0;
      const by = farther > reach * 1.01 ? "own" : "disk";
      this.limitedBy = { ...this.limitedBy, [nameOf(own)]: by };
    }
  }
}
