// Several players on one clock. One of them leads: its pictures are the clock, the others follow.

import type { ClipState } from "./clip-source";

/** What the group needs of a player. */
export interface Member {
  readonly time: number;
  readonly state: ClipState;
  readonly flowing: boolean;
  /** Its clock is its own: others lead where they can. */
  readonly loose?: boolean;
  /** In a drag, `scale` says how many milliseconds one of its pixels is. */
  seek(time: number, scale?: number): void;
  play(): void;
  pause(): void;
  setRate(rate: number): void;
  /** Shows `time` of a clock that runs backwards or very fast; false while it has no picture. */
  skim(time: number, rate: number): boolean;
  /** One picture forward or back; done when it is seen. */
  step(by: number): Promise<void>;
  tick(clock?: number): void;
}

export interface GroupListener {
  /** Time without footage on any camera was jumped over. */
  skipped(ms: number): void;
  /** Everything on the disk has been played. */
  edge(): void;
  /** There is no footage from here on. */
  ended(): void;
  /** There is none where somebody chose to be, and what follows is further on than they meant. */
  nothing(): void;
}

/** Elements play no faster: above, and backwards, the clock runs by itself and pictures follow. */
const FILM_RATE_MAX = 4;
/** A tab that was away does not leap. */
const SKIM_STEP_MS = 100;
/** A failed member is asked again this often. */
const RETRY_MS = 3_000;
/** And one that waits for what is not durable yet this often. */
const EDGE_MS = 1_000;
/** So many steps are kept until there is a picture to step from. */
const STEPS_AHEAD_MAX = 10;

export class PlaybackGroup {
  time = 0;
  playing = false;
  rate = 1;
  private members = new Map<string, Member>();
  private preferred: string | undefined;
  private retried = new Map<string, number>();
  /** Milliseconds for a pixel of the drag that is under way. */
  private scale: number | undefined;
  /** Where somebody chose to be, until pictures move from there on, and how near to it they meant. */
  private landing: { at: number; near: number } | undefined;

  /** Who waits for a picture to step from. */
  private awaiting: ((lead: Member | undefined) => void)[] = [];

  constructor(private listener: GroupListener) {}

  add(name: string, member: Member): void {
    this.members.set(name, member);
    if (!this.skims) member.setRate(this.rate);
    member.seek(this.time, this.scale);
    if (this.playing && !this.skims) member.play();
  }

  remove(name: string): void {
    this.members.delete(name);
    this.retried.delete(name);
  }

  /** The member that leads whenever it has footage. */
  prefer(name: string | undefined): void {
    this.preferred = name;
  }

  seek(time: number, scale?: number): void {
    this.answer(undefined);
    this.time = time;
    this.scale = scale;
    this.landing = undefined;
    for (const member of this.members.values()) member.seek(time, scale);
  }

  /** By choice: where nothing is recorded it stays, unless footage begins within `near` ms. */
  land(time: number, near: number): void {
    this.seek(time);
    this.landing = { at: time, near };
  }

  /** All members know that there is no footage here. */
  get empty(): boolean {
    const all = [...this.members.values()];
    return all.length > 0 && all.every(({ state }) => state.kind === "gap");
  }

  play(): void {
    this.answer(undefined);
    this.playing = true;
    this.scale = undefined;
    this.skimmedAt = undefined;
    if (this.skims) return;
    for (const member of this.members.values()) member.play();
  }

  pause(): void {
    const skimmed = this.playing && this.skims;
    this.playing = false;
    for (const member of this.members.values()) member.pause();
    if (skimmed && this.scale === undefined) this.seek(this.time);
  }

  /** Negative: backwards. */
  setRate(rate: number): void {
    const skimmed = this.skims;
    this.rate = rate;
    if (this.skims) {
      this.skimmedAt = undefined;
      if (!skimmed) for (const member of this.members.values()) member.pause();
      return;
    }
    for (const member of this.members.values()) member.setRate(rate);
    if (!skimmed || !this.playing || this.scale !== undefined) return;
    this.seek(this.time);
    this.play();
  }

  /** Whether the clock runs by itself, and the pictures after it. */
  private get skims(): boolean {
    return this.rate < 0 || this.rate > FILM_RATE_MAX;
  }

  private skimmedAt: number | undefined;

  private skim(now: number): void {
    const passed = Math.min(SKIM_STEP_MS, now - (this.skimmedAt ?? now));
    this.skimmedAt = now;
    const next = this.time + passed * this.rate;
    const ahead = [...this.members.values()].map((member) => member.skim(next, this.rate));
    // Who has no picture yet holds all up: there is one clock.
    if (ahead.every((here) => here)) this.time = next;
    const gaps = [...this.members.values()].map(({ state }) => state);
    let over: number | undefined;
    for (const state of gaps) {
      if (state.kind !== "gap") {
        if (this.time !== this.landing?.at) this.landing = undefined;
        return;
      }
      const end = this.rate < 0 ? state.from : state.until;
      if (end === undefined) continue;
      over = this.rate < 0 ? Math.max(over ?? end, end) : Math.min(over ?? end, end);
    }
    if (over === undefined) return;
    if (this.staysBefore(over)) return;
    this.listener.skipped(Math.abs(over - this.time));
    this.time = this.rate < 0 ? over - 1 : over;
  }

  /** One picture of the leading camera; the others follow. */
  async step(by: number): Promise<void> {
    const lead = this.lead() ?? (await this.coming());
    if (!lead) return;
    await lead.step(by);
    if (this.playing || this.scale !== undefined) return;
    this.time = lead.time;
    for (const member of this.members.values()) if (member !== lead) member.seek(this.time);
  }

  /** Who leads once pictures are there that are on their way; nobody where something else is wanted. */
  private coming(): Promise<Member | undefined> {
    if (!this.isLoading || this.awaiting.length >= STEPS_AHEAD_MAX) {
      return Promise.resolve(undefined);
    }
    return new Promise((resolve) => this.awaiting.push(resolve));
  }

  private answer(lead: Member | undefined): void {
    for (const resolve of this.awaiting.splice(0)) resolve(lead);
  }

  private get isLoading(): boolean {
    return [...this.members.values()].some(({ state }) => state.kind === "loading");
  }

  /** Moves the clock on; `now` is monotonic, in milliseconds. */
  tick(now: number): void {
    this.retry(now);
    const lead = this.lead();
    if (lead || !this.isLoading) this.answer(lead);
    const dragged = this.scale !== undefined;
    if (!this.playing || dragged) {
      if (lead && !dragged && lead.state.kind === "ready") this.time = lead.time;
      return;
    }
    if (this.skims) {
      this.skim(now);
      return;
    }
    if (lead) {
      if (lead.time !== this.landing?.at) this.landing = undefined;
      // Never backwards: a follower that takes over may be a picture behind.
      if (lead.flowing) this.time = Math.max(this.time, lead.time);
      lead.tick();
    } else this.withoutLead();
    for (const member of this.members.values()) {
      if (member === lead) continue;
      const { state } = member;
      if (state.kind === "ready") member.tick(this.time);
      else if (state.kind === "gap" && state.until !== undefined && this.time >= state.until) {
        member.seek(this.time);
        member.play();
      }
    }
  }

  private lead(): Member | undefined {
    const preferred = this.members.get(this.preferred ?? "");
    if (preferred?.state.kind === "ready") return preferred;
    const ready = [...this.members.values()].filter(({ state }) => state.kind === "ready");
    return ready.find(({ loose }) => !loose) ?? ready[0];
  }

  /** Nobody shows pictures: wait for who still loads, else go where there are some. */
  private withoutLead(): void {
    let until: number | undefined;
    let edge = false;
    for (const { state } of this.members.values()) {
      if (state.kind === "loading") return;
      if (state.kind === "edge") edge = true;
      if (state.kind === "gap" && state.until !== undefined) {
        until = Math.min(until ?? state.until, state.until);
      }
    }
    if (until !== undefined && !edge && this.staysBefore(until)) return;
    if (until !== undefined) {
      const skipped = until - this.time;
      this.seek(until);
      this.play();
      if (skipped > 0) this.listener.skipped(skipped);
    } else if (edge) this.listener.edge();
    else if (this.members.size > 0 && !this.anyFailed()) this.listener.ended();
  }

  /** Whether footage at `time` is too far from where somebody chose to be: then nothing moves. */
  private staysBefore(time: number): boolean {
    const { landing } = this;
    // From where it was chosen, not from how far it came: ends of gaps may come piece by piece.
    if (!landing || Math.abs(time - landing.at) <= landing.near) return false;
    this.listener.nothing();
    return true;
  }

  private anyFailed(): boolean {
    // What turned out to be no film comes as pictures in a moment.
    const broken = ["failed", "unplayable"];
    return [...this.members.values()].some(({ state }) => broken.includes(state.kind));
  }

  /** How long a member in this state is left before it is asked again. */
  private again({ kind }: ClipState): number | undefined {
    if (kind === "failed") return RETRY_MS;
    // Who is paused where nothing is durable yet sees it once it is.
    return kind === "edge" && !this.playing ? EDGE_MS : undefined;
  }

  private retry(now: number): void {
    for (const [name, member] of this.members) {
      const after = this.again(member.state);
      if (after === undefined) {
        this.retried.delete(name);
        continue;
      }
      const since = this.retried.get(name);
      if (since === undefined) this.retried.set(name, now);
      else if (now - since > after) {
        this.retried.set(name, now);
        member.seek(this.time);
      }
    }
  }
}
