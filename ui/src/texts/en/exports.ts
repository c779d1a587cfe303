// English: exports.

import { about, bytes, duration, number, plurals } from "../format";
import { verdictTexts } from "./verdict";

const plural = plurals("en");

export const exportsTexts = {
  heading: "Exports",
  intro: "Footage for somebody else: clips in a signed ZIP that proves itself.",
  add: "New export",
  verifyFile: "Verify a file",
  space: (used: number, most: number) => `${bytes(used)} of ${bytes(most)} used`,
  spaceLabel: "Space for exports",
  emptyHeading: "No export yet",
  emptyDetail:
    "Mark a range in the timeline, or make one here: clips of one or several cameras that anybody can play, and prove.",
  forbiddenHeading: "You may not export",
  more: "Show older",
  states: {
    waiting: "Waiting",
    writing: "Being written",
    done: "Done",
    failed: "Failed",
  },
  waitsFor: (before: number) =>
    before === 0
      ? "Begins in a moment"
      : `Waits for ${plural(before, { one: "# export", other: "# exports" })} before it`,
  progress: (written: number, all: number) => `${bytes(written)} of ${bytes(all)}`,
  rate: (bytesPerSecond: number) => `${bytes(bytesPerSecond)}/s`,
  left: (ms: number) => `${about(ms)} left`,
  by: (who: string, at: string) => `${who}, ${at}`,
  withoutFootage: "nothing recorded",
  actions: {
    download: (name: string) => `Download “${name}”`,
    cancel: (name: string) => `Cancel “${name}”`,
    delete: (name: string) => `Delete “${name}”`,
    retry: "Make it again",
    timeline: "Show in the timeline",
  },
  remove: {
    cancelHeading: (name: string) => `Cancel “${name}”?`,
    cancelDetail: "What is written of it so far goes.",
    cancel: "Cancel the export",
    keepOn: "Go on",
    deleteHeading: (name: string) => `Delete “${name}”?`,
    deleteDetail: (size: number) =>
      `Its file of ${bytes(size)} goes from the recorder. Who has a copy keeps it; the recordings stay.`,
    deleteFailedDetail: "It has no file. The recordings stay.",
    delete: "Delete the export",
    keep: "Keep it",
    cancelled: (name: string) => `“${name}” is cancelled`,
    deleted: (name: string) => `“${name}” is deleted`,
    failed: (why: string) => `That did not work: ${why}`,
    failedStays: (name: string, why: string) =>
      `“${name}” is being made again, but the one that failed is still there: ${why}`,
  },
  make: {
    heading: "New export",
    what: "A signed ZIP: the clips, a page that plays them, and the proof. For a plain video file alone, mark a range in the timeline and download it.",
    name: "Name",
    nameHelp: "What happened, or whom it is for. Without one it gets the first camera’s name.",
    cameras: "Cameras",
    stream: (camera: string) => `Stream of ${camera}`,
    range: "Range",
    from: "From",
    to: "To",
    lengthIs: (ms: number) => `${duration(ms)} long`,
    lasts: { minute: "Last minute", tenMinutes: "Last 10 minutes", hour: "Last hour" },
    together: "All cameras in one file",
    togetherHelp:
      "One clip with a track for each camera, rather than a clip for each. Not every player shows more than one.",
    timestamps: "Time of day as subtitles",
    timestampsHelp:
      "The wall clock, in the archive’s time zone, as a subtitle track that can be switched off.",
    looking: "Looking what there is…",
    whole: "the whole range",
    some: (recorded: number, gaps: number) =>
      `${duration(recorded)} recorded, ${plural(gaps, { one: "# gap", other: "# gaps" })}`,
    nothing: "nothing recorded in this range",
    unknown: "could not be looked at",
    size: (size: number) => `About ${bytes(size)}`,
    sizeUnknown: "Size not known yet",
    quota: (left: number) => `${bytes(left)} free for exports`,
    over: "That is more than there is room for. Delete an export, shorten the range, or take a sub-stream.",
    noCamera: "Choose at least one camera.",
    tooMany: (most: number) => `At most ${number(most)} cameras in one export.`,
    noRange: "Say from when to when.",
    backwards: "The end lies before the start.",
    future: "The end lies in the future: the export ends now.",
    submit: "Make the export",
    making: "Looking through the footage…",
    made: (name: string) => `“${name}” is being made`,
    protect:
      "Footage can age out while an export waits. Protect the range first if it is about to.",
  },
  details: {
    range: "Range",
    size: "Size",
    made: "Made",
    inside: "Inside",
    subtitles: "With the time of day as subtitles",
    one: "All cameras in one file",
    download: "Download",
    resume: "A download that breaks off can go on where it was.",
  },
  inside: {
    noGaps: "Without a gap",
    gaps: (n: number, ms: number) =>
      `${plural(n, { one: "# gap", other: "# gaps" })}, ${about(Math.max(1000, ms))} in all`,
    more: (n: number) => plural(n, { one: "and # more", other: "and # more" }),
    nothing: "nothing recorded in the range",
    notKnown: (why: string) => `What is in it could not be read: ${why}`,
  },
  verify: {
    heading: "Verify an export",
    intro: "Nothing leaves this device: the file is read and checked in this browser.",
    drop: "Drop an export here",
    dropDetail: "or choose the ZIP",
    choose: "Choose a file",
    again: "Verify another",
    onRecorder: "Verify the recorder’s copy",
    onRecorderHelp: (size: number) =>
      `Reads all ${bytes(size)} through this browser. The audit notes it as taken.`,
    reading: (read: number, all: number) => `Reading ${bytes(read)} of ${bytes(all)}`,
    stop: "Stop",
    wholeHeading: "Whole, and signed by this recorder",
    whole: "Not one byte was changed since this recorder wrote it.",
    otherHeading: "Whole, but this recorder did not sign it",
    other:
      "Nothing was changed since somebody signed it with the key below. Compare the key with that of the recorder it is said to come from: it stands in holdfast-volume.json on its disks.",
    unsigned:
      "Every clip is the one that its list names. Whether the recorder signed that list cannot be checked in this browser: open the page over https, or use “holdfast verify”.",
    plainHttp:
      "This page came over plain http. Damage is found here, but not who signed the export: for a proof open the page over https, or run this on a machine that you trust:",
    foreign:
      "But the key that it names is not this recorder’s: this recorder did not sign it. What it says of itself may be invented.",
    name: "Name",
    exported: "Exported",
    software: "Written by",
    key: "Key",
    clips: "Clips",
    sha256: "SHA-256",
    elsewhere: "Proof elsewhere, with nothing of this page:",
    limits:
      "What this proves: the recorder wrote these files, and none of them is another one. What it does not prove: that the camera’s picture is true and the clocks were right.",
    ...verdictTexts,
  },
};
