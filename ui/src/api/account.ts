// One's own sessions, and tokens for programs.

import { ask, at } from "./http";
import { plainName } from "./name";
import type { MadeToken, NewToken, Session, Token } from "./types";

export async function listSessions(): Promise<Session[]> {
  const { sessions } = await ask<{ sessions: Session[] }>("GET", "sessions");
  return sessions.map((own) => ({ ...own, user_agent: plainName(own.user_agent) }));
}

export function endSession(id: string): Promise<void> {
  return ask("DELETE", at`sessions/${id}`);
}

export async function listTokens(): Promise<Token[]> {
  return (await ask<{ tokens: Token[] }>("GET", "tokens")).tokens;
}

/** Its secret comes with the answer, and never again. */
export function makeToken(wanted: NewToken): Promise<MadeToken> {
  return ask("POST", "tokens", { body: wanted });
}

export function revokeToken(name: string): Promise<void> {
  return ask("DELETE", at`tokens/${name}`);
}
