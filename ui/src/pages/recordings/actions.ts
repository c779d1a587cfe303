// What the list of recordings is led with by keys.

import type { Action } from "../../actions/action";
import { t } from "../../texts/later";

/** What the actions need of the list. */
export interface Listing {
  readonly rows: number;
  readonly chosen: number;
  /** To the row below or above the one that has the focus; with `stretch` it is chosen, too. */
  move(by: 1 | -1, stretch: boolean): void;
  toggle(): void;
  chooseAll(): void;
  chooseNone(): void;
}

const some = ({ rows }: Listing) => rows > 0;

export const listActions: readonly Action<Listing>[] = [
  {
    id: "next",
    label: () => t.choosing.keys.next,
    keys: ["ArrowDown"],
    enabled: some,
    perform: (list) => list.move(1, false),
  },
  {
    id: "previous",
    label: () => t.choosing.keys.previous,
    keys: ["ArrowUp"],
    enabled: some,
    perform: (list) => list.move(-1, false),
  },
  {
    id: "choose",
    label: () => t.choosing.keys.choose,
    keys: ["x"],
    enabled: some,
    perform: (list) => list.toggle(),
  },
  {
    id: "down",
    label: () => t.choosing.keys.down,
    keys: ["Shift+ArrowDown"],
    enabled: some,
    perform: (list) => list.move(1, true),
  },
  {
    id: "up",
    label: () => t.choosing.keys.up,
    keys: ["Shift+ArrowUp"],
    enabled: some,
    perform: (list) => list.move(-1, true),
  },
  {
    id: "all",
    label: () => t.choosing.all,
    keys: ["Mod+a"],
    enabled: some,
    perform: (list) => list.chooseAll(),
  },
  {
    id: "none",
    label: () => t.choosing.none,
    keys: ["Escape"],
    enabled: ({ chosen }) => chosen > 0,
    perform: (list) => list.chooseNone(),
  },
];
