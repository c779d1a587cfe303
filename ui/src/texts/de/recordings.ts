// German: the list of recordings.

import type { Later } from "../en/later";

const streams = (name: string) =>
  name === "main" ? "Hauptstream" : name === "sub" ? "Substream" : name;

export const recordingsTexts: Later["recordings"] = {
  heading: "Aufnahmen",
  filters: "Filter",
  camera: "Kamera",
  anyCamera: "Alle Kameras",
  stream: "Stream",
  anyStream: "Alle Streams",
  firstStream: "Hauptstreams",
  onlyStream: (name) => (name === "sub" ? "Substreams" : `Streams „${name}“`),
  streamName: streams,
  clear: "Alles zeigen",
  from: "Von",
  to: "Bis",
  ranges: {
    hour: "Letzte Stunde",
    today: "Heute",
    yesterday: "Gestern",
    week: "Letzte 7 Tage",
    any: "Jederzeit",
    own: "Von … bis …",
  },
  range: "Zeit",
  trim: "Auf den Filter kürzen",
  trimHelp: "Spielt und lädt nur, was in der gewählten Zeit liegt",
  columns: {
    start: "Beginn",
    length: "Länge",
    camera: "Kamera",
    picture: "Bild",
    size: "Größe",
    rate: "Datenrate",
    end: "Ende durch",
  },
  growing: "Läuft",
  goesOn: "Geht weiter",
  trimmed: "Gekürzt",
  end: "Keine älteren Aufnahmen",
  noneHeading: "Hier ist nichts",
  noneDetail:
    "In diese Zeit fällt keine Aufnahme. Wählen Sie einen größeren Zeitraum oder andere Kameras.",
  emptyHeading: "Noch nichts aufgezeichnet",
  emptyDetail:
    "Die erste Aufnahme erscheint hier eine Sekunde, nachdem sich eine Kamera verbunden hat.",
  badRange: "Das Ende liegt vor dem Anfang.",
  play: (name, at) => `${name}, ${at} abspielen`,
  download: (name, at) => `${name}, ${at} herunterladen`,
  openTimeline: "In der Zeitleiste öffnen",
};
