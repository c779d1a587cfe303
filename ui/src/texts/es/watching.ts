// Spanish: playing and marking on the timeline.

import type { Catalogue } from "../en";
import { duration } from "../format";

export const watchingTexts: Catalogue["watching"] = {
  backwards: "Reproducir hacia atrás",
  stop: "Detener",
  noneNewer: "no hay nada más reciente que la imagen en vivo",
  loop: "Repetir el intervalo marcado",
  loopEnd: "Dejar de repetir",
  protect: "Proteger el intervalo marcado",
  unprotect: "Retirar la protección",
  kept: (ms) => `${duration(ms)} protegidos: no se borrarán para hacer sitio`,
  failed: "No se pudo proteger. Inténtelo de nuevo.",
  given: "Se ha retirado la protección.",
  moves: "movimiento",
  protected: "protegido",
};
