// German: groups of cameras, their arrangement, kiosk, and what a live tile can do.

import type { Catalogue } from "../en";
import { number } from "../format";

export const wallTexts: Catalogue["wall"] = {
  groups: {
    heading: "Kameragruppen",
    button: "Gruppen",
    all: "Alle Kameras",
    none: "Fassen Sie zusammengehörige Kameras in eigener Reihenfolge zu einer Gruppe zusammen. Gruppen bleiben auf diesem Gerät.",
    make: "Neue Gruppe",
    change: (name) => `Gruppe ${name} ändern`,
    name: "Name der Gruppe",
    cameras: "Kameras in dieser Gruppe",
    up: (name) => `${name} nach oben`,
    down: (name) => `${name} nach unten`,
    save: "Speichern",
    remove: "Diese Gruppe löschen",
    removeSure: (name) => `${name} wirklich löschen?`,
    needName: "Geben Sie ihr einen Namen.",
    needCamera: "Wählen Sie mindestens eine Kamera.",
    empty: "Die Kameras dieser Gruppe gibt es nicht mehr",
    emptyDetail: "Ändern Sie die Gruppe, oder zeigen Sie alle Kameras.",
  },
  arrange: {
    start: "Kacheln anordnen",
    heading: "Kacheln anordnen",
    hint: "Ziehen verschiebt, an der Ecke ziehen ändert die Größe. Pfeiltasten verschieben, mit Umschalt ändern sie die Größe.",
    done: "Fertig",
    undo: "Rückgängig",
    automatic: "Automatisch",
    automaticTip: "Ort und Größe nach der Form der Bilder",
    tile: (name, column, row) => `${name}, Spalte ${number(column)}, Zeile ${number(row)}`,
    size: (across, down) => `${number(across)} breit und ${number(down)} hoch`,
    undone: "Rückgängig gemacht",
  },
  kiosk: {
    start: "Kiosk: nur Bilder",
    leave: "Kiosk verlassen",
    cycle: "Der Kiosk wechselt die Gruppen",
    never: "Nie",
    seconds: (n) => `Alle ${number(n)} s`,
  },
  fallback: {
    stills: (seconds) => `Bilder alle ${number(seconds)} s`,
    hls: "Live, etwas später",
    soon: "Stattdessen werden Einzelbilder gezeigt, sobald eines kommt.",
    reasons: {
      blocked: "Der Weg zum Rekorder lässt keine WebSockets durch",
      media: "Dieser Browser kann keine Streams abspielen",
      codec: "Dieser Browser kann nicht abspielen, was die Kamera sendet",
      pictures: "Diese Kamera sendet Einzelbilder",
      hls: "Der Stream konnte nicht abgespielt werden",
    },
  },
  zoom: {
    in: "Ins Bild zoomen",
    out: "Aus dem Bild zoomen",
    reset: "Ganzes Bild",
    level: (times) => `${number(times, 1)}-fach`,
  },
  more: (name) => `Mehr zu ${name}`,
};
