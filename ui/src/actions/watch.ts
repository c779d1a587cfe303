// What can be done while watching, live or recorded.

import MarkIn from "@lucide/svelte/icons/arrow-left-to-line";
import MarkOut from "@lucide/svelte/icons/arrow-right-to-line";
import Brackets from "@lucide/svelte/icons/brackets";
import Calendar from "@lucide/svelte/icons/calendar-clock";
import Download from "@lucide/svelte/icons/download";
import FastForward from "@lucide/svelte/icons/fast-forward";
import Film from "@lucide/svelte/icons/film";
import Gauge from "@lucide/svelte/icons/gauge";
import LayoutGrid from "@lucide/svelte/icons/layout-grid";
import Lock from "@lucide/svelte/icons/lock";
import LockOpen from "@lucide/svelte/icons/lock-open";
import Maximize from "@lucide/svelte/icons/maximize";
import Minimize from "@lucide/svelte/icons/minimize";
import Pause from "@lucide/svelte/icons/pause";
import Play from "@lucide/svelte/icons/play";
import Radio from "@lucide/svelte/icons/radio";
import Row from "@lucide/svelte/icons/rectangle-horizontal";
import Redo from "@lucide/svelte/icons/redo-dot";
import Repeat from "@lucide/svelte/icons/repeat";
import Rewind from "@lucide/svelte/icons/rewind";
import Rows from "@lucide/svelte/icons/rows-3";
import SkipBack from "@lucide/svelte/icons/skip-back";
import SkipForward from "@lucide/svelte/icons/skip-forward";
import Square from "@lucide/svelte/icons/square";
import StepBack from "@lucide/svelte/icons/step-back";
import StepForward from "@lucide/svelte/icons/step-forward";
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
  /** Both ends are marked. */
  readonly range: { from: number; to: number } | undefined;
  /** A range is marked, and the page has room to ask what of it is taken. */
  readonly mayTake: boolean;
  readonly looping: boolean;
  readonly mayProtect: boolean;
  readonly mayExport: boolean;
  /** There is one lane for all cameras, rather than one for each. */
  readonly merged: boolean;
  /** There are several cameras, and lanes for them. */
  readonly mayMerge: boolean;
  /** Nothing is recorded at the instant that is seen. */
  readonly inGap: boolean;
  /** The marked range was protected a moment ago. */
  readonly protectedNow: boolean;
  toggle(): void;
  skip(ms: number): void;
  step(by: number): void;
  /** To the footage before a gap (below 0), or after it. */
  toFootage(by: 1 | -1): void;
  setRate(rate: number): void;
  /** As editors have it: forwards or backwards, and faster each time. */
  shuttle(direction: 1 | -1): void;
  goLive(): void;
  zoom(factor: number): void;
  setMuted(muted: boolean): void;
  setFocus(camera: string | undefined): void;
  toggleFullScreen(): void;
  markHere(side: "from" | "to"): void;
  markTen(): void;
  clearMark(): void;
  toggleLoop(): void;
  toggleProtection(): void;
  take(): void;
  exportMarked(): void;
  setMerged(merged: boolean): void;
  askTime(): void;
}

export const RATES = [0.25, 0.5, 1, 2, 4, 8, 16] as const;

export const BACKWARDS = [-1, -2, -4, -8, -16] as const;

/** The next speed in the direction that `rate` has. */
export function faster(rate: number): number {
  const next =
    rate < 0 ? BACKWARDS.find((other) => other < rate) : RATES.find((other) => other > rate);
  return next ?? rate;
}

function slower(rate: number): number {
  const next =
    rate < 0 ? BACKWARDS.findLast((other) => other > rate) : RATES.findLast((o) => o < rate);
  return next ?? rate;
}

const SKIP_MS = 10_000;
const recorded = (watching: Watching) => !watching.live;

export const toggle: Action<Watching> = {
  id: "toggle",
  label: ({ playing }) => (playing ? t.common.pause : t.common.play),
  keys: [" "],
  icon: ({ playing }) => (playing ? Pause : Play),
  perform: (watching) => watching.toggle(),
};

export const back: Action<Watching> = {
  id: "back",
  label: () => t.timeline.back10,
  keys: ["ArrowLeft"],
  icon: () => Undo,
  perform: (watching) => watching.skip(-SKIP_MS),
};

export const forward: Action<Watching> = {
  id: "forward",
  label: () => t.timeline.forward10,
  keys: ["ArrowRight"],
  icon: () => Redo,
  enabled: recorded,
  why: () => t.watching.noneNewer,
  perform: (watching) => watching.skip(SKIP_MS),
};

export const frameBack: Action<Watching> = {
  id: "frame-back",
  label: () => t.timeline.frameBack,
  keys: [","],
  icon: () => StepBack,
  perform: (watching) => watching.step(-1),
};

export const frameForward: Action<Watching> = {
  id: "frame-forward",
  label: () => t.timeline.frameForward,
  keys: ["."],
  icon: () => StepForward,
  enabled: recorded,
  why: () => t.watching.noneNewer,
  perform: (watching) => watching.step(1),
};

export const footageBefore: Action<Watching> = {
  id: "footage-before",
  label: () => t.past.before,
  keys: ["b"],
  icon: () => SkipBack,
  enabled: ({ inGap }) => inGap,
  perform: (watching) => watching.toFootage(-1),
};

export const footageAfter: Action<Watching> = {
  id: "footage-after",
  label: () => t.timeline.next,
  keys: ["n"],
  icon: () => SkipForward,
  enabled: ({ inGap }) => inGap,
  perform: (watching) => watching.toFootage(1),
};

export const speedUp: Action<Watching> = {
  id: "speed-up",
  label: () => t.timeline.faster,
  keys: ["l"],
  icon: () => FastForward,
  enabled: recorded,
  perform: (watching) => watching.shuttle(1),
};

export const backwards: Action<Watching> = {
  id: "backwards",
  label: () => t.watching.backwards,
  keys: ["j"],
  icon: () => Rewind,
  perform: (watching) => watching.shuttle(-1),
};

export const stop: Action<Watching> = {
  id: "stop",
  label: () => t.watching.stop,
  keys: ["k"],
  icon: () => Square,
  enabled: ({ playing }) => playing,
  perform: (watching) => watching.toggle(),
};

export const speedDown: Action<Watching> = {
  id: "speed-down",
  label: () => t.timeline.slower,
  keys: ["h"],
  icon: () => Gauge,
  enabled: recorded,
  perform: (watching) => watching.setRate(slower(watching.rate)),
};

export const goLive: Action<Watching> = {
  id: "live",
  label: () => t.timeline.live,
  keys: ["End"],
  icon: () => Radio,
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
  icon: () => LayoutGrid,
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
  icon: () => MarkIn,
  enabled: recorded,
  perform: (watching) => watching.markHere("from"),
};

export const markOut: Action<Watching> = {
  id: "mark-out",
  label: () => t.timeline.markOut,
  keys: ["]"],
  icon: () => MarkOut,
  enabled: recorded,
  perform: (watching) => watching.markHere("to"),
};

export const markTen: Action<Watching> = {
  id: "mark-ten",
  label: () => t.past.markTen,
  keys: ["t"],
  icon: () => Brackets,
  perform: (watching) => watching.markTen(),
};

export const take: Action<Watching> = {
  id: "take",
  label: () => t.past.take,
  keys: ["d"],
  icon: () => Download,
  enabled: ({ mayTake }) => mayTake,
  perform: (watching) => watching.take(),
};

export const exportMarked: Action<Watching> = {
  id: "export",
  label: () => t.past.export,
  keys: ["x"],
  icon: () => Film,
  enabled: ({ range, mayExport }) => range !== undefined && mayExport,
  perform: (watching) => watching.exportMarked(),
};

export const lanes: Action<Watching> = {
  id: "lanes",
  label: ({ merged }) => (merged ? t.past.stack : t.past.merge),
  keys: ["v"],
  icon: ({ merged }) => (merged ? Rows : Row),
  enabled: ({ mayMerge }) => mayMerge,
  perform: (watching) => watching.setMerged(!watching.merged),
};

export const loop: Action<Watching> = {
  id: "loop",
  label: ({ looping }) => (looping ? t.watching.loopEnd : t.watching.loop),
  keys: ["r"],
  icon: () => Repeat,
  enabled: ({ range }) => range !== undefined,
  perform: (watching) => watching.toggleLoop(),
};

export const protect: Action<Watching> = {
  id: "protect",
  label: ({ protectedNow }) => (protectedNow ? t.watching.unprotect : t.watching.protect),
  keys: ["p"],
  icon: ({ protectedNow }) => (protectedNow ? LockOpen : Lock),
  enabled: ({ range, mayProtect }) => range !== undefined && mayProtect,
  perform: (watching) => watching.toggleProtection(),
};

export const goTo: Action<Watching> = {
  id: "go-to",
  label: () => t.timeline.goTo,
  keys: ["g"],
  icon: () => Calendar,
  perform: (watching) => watching.askTime(),
};

export const watchActions: Action<Watching>[] = [
  toggle,
  back,
  forward,
  frameBack,
  frameForward,
  footageBefore,
  footageAfter,
  speedUp,
  backwards,
  stop,
  speedDown,
  goLive,
  zoomIn,
  zoomOut,
  sound,
  fullScreen,
  all,
  markIn,
  markOut,
  markTen,
  take,
  exportMarked,
  loop,
  protect,
  lanes,
  goTo,
];
