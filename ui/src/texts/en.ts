// English.

import type { Later } from "./en/later";
import { pastTexts } from "./en/past";
import { shellTexts } from "./en/shell";
import { wallTexts } from "./en/wall";
import { watchingTexts } from "./en/watching";
import { about, clock, duration, moment, number, plurals } from "./format";

const plural = plurals("en");

export const en = {
  product: "Holdfast",
  shell: shellTexts,
  past: pastTexts,
  watching: watchingTexts,
  wall: wallTexts,
  nav: {
    live: "Live",
    timeline: "Timeline",
    recordings: "Recordings",
    exports: "Exports",
    system: "System",
    more: "More",
    account: "Account",
    main: "Main",
    skip: "Skip to content",
  },
  title: (page: string) => `${page} · Holdfast`,
  common: {
    close: "Close",
    retry: "Try again",
    loading: "Loading",
    cancel: "Cancel",
    clear: "Clear",
    copy: "Copy",
    copied: "Copied",
    download: "Download",
    play: "Play",
    pause: "Pause",
    all: "All",
    main: "Main stream",
    sub: "Sub-stream",
    stream: (name: string) => (name === "main" ? "Main" : name === "sub" ? "Sub" : name),
  },
  account: {
    signedInAs: (name: string) => `Signed in as ${name}`,
    signOut: "Sign out",
    signOutFailed: "You are still signed in: the recorder could not be reached. Try again.",
    theme: "Theme",
    themes: { dark: "Dark", light: "Light", device: "As the device" },
    version: (version: string) => `Holdfast ${version}`,
    timeZone: (zone: string) => `Times in ${zone}`,
  },
  login: {
    heading: "Sign in",
    username: "Name",
    password: "Password",
    show: "Show password",
    hide: "Hide password",
    submit: "Sign in",
    wrong: "Name or password is wrong.",
    wait: (seconds: number) =>
      `Too many tries. Wait ${plural(seconds, { one: "# second", other: "# seconds" })}, then try again.`,
    ended: "Your session has ended. Sign in again.",
  },
  setup: {
    heading: "Make the first account",
    intro: "This recorder has no account yet. The one you make now may do everything.",
    token: "One-time token",
    tokenHelp:
      "It is in the link that the server printed when it started. Open that link, or paste it here.",
    repeat: "Password again",
    submit: "Make the account",
    differ: "The two passwords differ.",
    short: "At least 8 characters.",
    signingIn: "Signing in",
    badToken: "This link was used already, or is too old.",
    badTokenDetail: "Sign in with your password, or restart the server to get a new link.",
    done: "There is an account already. Sign in with it.",
    toLogin: "Go to sign in",
  },
  offline: {
    banner: "The recorder is out of reach. Trying again…",
    heading: "The recorder is out of reach",
    detail: "Recording may well go on. This page comes back by itself when the recorder answers.",
  },
  errors: {
    heading: "That did not work",
    pageGone: "There is no such page",
    pageGoneDetail: "The address leads nowhere here.",
    toLive: "Go to Live",
    newVersion: "The recorder was updated. Load the page again.",
    partMissing: "A part of the page did not come. Look at the network, then load it again.",
    reload: "Load again",
    forbidden: "You may not see this. Someone who manages accounts can change that.",
  },
  cameras: {
    noneHeading: "No camera yet",
    noneDetail:
      "Name your cameras in the configuration file, or apply one with “holdfast config apply”. They appear here at once.",
    camera: (n: number) => plural(n, { one: "# camera", other: "# cameras" }),
    paused: "Paused",
  },
  live: {
    summary: (live: number, all: number) =>
      live === all
        ? all === 1
          ? "1 camera, live"
          : `All ${number(all)} cameras live`
        : `${number(live)} of ${number(all)} cameras live`,
    state: {
      connecting: "Connecting",
      live: "Live",
      late: (ms: number) => `${number(ms / 1000, ms < 10_000 ? 1 : 0)} s late`,
      noSignalSince: (ms: number) => `No signal since ${clock(ms)}`,
      noSignalFor: (ms: number) => `for ${about(ms)}`,
      keyFrame: "Waiting for a key frame",
      retrying: "Reconnecting",
      offline: "Recorder out of reach",
      denied: "The camera refuses the password",
      unsupported: (codec: string | undefined) =>
        codec === undefined || codec === "MJPEG"
          ? `No browser plays ${codec ?? "what this camera sends"}`
          : `This browser cannot play ${codec}`,
      unsupportedDetail: "The recording is complete, and can be downloaded.",
      paused: "Paused",
      stalled: "Not being recorded",
    },
    actions: {
      enlarge: "Enlarge",
      back: "Back to all cameras",
      full: "Full screen",
      leaveFull: "Leave full screen",
      snapshot: "Save a picture",
      sound: "Sound on",
      mute: "Sound off",
      pip: "Picture in picture",
      rewind: "10 seconds ago",
      kiosk: "Full screen",
    },
    tile: (name: string, state: string) => `${name}: ${state}`,
    noSound: "This camera sends no sound that a browser can play live",
    goLive: "Live",
  },
  timeline: {
    label: "Time",
    position: (name: string, at: string, state: string) => `${name}, ${at}, ${state}`,
    recorded: "recorded",
    nothing: "nothing recorded",
    future: "in the future",
    gap: (cause: string, ms: number) => `${cause}, ${duration(ms)}`,
    noFootage: "No footage here",
    next: "Next footage",
    failed: "The picture could not be loaded",
    unsupported: "This browser cannot play this video",
    goTo: "Go to time",
    date: "Date",
    time: "Time",
    go: "Go",
    speed: "Speed",
    faster: "Faster",
    slower: "Slower",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    back10: "Back 10 seconds",
    forward10: "Forward 10 seconds",
    frameBack: "One picture back",
    frameForward: "One picture forward",
    live: "Live",
    markIn: "Mark the start",
    markOut: "Mark the end",
    clearMark: "Clear the mark",
    downloadMarked: (ms: number) => `Download ${duration(ms)}`,
    skipped: (ms: number) => `Skipped ${about(ms)} without footage`,
    today: "Today",
    yesterday: "Yesterday",
    showCamera: (name: string) => `Show ${name}`,
    hideCamera: (name: string) => `Hide ${name}`,
    cameraList: "Cameras",
  },
  causes: {
    unknown: "No footage",
    "camera-gone": "Camera gone",
    silent: "Camera silent",
    shutdown: "Recorder stopped",
    clock: "Clock corrected",
    "bad-data": "Camera sent bad data",
    reconfigured: "Settings changed",
    overload: "Disk too slow",
    disk: "Disk failed",
    cut: "Recorder interrupted",
    crash: "Recorder crashed",
    power: "Power failed",
    paused: "Paused",
    off: "Recording off",
    "not-scheduled": "Outside its schedule",
    removed: "Removed",
    deleted: "Deleted",
    lost: "Footage is gone",
    "volume-removed": "Disk taken out",
  },
  alarms: {
    button: (lasting: number) =>
      lasting === 0
        ? "Alarms"
        : `Alarms: ${plural(lasting, { one: "# thing is wrong", other: "# things are wrong" })}`,
    heading: "Alarms",
    short: "Alarms",
    none: "Nothing is wrong, and nothing was.",
    system: "Recorder",
    since: (ms: number) => `Since ${moment(ms)}`,
    lasted: (from: number, to: number) => `${moment(from)}, for ${about(to - from)}`,
    kinds: {
      "disk-failing": "Disk fails",
      "disk-stuck": "Disk does not answer",
      "disk-slow": "Disk is slow",
      "disk-full": "Disk is full",
      "disk-missing": "Disk is missing",
      "disk-read-only": "Disk can only be read",
      "disk-foreign": "Another disk is mounted",
      "space-short": "Space is short",
      "keep-free-too-large": "Too much is to stay free",
      "footage-behind": "Footage reaches the disk late",
      "frames-lost": "Pictures were lost",
      "camera-lost": "Camera does not send",
      "camera-denied": "Camera refuses the password",
      "clock-stepped": "Clock was set",
      "clock-unset": "Clock is not set",
      "clock-behind": "Clock is behind the footage",
      "clock-ahead": "Clock may be ahead",
      "dated-late": "Footage is dated late",
      "catalog-behind": "Catalog does not keep up",
      "catalog-older": "Catalog is older than the footage",
      "check-finding": "A check found damage",
    },
  },
  manage: {
    heading: "Cameras",
    addFirst: "Add the first camera",
    addFirstDetail:
      "You need its address in the network, and the name and password it was set up with.",
    noneForViewers: "Someone who manages cameras can add one. It appears here at once.",
  },
  system: {
    parts: { health: "Health", storage: "Storage", access: "Access", log: "Log" },
    checking: "Looking whether anything is wrong…",
    notKnown:
      "Whether everything works is not known: the alarms could not be asked for. They are asked for again by themselves.",
  },
  player: {
    position: "Position",
    volume: "Volume",
    video: (name: string, at: string) => `${name}, ${at}`,
    snapshotName: (camera: string, ms: number) => `${camera} ${moment(ms)}`,
  },
};

/** What the first pages say. The others have their English with them: `later.ts`. */
export type First = typeof en;

/** What every language must have: the same sentences, any words. */
export type Catalogue = First & Later;
