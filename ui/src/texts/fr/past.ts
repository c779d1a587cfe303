// French: lanes of the timeline, what is taken out of a marked range, pictures instead of a film.

import type { Catalogue } from "../en";
import { number, plurals } from "../format";

const plural = plurals("fr");

export const pastTexts: Catalogue["past"] = {
  lanes: "Pistes",
  stack: "Une piste par caméra",
  merge: "Une seule piste pour toutes les caméras",
  lacks: (name, why) => `${name} : ${why}`,
  allLack: (why) => `Toutes les caméras : ${why}`,
  more: (cameras) =>
    plural(cameras, {
      one: "et # autre caméra",
      many: "et # d’autres caméras",
      other: "et # autres caméras",
    }),
  take: "Télécharger la plage marquée",
  export: "Exporter la plage marquée",
  exportShort: "Exporter",
  single: "Une caméra",
  together: (cameras) => `${number(cameras)} caméras dans un seul fichier`,
  togetherHelp:
    "Une piste par caméra. Les logiciels de montage les montrent toutes, les lecteurs une à la fois.",
  markTen: "Marquer 10 secondes",
  before: "Enregistrement précédent",
  noneBefore: "Rien n’est enregistré avant cet instant.",
  noneAfter: "Rien n’est enregistré après cet instant.",
  oldest: (when) => `Les enregistrements commencent : ${when}.`,
  toOldest: "Aller au début",
  endMissing: "Marquez maintenant la fin",
  startMissing: "Marquez maintenant le début",
  pulls:
    "Glisser ici déplace la chronologie. Cliquez pour aller à un instant, ou glissez le long des heures au-dessus.",
  understood: "Compris",
  pictures: "Images fixes",
  helps: "Firefox et Safari le lisent, tout comme un lecteur sur cet appareil.",
  record: "Ou enregistrez le flux secondaire en H.264.",
  helpsElse: "Un lecteur sur cet appareil le lit : téléchargez-le.",
  timelineShows:
    "La chronologie en montre les images, et un lecteur sur cet appareil lit le fichier.",
  sub: "Flux secondaire",
  minute: "Télécharger cette minute",
  film: "Réessayer la vidéo",
};
