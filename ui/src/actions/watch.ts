// What can be done while watching, live or recorded.

import ChevronLeft from "@lucide/svelte/icons/chevron-left";
import ChevronRight from "@lucide/svelte/icons/chevron-right";
import Maximize from "@lucide/svelte/icons/maximize";
import Minimize from "@lucide/svelte/icons/minimize";
import Pause from "@lucide/svelte/icons/pause";
import Play from "@lucide/svelte/icons/play";
import Redo from "@lucide/svelte/icons/redo-dot";
import Undo from "@lucide/svelte/icons/undo-dot";
import Volume from "@lucide/svelte/icons/volume-2";
import VolumeOff from "@lucide/svelte/icons/volume-off";
import ZoomIn from "@lucide/svelte/icons/zoom-in";
import ZoomOut from "@lucide/svelte/icons/zoom-out";
import { t } from "../texts";
import type { Action } from "./action";

/** What the actions need of the page that is watched on. */
export interface Watching {
  readonly live: boolean;
  readonly playing: boolean;
  readonly rate: number;
  readonly muted: boolean;
  readonly focus: string | undefined;
  readonly fullScreen: boolean;
  readonly marked: boolean;
  toggle(): void;
  skip(ms: number): void;
  step(by: number): void;
  setRate(rate: number): void;
  goLive(): void;
  zoom(factor: number): void;
  setMuted(muted: boolean): void;
  setFocus(camera: string | undefined): void;
  toggleFullScreen(): void;
  markHere(side: "from" | "to"): void;
  clearMark(): void;
  askTime(): void;
}

export const RATES = [0.25, 0.5, 1, 2, 4, 8, 16] as const;

function faster({ rate }: Watching): number {
  return RATES.find((other) => other > rate) ?? rate;
}

function slower({ rate }: Watching): number {
  return RATES.findLast((other) => other < rate) ?? rate;
}

const SKIP_MS = 10_000;
const recorded = (watching: Watching) => !watching.live;

export const toggle: Action<Watching> = {
  id: "toggle",
  label: ({ playing }) => (playing ? t.common.pause : t.common.play),
  keys: [" ", "k"],
  icon: ({ playing }) => (playing ? Pause : Play),
  perform: (watching) => watching.toggle(),
};

export const back: Action<Watching> = {
  id: "back",
  label: () => t.timeline.back10,
  keys: ["j", "ArrowLeft"],
  icon: () => Undo,
  perform: (watching) => watching.skip(-SKIP_MS),
};

export const forward: Action<Watching> = {
  id: "forward",
  label: () => t.timeline.forward10,
  keys: ["ArrowRight"],
  icon: () => Redo,
  enabled: recorded,
  perform: (watching) => watching.skip(SKIP_MS),
};

export const frameBack: Action<Watching> = {
  id: "frame-back",
  label: () => t.timeline.frameBack,
  keys: [","],
  icon: () => ChevronLeft,
  enabled: recorded,
  perform: (watching) => watching.step(-1),
};

export const frameForward: Action<Watching> = {
  id: "frame-forward",
  label: () => t.timeline.frameForward,
  keys: ["."],
  icon: () => ChevronRight,
  enabled: recorded,
  perform: (watching) => watching.step(1),
};

export const speedUp: Action<Watching> = {
  id: "speed-up",
  label: () => t.timeline.faster,
  keys: ["l"],
  enabled: recorded,
  perform: (watching) => {
    if (watching.playing) watching.setRate(faster(watching));
    else watching.toggle();
  },
};

export const speedDown: Action<Watching> = {
  id: "speed-down",
  label: () => t.timeline.slower,
  keys: ["h"],
  enabled: recorded,
  perform: (watching) => watching.setRate(slower(watching)),
};

export const goLive: Action<Watching> = {
  id: "live",
  label: () => t.timeline.live,
  keys: ["End"],
  perform: (watching) => watching.goLive(),
};

export const zoomIn: Action<Watching> = {
  id: "zoom-in",
  label: () => t.timeline.zoomIn,
  keys: ["+", "=", "Shift++"],
  icon: () => ZoomIn,
  perform: (watching) => watching.zoom(0.5),
};

export const zoomOut: Action<Watching> = {
  id: "zoom-out",
  label: () => t.timeline.zoomOut,
  keys: ["-"],
  icon: () => ZoomOut,
  perform: (watching) => watching.zoom(2),
};

export const sound: Action<Watching> = {
  id: "sound",
  label: ({ muted }) => (muted ? t.live.actions.sound : t.live.actions.mute),
  keys: ["m"],
  icon: ({ muted }) => (muted ? VolumeOff : Volume),
  perform: (watching) => watching.setMuted(!watching.muted),
};

export const fullScreen: Action<Watching> = {
  id: "full-screen",
  label: ({ fullScreen }) => (fullScreen ? t.live.actions.leaveFull : t.live.actions.full),
  keys: ["f"],
  icon: ({ fullScreen }) => (fullScreen ? Minimize : Maximize),
  perform: (watching) => watching.toggleFullScreen(),
};

export const all: Action<Watching> = {
  id: "all",
  label: () => t.live.actions.back,
  keys: ["Escape"],
  enabled: ({ focus, marked }) => focus !== undefined || marked,
  perform: (watching) => {
    if (watching.marked) watching.clearMark();
    else watching.setFocus(undefined);
  },
};

export const markIn: Action<Watching> = {
  id: "mark-in",
  label: () => t.timeline.markIn,
  keys: ["["],
  enabled: recorded,
  perform: (watching) => watching.markHere("from"),
};

export const markOut: Action<Watching> = {
  id: "mark-out",
  label: () => t.timeline.markOut,
  keys: ["]"],
  enabled: recorded,
  perform: (watching) => watching.markHere("to"),
};

export const goTo: Action<Watching> = {
  id: "go-to",
  label: () => t.timeline.goTo,
  keys: ["g"],
  perform: (watching) => watching.askTime(),
};

export const watchActions: Action<Watching>[] = [
  toggle,
  back,
  forward,
  frameBack,
  frameForward,
  speedUp,
  speedDown,
  goLive,
  zoomIn,
  zoomOut,
  sound,
  fullScreen,
  all,
  markIn,
  markOut,
  goTo,
];
