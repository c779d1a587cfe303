// French: recordings that are chosen, and how they are taken away.

import type { Later } from "../en/later";
import { about, bytes, plurals } from "../format";

const plural = plurals("fr");

export const choosingTexts: Later["choosing"] = {
  heading: "Sélection",
  start: "Sélectionner",
  choose: (name, at) => `Sélectionner ${name}, ${at}`,
  chooseDay: (day) => `Sélectionner tout : ${day}`,
  all: "Sélectionner tout ce qui est affiché",
  none: "Ne rien sélectionner",
  keys: {
    next: "Enregistrement suivant",
    previous: "Enregistrement précédent",
    choose: "Sélectionner celui-ci, ou non",
    down: "Sélectionner vers le bas",
    up: "Sélectionner vers le haut",
  },
  sum: (n, ms, size) =>
    `${plural(n, { one: "# enregistrement", many: "# d’enregistrements", other: "# enregistrements" })} · ${about(ms)} · ${bytes(size)}`,
  download: (n) =>
    plural(n, {
      one: "Télécharger # fichier",
      many: "Télécharger # de fichiers",
      other: "Télécharger # fichiers",
    }),
  export: "Un seul export",
  exportTakes: (from, to) => `Un export prend tout, de ${from} à ${to}.`,
  saving: (n, all) => `Téléchargement ${n} sur ${all}`,
  failed: (name, at) => `${name}, ${at} n’a pas été téléchargé.`,
  failedMore: (n) =>
    plural(n, {
      one: "# autre n’a pas été téléchargé.",
      many: "# d’autres n’ont pas été téléchargés.",
      other: "# autres n’ont pas été téléchargés.",
    }),
  timestamps: "Heure dans les téléchargements",
  timestampsHelp: "En sous-titres que l’on peut masquer, dans le fuseau horaire des archives",
};
