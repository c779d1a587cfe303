// German: the recorder's own log. Its lines stay as they are.

import type { LogTexts } from "../en/log";
import { plurals } from "../format";

const plural = plurals("de");

export const logTexts: LogTexts = {
  intro:
    "Was der Rekorder seit seinem Start über sich sagt, ohne Passwörter. Älteres steht im Protokoll des Systems.",
  filters: "Welche Zeilen",
  level: "Wie wichtig",
  levels: {
    debug: "Alles",
    info: "Ohne Einzelheiten",
    warn: "Warnungen und Fehler",
    error: "Nur Fehler",
  },
  search: "Im Protokoll suchen",
  lines: "Zeilen des Protokolls",
  beginning: "Hier beginnen die aufbewahrten Zeilen.",
  toEnd: "Zum Neuesten",
  fresh: (n) => plural(n, { one: "# neue Zeile", other: "# neue Zeilen" }),
  lost: (n) =>
    plural(n, {
      one: "# Zeile kam dazwischen und ist nicht mehr da",
      other: "# Zeilen kamen dazwischen und sind nicht mehr da",
    }),
  restarted: "Hier wurde der Rekorder neu gestartet",
  noneHeading: "Noch nichts gesagt",
  noneDetail: "Was der Rekorder von jetzt an sagt, erscheint hier von selbst.",
  notFoundHeading: "Keine solche Zeile",
  notFoundDetail:
    "Von den aufbewahrten Zeilen passt keine. Kommt eine, erscheint sie hier von selbst.",
  all: "Alle Zeilen zeigen",
  copied: "Die gezeigten Zeilen sind kopiert",
  marked: "Die Zeilen sind markiert: jetzt kopieren.",
  save: "Als Text speichern",
  inLog: "Im Protokoll",
  inLogOf: (subject) => `${subject} im Protokoll`,
};
