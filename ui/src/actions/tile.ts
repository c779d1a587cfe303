// What can be done with one live tile: its buttons, and the sheet that a thumb opens.

import Camera from "@lucide/svelte/icons/camera";
import Expand from "@lucide/svelte/icons/expand";
import PictureInPicture from "@lucide/svelte/icons/picture-in-picture-2";
import Scan from "@lucide/svelte/icons/scan";
import Shrink from "@lucide/svelte/icons/shrink";
import Undo from "@lucide/svelte/icons/undo-dot";
import Volume from "@lucide/svelte/icons/volume-2";
import VolumeOff from "@lucide/svelte/icons/volume-off";
import { t } from "../texts";
import type { Action } from "./action";

/** What the actions need of the tile. */
export interface Tiled {
  readonly focused: boolean;
  /** There are others to come from and go back to. */
  readonly several: boolean;
  /** There is sound, and this tile's is the one that may be heard. */
  readonly audible: boolean;
  readonly muted: boolean;
  /** It can float over other windows. */
  readonly floats: boolean;
  readonly zoomed: boolean;
  rewind(): void;
  snapshot(): void;
  float(): void;
  open(): void;
  toggleSound(): void;
  whole(): void;
}

export const rewind: Action<Tiled> = {
  id: "rewind",
  label: () => t.live.actions.rewind,
  keys: [],
  icon: () => Undo,
  perform: (tile) => tile.rewind(),
};

export const snapshot: Action<Tiled> = {
  id: "snapshot",
  label: () => t.live.actions.snapshot,
  keys: [],
  icon: () => Camera,
  perform: (tile) => tile.snapshot(),
};

export const float: Action<Tiled> = {
  id: "pip",
  label: () => t.live.actions.pip,
  keys: [],
  icon: () => PictureInPicture,
  enabled: ({ floats }) => floats,
  perform: (tile) => tile.float(),
};

export const open: Action<Tiled> = {
  id: "open",
  label: ({ focused }) => (focused ? t.live.actions.back : t.live.actions.enlarge),
  keys: [],
  icon: ({ focused }) => (focused ? Shrink : Expand),
  enabled: ({ several }) => several,
  perform: (tile) => tile.open(),
};

export const sound: Action<Tiled> = {
  id: "sound",
  label: ({ muted }) => (muted ? t.live.actions.sound : t.live.actions.mute),
  keys: [],
  icon: ({ muted }) => (muted ? VolumeOff : Volume),
  enabled: ({ audible }) => audible,
  perform: (tile) => tile.toggleSound(),
};

export const whole: Action<Tiled> = {
  id: "whole",
  label: () => t.wall.zoom.reset,
  keys: [],
  icon: () => Scan,
  enabled: ({ zoomed }) => zoomed,
  perform: (tile) => tile.whole(),
};

/** On approach, over the picture. A whole tile is pressed to enlarge it. */
export const tileButtons = ({ focused }: Tiled): Action<Tiled>[] =>
  focused ? [rewind, snapshot, float, open, sound] : [rewind, snapshot, float, sound];

/** In the sheet from below. */
export const tileSheet: Action<Tiled>[] = [rewind, snapshot, open, sound, float, whole];
