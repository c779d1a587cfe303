// What can be done at this moment: every page offers its actions while it is open. The palette and
// the list of shortcuts are made from this.

import type { Component } from "svelte";
import type { Action } from "./action";

export type Group = "page" | "places" | "cameras" | "application";

/** An action together with what it acts on. */
export interface Offered {
  id: string;
  group: Group;
  label: string;
  keys: readonly string[];
  icon: Component<{ size?: number }> | undefined;
  enabled: boolean;
  perform(): void;
}

const offers = new Set<() => Offered[]>();
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

/** Puts actions up until the returned function is called. */
export function offer<Context>(
  group: Group,
  actions: readonly Action<Context>[],
  context: Context,
): () => void {
  const made = () => bind(group, actions, context);
  offers.add(made);
  tell();
  return () => {
    offers.delete(made);
    tell();
  };
}

/**
 * `listener` is called whenever actions are put up or taken down, until the returned function is. What
 * they act on may still be in the making then: it asks for them later.
 */
export function whenOffered(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Actions as they are now: labels, and whether they make sense, follow what they act on. */
export function bind<Context>(
  group: Group,
  actions: readonly Action<Context>[],
  context: Context,
): Offered[] {
  return actions.map((action) => ({
    id: `${group}.${action.id}`,
    group,
    label: action.label(context),
    keys: action.keys,
    icon: action.icon?.(context),
    enabled: action.enabled?.(context) ?? true,
    perform: () => action.perform(context),
  }));
}

/** Everything that is put up, those of the page that came last first. */
export function offered(): Offered[] {
  return [...offers].reverse().flatMap((made) => made());
}
