// French: playing and marking on the timeline.

import type { Catalogue } from "../en";
import { duration } from "../format";

export const watchingTexts: Catalogue["watching"] = {
  backwards: "Lire à l’envers",
  stop: "Arrêter",
  noneNewer: "rien n’est plus récent que le direct",
  loop: "Répéter la plage marquée",
  loopEnd: "Ne plus répéter",
  protect: "Protéger la plage marquée",
  unprotect: "Retirer la protection",
  kept: (ms) => `${duration(ms)} protégées : elles ne seront pas supprimées pour faire de la place`,
  failed: "La protection a échoué. Réessayez.",
  given: "La protection a été retirée.",
  moves: "mouvement",
  protected: "protégé",
};
