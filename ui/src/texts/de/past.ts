// German: lanes of the timeline, what is taken out of a marked range, pictures instead of a film.

import type { Catalogue } from "../en";
import { number, plurals } from "../format";

const plural = plurals("de");

export const pastTexts: Catalogue["past"] = {
  lanes: "Spuren",
  stack: "Eine Spur je Kamera",
  merge: "Eine Spur für alle Kameras",
  lacks: (name, why) => `${name}: ${why}`,
  allLack: (why) => `Alle Kameras: ${why}`,
  more: (cameras) =>
    plural(cameras, { one: "und # weitere Kamera", other: "und # weitere Kameras" }),
  take: "Markierten Bereich herunterladen",
  export: "Markierten Bereich exportieren",
  exportShort: "Exportieren",
  single: "Eine Kamera",
  together: (cameras) => `${number(cameras)} Kameras in einer Datei`,
  togetherHelp: "Je eine Spur. Schnittprogramme zeigen alle, Player eine nach Wahl.",
  markTen: "10 Sekunden markieren",
  before: "Aufnahme davor",
  noneBefore: "Davor ist nichts aufgenommen.",
  noneAfter: "Danach ist nichts aufgenommen.",
  oldest: (when) => `Die Aufnahmen beginnen ${when}.`,
  toOldest: "Zum Anfang gehen",
  endMissing: "Jetzt das Ende markieren",
  startMissing: "Jetzt den Anfang markieren",
  pulls:
    "Ziehen verschiebt hier die Zeitleiste. Ein Klick springt zu einer Zeit, Ziehen oben an den Uhrzeiten blättert durch die Bilder.",
  understood: "Verstanden",
  pictures: "Einzelbilder",
  helps: "Firefox und Safari können es, ein Player auf diesem Gerät auch.",
  record: "Oder den Substream als H.264 aufzeichnen.",
  helpsElse: "Ein Player auf diesem Gerät kann es: laden Sie es herunter.",
  timelineShows:
    "Die Zeitleiste zeigt seine Bilder, und ein Player auf diesem Gerät spielt die Datei ab.",
  sub: "Substream",
  minute: "Diese Minute herunterladen",
  film: "Film noch einmal versuchen",
};
