// What can be done with the wall of live pictures.

import LayoutGrid from "@lucide/svelte/icons/layout-grid";
import Monitor from "@lucide/svelte/icons/monitor-play";
import Move from "@lucide/svelte/icons/move";
import { t } from "../texts";
import type { Action } from "./action";

/** What the actions need of the page. */
export interface Hanging {
  /** Live, all cameras at once, room for more than one column. */
  readonly arrangeable: boolean;
  /** Live pictures are shown. */
  readonly live: boolean;
  openGroups(): void;
  arrange(): void;
  enterKiosk(): void;
}

export const groups: Action<Hanging> = {
  id: "groups",
  label: () => t.wall.groups.heading,
  keys: ["Shift+g"],
  icon: () => LayoutGrid,
  perform: (hanging) => hanging.openGroups(),
};

export const arrange: Action<Hanging> = {
  id: "arrange",
  label: () => t.wall.arrange.start,
  keys: ["e"],
  icon: () => Move,
  enabled: ({ arrangeable }) => arrangeable,
  perform: (hanging) => hanging.arrange(),
};

export const kiosk: Action<Hanging> = {
  id: "kiosk",
  label: () => t.wall.kiosk.start,
  keys: ["Shift+f"],
  icon: () => Monitor,
  enabled: ({ live }) => live,
  perform: (hanging) => hanging.enterKiosk(),
};

export const wallActions: Action<Hanging>[] = [groups, arrange, kiosk];
