// What a person can do, each thing once: its name, its keys, when it makes sense, what it does.
// Buttons, menus and keys are made from this.

import type { Component } from "svelte";

export interface Action<Context> {
  id: string;
  label: (context: Context) => string;
  /** Values of `KeyboardEvent.key`, with `Shift+` before them where it matters. */
  keys: string[];
  icon?: (context: Context) => Component<{ size?: number }>;
  enabled?: (context: Context) => boolean;
  perform: (context: Context) => void;
}

/** How keys are written for people. */
const NAMES: Record<string, string> = {
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
};

export function keyName(action: Action<never>): string | undefined {
  const key = action.keys[0];
  if (key === undefined) return undefined;
  const plain = key.replace("Shift+", "⇧");
  return NAMES[key] ?? (plain.length <= 2 ? plain.toUpperCase() : plain);
}

/** The action that a key press means, unless it goes into a field or belongs to a control. */
export function actionOf<Context>(
  event: KeyboardEvent,
  actions: readonly Action<Context>[],
  context: Context,
): Action<Context> | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return undefined;
  const target = event.target as Element | null;
  if (target?.closest("input, select, textarea, dialog, [role=listbox], [role=menu]")) {
    return undefined;
  }
  // Space and Enter press the control that has the focus.
  if ((event.key === " " || event.key === "Enter") && target?.closest("button, a, summary")) {
    return undefined;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shifted = event.shiftKey ? `Shift+${key}` : key;
  return actions.find(
    (action) => action.keys.includes(shifted) && (action.enabled?.(context) ?? true),
  );
}
