// German: playing and marking on the timeline.

import type { Catalogue } from "../en";
import { duration } from "../format";

export const watchingTexts: Catalogue["watching"] = {
  backwards: "Rückwärts abspielen",
  stop: "Anhalten",
  noneNewer: "Neueres als live gibt es nicht",
  loop: "Markierten Bereich wiederholen",
  loopEnd: "Nicht mehr wiederholen",
  protect: "Markierten Bereich schützen",
  unprotect: "Schutz zurücknehmen",
  kept: (ms) => `${duration(ms)} geschützt: wird nicht gelöscht, um Platz zu schaffen`,
  failed: "Das ließ sich nicht schützen. Versuchen Sie es noch einmal.",
  given: "Der Schutz wurde zurückgenommen.",
  moves: "Bewegung",
  protected: "geschützt",
};
