// What can be done everywhere, and is needed from the start: the way to all else.

import CircleHelp from "@lucide/svelte/icons/circle-question-mark";
import Search from "@lucide/svelte/icons/search";
import { t } from "../texts";
import type { Action } from "./action";

/** What these actions need of what stands around the pages. */
export interface Panels {
  palette: boolean;
  help: boolean;
}

export const palette: Action<Panels> = {
  id: "palette",
  label: () => t.shell.palette.open,
  keys: ["Mod+k"],
  icon: () => Search,
  perform: (panels) => {
    panels.help = false;
    panels.palette = !panels.palette;
  },
};

export const help: Action<Panels> = {
  id: "help",
  label: () => t.shell.help.heading,
  keys: ["?", "Shift+?"],
  icon: () => CircleHelp,
  perform: (panels) => {
    panels.help = true;
  },
};

export const panelActions: Action<Panels>[] = [palette, help];
