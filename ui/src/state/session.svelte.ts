// Who uses the page, and the server's clock.

import { ApiError, onUnauthorised } from "../api/http";
import { getRoot, logout } from "../api/server";
import type { Permission, Root } from "../api/types";
import { setFormat } from "../texts/format";
import { isZone } from "../texts/zone";
import { admitStills, forgetStills } from "./stills";
import { updates } from "./updates.svelte";

export type Standing = "asking" | "setup" | "anonymous" | "in" | "offline";

const RETRY_MS = 2_000;

/** Somebody was signed in here before, and most likely still is. */
const KNOWN = "holdfast.known";

export function wasSignedIn(): boolean {
  try {
    return localStorage.getItem(KNOWN) === "1";
  } catch {
    return false;
  }
}

function note(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(KNOWN, "1");
    else localStorage.removeItem(KNOWN);
  } catch {
    // Storage is switched off: it only costs a little time.
  }
}

class Session {
  standing = $state<Standing>("asking");
  root = $state.raw<Root | undefined>(undefined);
  /** The session ended by itself: the login page says so. */
  ended = $state(false);
  private offset = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    onUnauthorised(() => {
      if (this.standing !== "in") return;
      forgetStills();
      this.ended = true;
      this.standing = "anonymous";
    });
  }

  /** The server's clock, in milliseconds since 1970. */
  now = (): number => Date.now() + this.offset;

  /** Takes the server's clock from an answer that was asked for at `asked`; whole milliseconds. */
  setClock(now: string, asked = Date.now()): void {
    this.offset = Math.round(Date.parse(now) - (asked + Date.now()) / 2);
  }

  can(permission: Permission): boolean {
    return this.root?.permissions.includes(permission) ?? false;
  }

  /** Asks the server who we are; keeps asking while there is no answer. */
  async ask(): Promise<void> {
    const asked = Date.now();
    try {
      const root = await getRoot();
      this.root = root;
      if (root.version) updates.hear(root.version);
      this.setClock(root.now, asked);
      setFormat({ zone: isZone(root.time_zone) ? root.time_zone : "UTC" });
      const before = this.standing;
      this.standing = root.setup_needed
        ? "setup"
        : root.permissions.includes("view-live")
          ? "in"
          : "anonymous";
      if (this.standing === "in") admitStills();
      else forgetStills();
      if (before === "in" && this.standing === "anonymous") this.ended = true;
      note(this.standing === "in");
    } catch (error) {
      if (error instanceof ApiError && error.problem.status === 401) {
        forgetStills();
        this.standing = "anonymous";
        return;
      }
      // Who is in stays in: the page goes on with what it has until the server is back.
      if (this.standing !== "in") this.standing = "offline";
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), RETRY_MS);
    }
  }

  /** Signs out; whether that is done. While the server does not say so, the session lives on. */
  async leave(): Promise<boolean> {
    try {
      await logout();
    } catch (error) {
      if (!(error instanceof ApiError && error.problem.status === 401)) return false;
    }
    forgetStills();
    note(false);
    this.ended = false;
    this.root = undefined;
    this.standing = "anonymous";
    return true;
  }
}

export const session = new Session();
