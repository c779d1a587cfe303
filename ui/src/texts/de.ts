// German.

import { pastTexts } from "./de/past";
import { shellTexts } from "./de/shell";
import { wallTexts } from "./de/wall";
import { watchingTexts } from "./de/watching";
import type { First } from "./en";
import { about, clock, duration, moment, number, plurals } from "./format";

const plural = plurals("de");
const streams = (name: string) =>
  name === "main" ? "Hauptstream" : name === "sub" ? "Substream" : name;

export const de: First = {
  product: "Holdfast",
  shell: shellTexts,
  past: pastTexts,
  watching: watchingTexts,
  wall: wallTexts,
  nav: {
    live: "Live",
    timeline: "Zeitleiste",
    recordings: "Aufnahmen",
    exports: "Exporte",
    system: "System",
    more: "Mehr",
    account: "Konto",
    main: "Hauptnavigation",
    skip: "Zum Inhalt springen",
  },
  title: (page) => `${page} · Holdfast`,
  common: {
    close: "Schließen",
    retry: "Erneut versuchen",
    loading: "Wird geladen",
    cancel: "Abbrechen",
    clear: "Leeren",
    copy: "Kopieren",
    copied: "Kopiert",
    download: "Herunterladen",
    play: "Abspielen",
    pause: "Anhalten",
    all: "Alle",
    main: "Hauptstream",
    sub: "Substream",
    stream: streams,
  },
  account: {
    signedInAs: (name) => `Angemeldet als ${name}`,
    signOut: "Abmelden",
    signOutFailed:
      "Sie sind noch angemeldet: Der Rekorder war nicht erreichbar. Versuchen Sie es noch einmal.",
    theme: "Farben",
    themes: { dark: "Dunkel", light: "Hell", device: "Wie das Gerät" },
    version: (version) => `Holdfast ${version}`,
    timeZone: (zone) => `Uhrzeiten in ${zone}`,
  },
  login: {
    heading: "Anmelden",
    username: "Name",
    password: "Passwort",
    show: "Passwort zeigen",
    hide: "Passwort verbergen",
    submit: "Anmelden",
    wrong: "Name oder Passwort ist falsch.",
    wait: (seconds) =>
      `Zu viele Versuche. Warten Sie ${plural(seconds, { one: "# Sekunde", other: "# Sekunden" })} und versuchen Sie es dann noch einmal.`,
    ended: "Ihre Sitzung ist abgelaufen. Melden Sie sich wieder an.",
  },
  setup: {
    heading: "Das erste Konto anlegen",
    intro:
      "Auf diesem Rekorder gibt es noch kein Konto. Das, welches Sie jetzt anlegen, darf alles.",
    token: "Einmal-Code",
    tokenHelp:
      "Er steht in dem Link, den der Server beim Start ausgegeben hat. Öffnen Sie den Link, oder fügen Sie den Code hier ein.",
    repeat: "Passwort wiederholen",
    submit: "Konto anlegen",
    differ: "Die beiden Passwörter sind verschieden.",
    short: "Mindestens 8 Zeichen.",
    signingIn: "Sie werden angemeldet",
    badToken: "Dieser Link wurde schon benutzt oder ist zu alt.",
    badTokenDetail:
      "Melden Sie sich mit Ihrem Passwort an, oder starten Sie den Server neu, um einen neuen Link zu bekommen.",
    done: "Es gibt schon ein Konto. Melden Sie sich damit an.",
    toLogin: "Zur Anmeldung",
  },
  offline: {
    banner: "Der Rekorder ist nicht erreichbar. Es wird weiter versucht …",
    heading: "Der Rekorder ist nicht erreichbar",
    detail:
      "Die Aufzeichnung läuft vermutlich weiter. Diese Seite kommt von selbst zurück, sobald der Rekorder antwortet.",
  },
  errors: {
    heading: "Das hat nicht geklappt",
    pageGone: "Diese Seite gibt es nicht",
    pageGoneDetail: "Die Adresse führt hier nirgendwohin.",
    toLive: "Zu Live",
    newVersion: "Der Rekorder wurde aktualisiert. Laden Sie die Seite neu.",
    partMissing:
      "Ein Teil der Seite kam nicht an. Prüfen Sie das Netzwerk und laden Sie sie dann neu.",
    reload: "Neu laden",
    forbidden: "Das dürfen Sie nicht sehen. Wer die Konten verwaltet, kann das ändern.",
  },
  cameras: {
    noneHeading: "Noch keine Kamera",
    noneDetail:
      "Tragen Sie Ihre Kameras in die Konfigurationsdatei ein, oder wenden Sie eine mit „holdfast config apply“ an. Sie erscheinen hier sofort.",
    camera: (n) => plural(n, { one: "# Kamera", other: "# Kameras" }),
    paused: "Pausiert",
  },
  live: {
    summary: (live, all) =>
      live === all
        ? all === 1
          ? "1 Kamera, live"
          : `Alle ${number(all)} Kameras live`
        : `${number(live)} von ${number(all)} Kameras live`,
    state: {
      connecting: "Verbinden",
      live: "Live",
      late: (ms) => `${number(ms / 1000, ms < 10_000 ? 1 : 0)} s verzögert`,
      noSignalSince: (ms) => `Kein Signal seit ${clock(ms)}`,
      noSignalFor: (ms) => `seit ${about(ms)}`,
      keyFrame: "Warten auf ein Schlüsselbild",
      retrying: "Neuer Versuch",
      offline: "Rekorder nicht erreichbar",
      denied: "Die Kamera lehnt das Passwort ab",
      unsupported: (codec) =>
        codec === undefined || codec === "MJPEG"
          ? `Kein Browser kann ${codec ?? "das Bild dieser Kamera"} wiedergeben`
          : `Dieser Browser kann ${codec} nicht wiedergeben`,
      unsupportedDetail: "Die Aufnahme ist vollständig und kann heruntergeladen werden.",
      paused: "Pausiert",
      stalled: "Wird nicht aufgezeichnet",
    },
    actions: {
      enlarge: "Vergrößern",
      back: "Zurück zu allen Kameras",
      full: "Vollbild",
      leaveFull: "Vollbild verlassen",
      snapshot: "Bild speichern",
      sound: "Ton an",
      mute: "Ton aus",
      pip: "Bild im Bild",
      rewind: "Vor 10 Sekunden",
      kiosk: "Vollbild",
    },
    tile: (name, state) => `${name}: ${state}`,
    noSound: "Diese Kamera sendet keinen Ton, den ein Browser live wiedergeben kann",
    goLive: "Live",
  },
  timeline: {
    label: "Zeit",
    position: (name, at, state) => `${name}, ${at}, ${state}`,
    recorded: "aufgezeichnet",
    nothing: "nichts aufgezeichnet",
    future: "in der Zukunft",
    gap: (cause, ms) => `${cause}, ${duration(ms)}`,
    noFootage: "Hier gibt es keine Aufnahme",
    next: "Nächste Aufnahme",
    failed: "Das Bild konnte nicht geladen werden",
    unsupported: "Dieser Browser kann dieses Video nicht wiedergeben",
    goTo: "Zu einer Zeit springen",
    date: "Datum",
    time: "Uhrzeit",
    go: "Los",
    speed: "Tempo",
    faster: "Schneller",
    slower: "Langsamer",
    zoomIn: "Näher heran",
    zoomOut: "Weiter weg",
    back10: "10 Sekunden zurück",
    forward10: "10 Sekunden vor",
    frameBack: "Ein Bild zurück",
    frameForward: "Ein Bild vor",
    live: "Live",
    markIn: "Anfang markieren",
    markOut: "Ende markieren",
    clearMark: "Markierung aufheben",
    downloadMarked: (ms) => `${duration(ms)} herunterladen`,
    skipped: (ms) => `${about(ms)} ohne Aufnahme übersprungen`,
    today: "Heute",
    yesterday: "Gestern",
    showCamera: (name) => `${name} zeigen`,
    hideCamera: (name) => `${name} ausblenden`,
    cameraList: "Kameras",
  },
  causes: {
    unknown: "Keine Aufnahme",
    "camera-gone": "Kamera weg",
    silent: "Kamera ohne Daten",
    shutdown: "Rekorder beendet",
    clock: "Uhr korrigiert",
    "bad-data": "Kamera sendete Unbrauchbares",
    reconfigured: "Einstellungen geändert",
    overload: "Datenträger zu langsam",
    disk: "Datenträger ausgefallen",
    cut: "Rekorder unterbrochen",
    crash: "Rekorder abgestürzt",
    power: "Stromausfall",
    paused: "Pausiert",
    off: "Aufzeichnung aus",
    "not-scheduled": "Außerhalb des Zeitplans",
    removed: "Entfernt",
    deleted: "Gelöscht",
    lost: "Aufnahme verloren",
    "volume-removed": "Datenträger entnommen",
  },
  alarms: {
    button: (lasting) =>
      lasting === 0
        ? "Alarme"
        : `Alarme: ${plural(lasting, { one: "# Störung", other: "# Störungen" })}`,
    heading: "Alarme",
    short: "Alarme",
    none: "Alles ist in Ordnung, und das war es auch.",
    system: "Rekorder",
    since: (ms) => `Seit ${moment(ms)}`,
    lasted: (from, to) => `${moment(from)}, ${about(to - from)} lang`,
    kinds: {
      "disk-failing": "Datenträger fällt aus",
      "disk-stuck": "Datenträger antwortet nicht",
      "disk-slow": "Datenträger ist langsam",
      "disk-full": "Datenträger ist voll",
      "disk-missing": "Datenträger fehlt",
      "disk-read-only": "Datenträger ist nur lesbar",
      "disk-foreign": "Ein anderer Datenträger ist eingehängt",
      "space-short": "Der Platz wird knapp",
      "keep-free-too-large": "Es soll zu viel frei bleiben",
      "footage-behind": "Aufnahmen erreichen den Datenträger verspätet",
      "frames-lost": "Bilder gingen verloren",
      "camera-lost": "Kamera sendet nicht",
      "camera-denied": "Kamera lehnt das Passwort ab",
      "clock-stepped": "Uhr wurde gestellt",
      "clock-unset": "Uhr ist nicht gestellt",
      "clock-behind": "Uhr geht hinter den Aufnahmen her",
      "clock-ahead": "Uhr geht vielleicht vor",
      "dated-late": "Aufnahmen sind zu spät datiert",
      "catalog-behind": "Katalog kommt nicht nach",
      "catalog-older": "Katalog ist älter als die Aufnahmen",
      "check-finding": "Eine Prüfung fand einen Schaden",
    },
  },
  manage: {
    heading: "Kameras",
    addFirst: "Die erste Kamera hinzufügen",
    addFirstDetail:
      "Sie brauchen ihre Adresse im Netz sowie den Namen und das Passwort, mit denen sie eingerichtet wurde.",
    noneForViewers: "Wer die Kameras verwaltet, kann eine hinzufügen. Sie erscheint hier sofort.",
  },
  system: {
    parts: { health: "Zustand", storage: "Speicher", access: "Zugang", log: "Protokoll" },
    checking: "Es wird nachgesehen, ob etwas gestört ist…",
    notKnown:
      "Ob alles funktioniert, ist nicht bekannt: Die Alarme konnten nicht abgefragt werden. Sie werden von selbst erneut abgefragt.",
  },
  player: {
    position: "Abspielposition",
    volume: "Lautstärke",
    video: (name, at) => `${name}, ${at}`,
    snapshotName: (camera, ms) => `${camera} ${moment(ms)}`,
  },
};
