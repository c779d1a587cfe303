// Spanish: lanes of the timeline, what is taken out of a marked range, pictures instead of a film.

import type { Catalogue } from "../en";
import { number, plurals } from "../format";

const plural = plurals("es");

export const pastTexts: Catalogue["past"] = {
  lanes: "Pistas",
  stack: "Una pista por cámara",
  merge: "Una sola pista para todas las cámaras",
  lacks: (name, why) => `${name}: ${why}`,
  allLack: (why) => `Todas las cámaras: ${why}`,
  more: (cameras) =>
    plural(cameras, {
      one: "y # cámara más",
      many: "y # de cámaras más",
      other: "y # cámaras más",
    }),
  take: "Descargar el intervalo marcado",
  export: "Exportar el intervalo marcado",
  exportShort: "Exportar",
  single: "Una cámara",
  together: (cameras) => `${number(cameras)} cámaras en un archivo`,
  togetherHelp:
    "Una pista por cámara. Los editores las muestran todas; los reproductores, de una en una.",
  markTen: "Marcar 10 segundos",
  before: "Grabación anterior",
  noneBefore: "No hay nada grabado antes de este momento.",
  noneAfter: "No hay nada grabado después de este momento.",
  oldest: (when) => `Las grabaciones empiezan: ${when}.`,
  toOldest: "Ir al principio",
  endMissing: "Ahora marque el final",
  startMissing: "Ahora marque el inicio",
  pulls:
    "Arrastrar aquí desplaza la cronología. Haga clic para ir a un momento, o arrastre por las horas de arriba.",
  understood: "Entendido",
  pictures: "Imágenes sueltas",
  helps: "Firefox y Safari sí, y también un reproductor en este dispositivo.",
  record: "O grabe el flujo secundario en H.264.",
  helpsElse: "Un reproductor en este dispositivo sí: descárguelo.",
  timelineShows:
    "La cronología muestra sus imágenes, y un reproductor en este dispositivo reproduce el archivo.",
  sub: "Flujo secundario",
  minute: "Descargar este minuto",
  film: "Probar de nuevo el vídeo",
};
