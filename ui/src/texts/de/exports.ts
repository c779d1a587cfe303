// German: exports.

import type { Later } from "../en/later";
import { about, bytes, duration, number, plurals } from "../format";

const plural = plurals("de");

export const exportsTexts: Later["exports"] = {
  heading: "Exporte",
  intro: "Aufnahmen zum Weitergeben: Clips in einem signierten ZIP, das sich selbst beweist.",
  add: "Neuer Export",
  verifyFile: "Datei prüfen",
  space: (used, most) => `${bytes(used)} von ${bytes(most)} belegt`,
  spaceLabel: "Platz für Exporte",
  emptyHeading: "Noch kein Export",
  emptyDetail:
    "Markieren Sie einen Bereich in der Zeitleiste, oder legen Sie hier einen Export an: Clips einer oder mehrerer Kameras, die jeder abspielen und prüfen kann.",
  forbiddenHeading: "Sie dürfen nicht exportieren",
  more: "Ältere anzeigen",
  states: {
    waiting: "Wartet",
    writing: "Wird geschrieben",
    done: "Fertig",
    failed: "Fehlgeschlagen",
  },
  waitsFor: (before) =>
    before === 0
      ? "Beginnt gleich"
      : `Wartet auf ${plural(before, { one: "# Export", other: "# Exporte" })} davor`,
  progress: (written, all) => `${bytes(written)} von ${bytes(all)}`,
  rate: (bytesPerSecond) => `${bytes(bytesPerSecond)}/s`,
  left: (ms) => `noch ${about(ms)}`,
  by: (who, at) => `${who}, ${at}`,
  withoutFootage: "nichts aufgenommen",
  actions: {
    download: (name) => `„${name}“ herunterladen`,
    cancel: (name) => `„${name}“ abbrechen`,
    delete: (name) => `„${name}“ löschen`,
    retry: "Noch einmal anlegen",
    timeline: "In der Zeitleiste zeigen",
  },
  remove: {
    cancelHeading: (name) => `„${name}“ abbrechen?`,
    cancelDetail: "Was davon schon geschrieben ist, wird verworfen.",
    cancel: "Export abbrechen",
    keepOn: "Weiterlaufen lassen",
    deleteHeading: (name) => `„${name}“ löschen?`,
    deleteDetail: (size) =>
      `Die Datei (${bytes(size)}) wird vom Rekorder entfernt. Wer eine Kopie hat, behält sie; die Aufnahmen bleiben.`,
    deleteFailedDetail: "Es gibt keine Datei dazu. Die Aufnahmen bleiben.",
    delete: "Export löschen",
    keep: "Behalten",
    cancelled: (name) => `„${name}“ ist abgebrochen`,
    deleted: (name) => `„${name}“ ist gelöscht`,
    failed: (why) => `Das hat nicht geklappt: ${why}`,
    failedStays: (name, why) =>
      `„${name}“ wird noch einmal erstellt, aber der fehlgeschlagene Export ist noch da: ${why}`,
  },
  make: {
    heading: "Neuer Export",
    what: "Ein signiertes ZIP: die Clips, eine Seite, die sie abspielt, und der Beweis. Für eine einfache Videodatei allein markieren Sie einen Bereich in der Zeitleiste und laden ihn herunter.",
    name: "Name",
    nameHelp: "Was geschah, oder für wen er ist. Ohne Namen heißt er wie die erste Kamera.",
    cameras: "Kameras",
    stream: (camera) => `Stream von ${camera}`,
    range: "Zeitraum",
    from: "Von",
    to: "Bis",
    lengthIs: (ms) => `${duration(ms)} lang`,
    lasts: { minute: "Letzte Minute", tenMinutes: "Letzte 10 Minuten", hour: "Letzte Stunde" },
    together: "Alle Kameras in einer Datei",
    togetherHelp:
      "Ein Clip mit einer Spur je Kamera statt je Kamera einer. Nicht jeder Player zeigt mehr als eine.",
    timestamps: "Uhrzeit als Untertitel",
    timestampsHelp:
      "Die Uhrzeit in der Zeitzone des Archivs, als Untertitelspur, die sich abschalten lässt.",
    looking: "Es wird nachgesehen …",
    whole: "der ganze Zeitraum",
    some: (recorded, gaps) =>
      `${duration(recorded)} aufgenommen, ${plural(gaps, { one: "# Lücke", other: "# Lücken" })}`,
    nothing: "in diesem Zeitraum nichts aufgenommen",
    unknown: "konnte nicht nachgesehen werden",
    size: (size) => `Etwa ${bytes(size)}`,
    sizeUnknown: "Größe noch nicht bekannt",
    quota: (left) => `${bytes(left)} frei für Exporte`,
    over: "Das ist mehr, als Platz da ist. Löschen Sie einen Export, kürzen Sie den Zeitraum, oder nehmen Sie einen Substream.",
    noCamera: "Wählen Sie mindestens eine Kamera.",
    tooMany: (most) => `Höchstens ${number(most)} Kameras je Export.`,
    noRange: "Geben Sie an, von wann bis wann.",
    backwards: "Das Ende liegt vor dem Anfang.",
    future: "Das Ende liegt in der Zukunft: Der Export endet jetzt.",
    submit: "Export anlegen",
    making: "Die Aufnahmen werden durchgesehen …",
    made: (name) => `„${name}“ wird angelegt`,
    protect:
      "Aufnahmen können auslaufen, während ein Export wartet. Schützen Sie den Zeitraum vorher, wenn er bald an der Reihe ist.",
  },
  details: {
    range: "Zeitraum",
    size: "Größe",
    made: "Angelegt",
    inside: "Inhalt",
    subtitles: "Mit Uhrzeit als Untertitel",
    one: "Alle Kameras in einer Datei",
    download: "Herunterladen",
    resume: "Ein abgebrochener Download lässt sich fortsetzen.",
  },
  inside: {
    noGaps: "Ohne Lücke",
    gaps: (n, ms) =>
      `${plural(n, { one: "# Lücke", other: "# Lücken" })}, zusammen ${about(Math.max(1000, ms))}`,
    more: (n) => plural(n, { one: "und # weitere", other: "und # weitere" }),
    nothing: "nichts aufgenommen in diesem Zeitraum",
    notKnown: (why) => `Was darin ist, konnte nicht gelesen werden: ${why}`,
  },
  verify: {
    heading: "Export prüfen",
    intro: "Nichts verlässt dieses Gerät: Die Datei wird in diesem Browser gelesen und geprüft.",
    drop: "Export hier ablegen",
    dropDetail: "oder das ZIP auswählen",
    choose: "Datei auswählen",
    again: "Noch eine prüfen",
    onRecorder: "Kopie auf dem Rekorder prüfen",
    onRecorderHelp: (size) =>
      `Liest ganze ${bytes(size)} durch diesen Browser. Das Protokoll vermerkt es als Abruf.`,
    reading: (read, all) => `${bytes(read)} von ${bytes(all)} gelesen`,
    stop: "Anhalten",
    notOneHeading: "Das ist kein Export, wie ein Rekorder ihn schreibt",
    notOne:
      "Er wurde verändert, abgeschnitten oder neu gepackt, oder es ist eine andere Datei. Holen Sie den Export noch einmal, und vergleichen Sie.",
    failedHeading: "Die Datei konnte nicht gelesen werden",
    wholeHeading: "Unversehrt und von diesem Rekorder signiert",
    whole: "Kein Byte wurde verändert, seit dieser Rekorder ihn geschrieben hat.",
    otherHeading: "Unversehrt, aber nicht von diesem Rekorder signiert",
    other:
      "Nichts wurde verändert, seit jemand mit dem Schlüssel unten signiert hat. Vergleichen Sie ihn mit dem des Rekorders, von dem der Export stammen soll: Er steht in holdfast-volume.json auf dessen Datenträgern.",
    unsignedHeading: "Unversehrt, aber die Signatur wurde nicht geprüft",
    unsigned:
      "Jeder Clip ist der, den die Liste nennt. Ob der Rekorder die Liste signiert hat, kann dieser Browser nicht prüfen: Öffnen Sie die Seite über https, oder nehmen Sie „holdfast verify“.",
    unsignedOld:
      "Jeder Clip ist der, den die Liste nennt. Ob der Rekorder die Liste signiert hat, kann dieser Browser nicht prüfen: Nehmen Sie einen neueren oder „holdfast verify“.",
    plainHttp:
      "Diese Seite kam über einfaches http. Schäden und veränderte Clips lassen sich hier finden, aber nicht, wer den Export signiert hat: Signaturen prüfen Browser nur über https, und auf dem Weg hierher könnte die Seite selbst verändert worden sein. Für einen Beweis öffnen Sie sie über https, oder rufen Sie dies auf einem Rechner auf, dem Sie trauen:",
    foreign:
      "Der Schlüssel, den er nennt, ist aber nicht der dieses Rekorders: Dieser Rekorder hat ihn nicht signiert. Was er von sich sagt, kann erfunden sein.",
    badHeading: "Er ist nicht so, wie er exportiert wurde",
    badSignature: "Die Inhaltsliste trägt nicht ihre Signatur: Sie wurde verändert.",
    wrong: {
      changed: (file) => `${file} wurde verändert`,
      missing: (file) => `${file} fehlt`,
      stray: (file) => `${file} gehört nicht dazu`,
    },
    unsaid: (files) =>
      plural(files, {
        one: "# weitere Datei stimmt nicht",
        other: "# weitere Dateien stimmen nicht",
      }),
    name: "Name",
    exported: "Exportiert",
    software: "Geschrieben von",
    key: "Schlüssel",
    clips: "Clips",
    sha256: "SHA-256",
    elsewhere: "Der Beweis anderswo, ganz ohne diese Seite:",
    limits:
      "Was das beweist: Der Rekorder hat diese Dateien geschrieben, und keine ist eine andere. Was es nicht beweist: dass das Bild der Kamera wahr ist und die Uhren richtig gingen.",
  },
};
