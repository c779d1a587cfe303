// French: the recorder's own log. Its lines stay as they are.

import type { LogTexts } from "../en/log";
import { plurals } from "../format";

const plural = plurals("fr");

export const logTexts: LogTexts = {
  intro:
    "Ce que l’enregistreur dit de lui-même depuis son démarrage, sans mots de passe. Le reste, plus ancien, est dans le journal du système.",
  filters: "Quelles lignes",
  level: "Importance",
  levels: {
    debug: "Tout",
    info: "Sans les détails",
    warn: "Avertissements et erreurs",
    error: "Erreurs seulement",
  },
  search: "Chercher dans le journal",
  lines: "Lignes du journal",
  beginning: "Les lignes conservées commencent ici.",
  toEnd: "Aux plus récentes",
  fresh: (n) =>
    plural(n, {
      one: "# nouvelle ligne",
      many: "# de nouvelles lignes",
      other: "# nouvelles lignes",
    }),
  lost: (n) =>
    plural(n, {
      one: "# ligne est venue entre-temps et n’est plus conservée",
      many: "# de lignes sont venues entre-temps et ne sont plus conservées",
      other: "# lignes sont venues entre-temps et ne sont plus conservées",
    }),
  restarted: "L’enregistreur a redémarré ici",
  noneHeading: "Rien n’a encore été dit",
  noneDetail: "Ce que l’enregistreur dira désormais apparaîtra ici tout seul.",
  notFoundHeading: "Aucune ligne de ce genre",
  notFoundDetail:
    "Parmi les lignes conservées, aucune ne convient. S’il en vient une, elle apparaîtra ici toute seule.",
  all: "Afficher toutes les lignes",
  copied: "Les lignes affichées sont copiées",
  marked: "Les lignes sont sélectionnées : copiez-les maintenant.",
  save: "Enregistrer en texte",
  inLog: "Dans le journal",
  inLogOf: (subject) => `${subject} dans le journal`,
};
