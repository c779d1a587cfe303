// Several players on one clock. One of them leads: its pictures are the clock, the others follow.

import type { ClipState } from "./clip-player";

/** What the group needs of a player. */
export interface Member {
  readonly time: number;
  readonly state: ClipState;
  readonly flowing: boolean;
  seek(time: number, scrubbing?: boolean): void;
  play(): void;
  pause(): void;
  setRate(rate: number): void;
  /** One picture forward or back. */
  step(by: number): void;
  tick(clock?: number): void;
}

export interface GroupListener {
  /** Time without footage on any camera was jumped over. */
  skipped(ms: number): void;
  /** Everything on the disk has been played. */
  edge(): void;
  /** There is no footage from here on. */
  ended(): void;
}

/** A failed member is asked again this often. */
const RETRY_MS = 3_000;

export class PlaybackGroup {
  time = 0;
  playing = false;
  rate = 1;
  private members = new Map<string, Member>();
  private preferred: string | undefined;
  private retried = new Map<string, number>();
  private scrubbing = false;

  constructor(private listener: GroupListener) {}

  add(name: string, member: Member): void {
    this.members.set(name, member);
    member.setRate(this.rate);
    member.seek(this.time, this.scrubbing);
    if (this.playing) member.play();
  }

  remove(name: string): void {
    this.members.delete(name);
    this.retried.delete(name);
  }

  /** The member that leads whenever it has footage. */
  prefer(name: string | undefined): void {
    this.preferred = name;
  }

  seek(time: number, scrubbing = false): void {
    this.time = time;
    this.scrubbing = scrubbing;
    for (const member of this.members.values()) member.seek(time, scrubbing);
  }

  play(): void {
    this.playing = true;
    this.scrubbing = false;
    for (const member of this.members.values()) member.play();
  }

  pause(): void {
    this.playing = false;
    for (const member of this.members.values()) member.pause();
  }

  setRate(rate: number): void {
    this.rate = rate;
    for (const member of this.members.values()) member.setRate(rate);
  }

  /** One picture of the leading camera; the others follow. */
  step(by: number): void {
    const lead = this.lead();
    lead?.step(by);
    if (lead) this.time = lead.time;
    for (const member of this.members.values()) if (member !== lead) member.seek(this.time);
  }

  /** Moves the clock on; `now` is monotonic, in milliseconds. */
  tick(now: number): void {
    this.retry(now);
    const lead = this.lead();
    if (!this.playing || this.scrubbing) {
      if (lead && !this.scrubbing && lead.state.kind === "ready") this.time = lead.time;
      return;
    }
    if (lead) {
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
    for (const member of this.members.values()) if (member.state.kind === "ready") return member;
    return undefined;
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
    if (until !== undefined) {
      const skipped = until - this.time;
      this.seek(until);
      this.play();
      if (skipped > 0) this.listener.skipped(skipped);
    } else if (edge) this.listener.edge();
    else if (this.members.size > 0 && !this.anyFailed()) this.listener.ended();
  }

  private anyFailed(): boolean {
    return [...this.members.values()].some(({ state }) => state.kind === "failed");
  }

  private retry(now: number): void {
    for (const [name, member] of this.members) {
      if (member.state.kind !== "failed") {
        this.retried.delete(name);
        continue;
      }
      const since = this.retried.get(name);
      if (since === undefined) this.retried.set(name, now);
      else if (now - since > RETRY_MS) {
        this.retried.set(name, now);
        member.seek(this.time);
      }
    }
  }
}
