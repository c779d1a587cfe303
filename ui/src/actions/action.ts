// What a person can do, each thing once: its name, its keys, when it makes sense, what it does.
// Buttons, menus and keys are made from this.

import type { Component } from "svelte";
import { t } from "../texts";

export interface Action<Context> {
  id: string;
  label: (context: Context) => string;
  /**
   * Values of `KeyboardEvent.key`, with `Shift+` before them where it matters, or `Mod+` for the
   * key that makes commands: Control, and ⌘ where that is the custom.
   */
  keys: string[];
  icon?: (context: Context) => Component<{ size?: number }>;
  enabled?: (context: Context) => boolean;
  /** Why it makes no sense now, where it does not and its button says so. */
  why?: (context: Context) => string;
  perform: (context: Context) => void;
}

/** How keys are written for people. */
function nameOf(key: string): string {
  const names: Record<string, string> = {
    " ": t.shell.keys.space,
    ArrowLeft: "←",
    ArrowRight: "→",
    ArrowUp: "↑",
    ArrowDown: "↓",
    End: t.shell.keys.end,
    Enter: t.shell.keys.enter,
    Escape: t.shell.keys.escape,
  };
  const [, before = "", plain = key] = /^(Mod\+|Shift\+)?(.+)$/s.exec(key) ?? [];
  const name = names[plain] ?? (plain.length === 1 ? plain.toUpperCase() : plain);
  if (before === "Mod+")
    return /Mac|iPhone|iPad/.test(navigator.platform) ? `⌘${name}` : `Ctrl+${name}`;
  return before === "Shift+" ? `⇧${name}` : name;
}

export function keyName(action: Action<never>): string | undefined {
  return action.keys[0] === undefined ? undefined : nameOf(action.keys[0]);
}

/** All its keys that differ on paper: `+` and `Shift++` are one to the reader. */
export function keyNames(action: { keys: readonly string[] }): string[] {
  const plain = action.keys.filter(
    (key) => !key.startsWith("Shift+") || !action.keys.includes(key.slice(6)),
  );
  return plain.map(nameOf);
}

/** A key press as actions name it, unless it goes into a field or belongs to a control. */
function pressed(event: KeyboardEvent): string | undefined {
  if (event.altKey || event.defaultPrevented || event.isComposing) return undefined;
  const command = event.ctrlKey || event.metaKey;
  const target = event.target as Element | null;
  if (!command && target?.closest("input, select, textarea, dialog, [role=listbox], [role=menu]")) {
    return undefined;
  }
  // Space and Enter press the control that has the focus.
  if ((event.key === " " || event.key === "Enter") && target?.closest("button, a, summary")) {
    return undefined;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${command ? "Mod+" : ""}${event.shiftKey ? "Shift+" : ""}${key}`;
}

/** The action that a key press means. */
export function actionOf<Context>(
  event: KeyboardEvent,
  actions: readonly Action<Context>[],
  context: Context,
): Action<Context> | undefined {
  const key = pressed(event);
  if (key === undefined) return undefined;
  return actions.find(({ keys, enabled }) => keys.includes(key) && (enabled?.(context) ?? true));
}

/** Why a key press does nothing now, where that is known; undefined where it does something. */
export function whyNot<Context>(
  event: KeyboardEvent,
  actions: readonly Action<Context>[],
  context: Context,
): string | undefined {
  const key = pressed(event);
  if (key === undefined || actionOf(event, actions, context)) return undefined;
  const meant = actions.find(({ keys, why }) => keys.includes(key) && why !== undefined);
  return meant?.why && `${meant.label(context)}: ${meant.why(context)}`;
}
