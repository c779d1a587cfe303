// German: what stands around every page.

import type { Catalogue } from "../en";
import { plurals } from "../format";

const plural = plurals("de");

export const shellTexts: Catalogue["shell"] = {
  language: "Sprache",
  languageAsDevice: "Wie das Gerät",
  updated: "Der Rekorder wurde aktualisiert, und mit ihm diese Seite.",
  palette: {
    open: "Suchen",
    label: "Aktionen und Kameras",
    placeholder: "Was möchten Sie tun?",
    none: (words) => `Nichts hier heißt „${words}“.`,
    found: (n) => plural(n, { one: "# Treffer", other: "# Treffer" }),
    goTo: (page) => `Gehe zu ${page}`,
    theme: (name) => `Farben: ${name}`,
    language: (name) => `Sprache: ${name}`,
    groups: {
      page: "Auf dieser Seite",
      places: "Seiten",
      cameras: "Kameras",
      application: "Anwendung",
    },
  },
  help: {
    heading: "Tastenkürzel",
    everywhere: "Überall",
    or: "oder",
  },
  keys: {
    space: "Leertaste",
    escape: "Esc",
    end: "Ende",
    enter: "Eingabe",
  },
  problems: {
    offline:
      "Der Rekorder ist nicht erreichbar. Prüfen Sie das Netz, dann versuchen Sie es erneut.",
    unexpected:
      "Der Rekorder hat etwas Unverständliches geantwortet. Versuchen Sie es gleich noch einmal.",
    "bad-input": "Etwas an der Anfrage ist falsch. Ändern Sie es, dann versuchen Sie es erneut.",
    "not-signed-in": "Sie sind nicht angemeldet. Melden Sie sich an, dann versuchen Sie es erneut.",
    "wrong-password": "Name oder Passwort ist falsch.",
    "not-set-up": "Auf diesem Rekorder gibt es noch kein Konto. Legen Sie das erste an.",
    forbidden: "Ihr Konto darf das nicht. Wer die Konten verwaltet, kann das ändern.",
    "unknown-host":
      "Der Rekorder kennt sich nicht unter dem Namen in der Adresse. Nehmen Sie seine IP-Adresse, oder tragen Sie den Namen in seine Konfiguration ein.",
    "foreign-origin": "Die Anfrage kam von einer anderen Website und wurde abgelehnt.",
    "not-found": "Das gibt es nicht mehr. Gehen Sie zurück und wählen Sie neu.",
    "no-footage": "Zu dieser Zeit wurde nichts aufgezeichnet. Wählen Sie eine andere.",
    "clip-too-long": "Das ist zu lang für eine Datei. Wählen Sie einen kürzeren Zeitraum.",
    "playlist-too-long":
      "Das ist zu lang, um es am Stück abzuspielen. Wählen Sie einen kürzeren Zeitraum.",
    undecodable:
      "Aus dieser Aufnahme lässt sich kein Bild machen. Laden Sie sie stattdessen herunter.",
    "method-not-allowed": "Das kann der Rekorder nicht. Laden Sie die Seite neu.",
    "managed-by-file": "Das steht in der Konfigurationsdatei. Ändern Sie es dort.",
    "name-taken": "Diesen Namen gibt es schon. Wählen Sie einen anderen.",
    "in-use":
      "Etwas davon ist geschützt oder wird noch gebraucht. Geben Sie das zuerst frei, dann versuchen Sie es erneut.",
    conflict:
      "Das verträgt sich nicht mit dem, was schon da ist. Sehen Sie nach, dann versuchen Sie es erneut.",
    "no-room": "Dafür ist kein Platz mehr. Schaffen Sie Platz, dann versuchen Sie es erneut.",
    "precondition-failed":
      "Jemand anderes hat das inzwischen geändert. Laden Sie die Seite neu, dann versuchen Sie es erneut.",
    "too-large": "Das ist mehr, als der Rekorder auf einmal annimmt. Senden Sie weniger.",
    "unsupported-media-type": "Dateien dieser Art nimmt der Rekorder nicht an.",
    "range-not-satisfiable": "So lang ist die Datei nicht. Beginnen Sie von vorn.",
    "too-many-attempts": "Zu viele Versuche. Warten Sie etwas, dann versuchen Sie es erneut.",
    busy: "Der Rekorder hat gerade zu viel zu tun. Versuchen Sie es gleich noch einmal.",
    "not-live": "Die Kamera sendet gerade keine Bilder. Sie kommen von selbst wieder.",
    "still-reading": "Der Rekorder liest noch sein Archiv. Versuchen Sie es gleich noch einmal.",
    unavailable:
      "Ein Teil des Rekorders ist gestört. Sehen Sie in seine Alarme, dann versuchen Sie es erneut.",
    internal:
      "Der Rekorder hat einen Fehler gemacht. Versuchen Sie es erneut; bleibt es dabei, sehen Sie in sein Protokoll.",
  },
};
