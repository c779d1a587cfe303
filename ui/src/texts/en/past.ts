// English: lanes of the timeline, what is taken out of a marked range, pictures instead of a film.

import { number, plurals } from "../format";

const plural = plurals("en");

export const pastTexts = {
  lanes: "Lanes",
  stack: "A lane for each camera",
  merge: "One lane for all cameras",
  lacks: (name: string, why: string) => `${name}: ${why}`,
  allLack: (why: string) => `All cameras: ${why}`,
  more: (cameras: number) =>
    plural(cameras, { one: "and # more camera", other: "and # more cameras" }),
  take: "Download the marked range",
  export: "Export the marked range",
  exportShort: "Export",
  single: "One camera",
  together: (cameras: number) => `${number(cameras)} cameras in one file`,
  togetherHelp: "A track for each. Editors show all, players one at a time.",
  markTen: "Mark 10 seconds",
  before: "Footage before",
  noneBefore: "Nothing is recorded before this.",
  noneAfter: "Nothing is recorded after this.",
  oldest: (when: string) => `Footage begins ${when}.`,
  toOldest: "Go to where it begins",
  endMissing: "Now mark the end",
  startMissing: "Now mark the start",
  pulls: "Dragging here moves the timeline. Click to go to a time, or drag along the times above.",
  understood: "Got it",
  pictures: "Single pictures",
  helps: "Firefox and Safari do, and so does a player on this device.",
  record: "Or record the sub-stream as H.264.",
  helpsElse: "A player on this device does: download it.",
  timelineShows: "The timeline shows its pictures, and a player on this device plays the file.",
  sub: "Sub-stream",
  minute: "Download this minute",
  film: "Try the film again",
};
