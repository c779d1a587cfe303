// German: recordings that are chosen, and how they are taken away.

import type { Later } from "../en/later";
import { about, bytes, plurals } from "../format";

const plural = plurals("de");

export const choosingTexts: Later["choosing"] = {
  heading: "Ausgewählt",
  start: "Auswählen",
  choose: (name, at) => `${name}, ${at} auswählen`,
  chooseDay: (day) => `Alle von ${day} auswählen`,
  all: "Alle angezeigten auswählen",
  none: "Nichts auswählen",
  keys: {
    next: "Nächste Aufnahme",
    previous: "Vorige Aufnahme",
    choose: "Diese auswählen oder nicht",
    down: "Nach unten auswählen",
    up: "Nach oben auswählen",
  },
  sum: (n, ms, size) =>
    `${plural(n, { one: "# Aufnahme", other: "# Aufnahmen" })} · ${about(ms)} · ${bytes(size)}`,
  download: (n) => plural(n, { one: "# Datei herunterladen", other: "# Dateien herunterladen" }),
  export: "Ein Export",
  exportTakes: (from, to) => `Ein Export nimmt alles von ${from} bis ${to}.`,
  saving: (n, all) => `Datei ${n} von ${all} wird geladen`,
  failed: (name, at) => `${name}, ${at} wurde nicht heruntergeladen.`,
  failedMore: (n) =>
    plural(n, {
      one: "# weitere wurde nicht heruntergeladen.",
      other: "# weitere wurden nicht heruntergeladen.",
    }),
  timestamps: "Downloads mit Uhrzeit",
  timestampsHelp: "Als abschaltbare Untertitel, in der Zeitzone des Archivs",
};
