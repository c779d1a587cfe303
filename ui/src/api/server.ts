// The server itself, and who uses it.

import { ask } from "./http";
import type { Root } from "./types";

/** Who serves, who asks, and what they may do; answered without an account too. */
export function getRoot(signal?: AbortSignal): Promise<Root> {
  return ask("GET", "", { signal, quiet: true });
}

/** Begins a session; its cookie comes with the answer. */
export function login(username: string, password: string): Promise<void> {
  return ask("POST", "login", { body: { username, password }, quiet: true });
}

/** Ends the session. */
export function logout(): Promise<void> {
  return ask("POST", "logout", { quiet: true });
}

/** Makes the first account with the one-time token that the server printed, and signs it in. */
export function setUp(token: string, username: string, password: string): Promise<void> {
  return ask("POST", "setup", { body: { token, username, password }, quiet: true });
}

/** Signs in with a one-time link of an account that exists. */
export function useLink(token: string): Promise<void> {
  return ask("POST", "setup", { body: { token }, quiet: true });
}
