// English: playing and marking on the timeline.

import { duration } from "../format";

export const watchingTexts = {
  backwards: "Play backwards",
  stop: "Stop",
  noneNewer: "there is nothing newer than live",
  loop: "Repeat the marked range",
  loopEnd: "Stop repeating",
  protect: "Protect the marked range",
  unprotect: "Take the protection back",
  kept: (ms: number) => `${duration(ms)} protected: not deleted to make room`,
  failed: "That could not be protected. Try again.",
  given: "The protection was taken back.",
  moves: "movement",
  protected: "protected",
};
