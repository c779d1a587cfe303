// German: adding, changing and removing cameras.

import type { Later } from "../en/later";
import { bytes } from "../format";

export const camerasTexts: Later["manage"] = {
  intro: "Was aufgezeichnet wird. Eine Änderung betrifft nur die Kamera, an der sie gemacht wird.",
  add: "Kamera hinzufügen",
  forbidden: "Ihr Konto darf Kameras nicht ändern. Wer die Konten verwaltet, kann das ändern.",
  edit: "Bearbeiten",
  editOf: (name) => `${name} bearbeiten`,
  pause: "Pausieren",
  pauseOf: (name) => `${name} pausieren`,
  resume: "Fortsetzen",
  resumeOf: (name) => `${name} fortsetzen`,
  remove: "Entfernen",
  removeOf: (name) => `${name} entfernen`,
  paused: (name) => `${name} ist pausiert. Was aufgezeichnet wurde, bleibt.`,
  resumed: (name) => `${name} ist wieder verbunden`,
  pausedChip: "Pausiert",
  byFile: "In einer Datei festgelegt",
  byFileDetail: "Diese Kamera steht in der Konfigurationsdatei und wird dort geändert:",
  failed: (why) => `Das hat nicht geklappt: ${why}`,

  removeHeading: (name) => `${name} entfernen?`,
  removeDetail: (n) =>
    `Sie wird getrennt, und weder sie noch ihre Aufnahmen (${bytes(n)}) werden weiter gezeigt. Sie bleiben auf der Platte, bis sie nach ihren Grenzen zu alt sind; wird sie unter demselben Namen wieder hinzugefügt, sind sie wieder da. Um sie weiter anzusehen, pausieren Sie die Kamera stattdessen.`,
  removeFootage: "Ihre Aufnahmen sofort löschen",
  removeFootageHelp:
    "Das lässt sich nicht rückgängig machen. Es geht nicht, solange einige davon geschützt sind.",
  removeYes: "Entfernen",
  removeNo: "Behalten",
  removed: (name) => `${name} ist entfernt`,
  removedInPart:
    "Sie ist entfernt, aber vielleicht nicht alles, was dazugehört. Im Protokoll des Rekorders steht, was übrig ist.",

  where: "Wo sie ist",
  brand: "Marke",
  brandHelp: "Jede Marke hat eigene Adressen. Sie werden unten eingetragen und lassen sich ändern.",
  brandOther: "Eine andere, ich kenne die Adresse",
  host: "Adresse der Kamera im Netz",
  hostHelp:
    "Etwa 192.168.1.20. Die Geräteliste des Routers oder die App des Herstellers zeigt sie.",
  mainUrl: "Adresse des Hauptstreams",
  mainUrlHelp:
    "Er wird in voller Qualität aufgezeichnet. Sie beginnt mit rtsp:// und steht im Handbuch der Kamera.",
  subUrl: "Adresse des Substreams",
  subUrlHelp:
    "Ein kleines Bild für Wände und Telefone. Es schont das Netz; ohne ihn sehen alle den Hauptstream.",
  otherUrl: (stream) => `Adresse des Streams „${stream}“`,
  otherUrlHelp: "Noch ein Bild derselben Kamera. Ohne Adresse wird er herausgenommen.",
  username: "Benutzername",
  usernameHelp: "Der in der Kamera selbst eingestellte. Am besten einer, der nur zusehen darf.",
  password: "Passwort",
  passwordHelp: "Der Rekorder verwahrt es nur für diese Verbindung und zeigt es nie wieder.",
  passwordStays: "Es gibt eines, und es bleibt, solange Sie kein anderes eingeben.",
  name: "Name",
  nameHelp:
    "Wie man sie nennt, etwa „Haustür“. Ohne Namen heißt sie so, wie sie sich selbst nennt.",
  nameHelpEdit: "Wie man sie nennt. Ihre Adresse auf diesen Seiten bleibt.",

  test: "Testen",
  testAgain: "Noch einmal testen",
  testing: "Die Kamera wird gefragt. Das dauert einige Sekunden.",
  testHelp: "Fragt die Kamera einmal und zeigt, was sie sendet. Gespeichert wird dabei nichts.",
  seen: "Die Kamera antwortet",
  seenSub: "Der Substream antwortet",
  notSeen: "Der Hauptstream ist nicht zu sehen",
  notSeenSub: "Der Substream ist nicht zu sehen",
  dropSub: "Ohne ihn weitermachen",
  problems: {
    unreachable:
      "Unter dieser Adresse antwortet nichts. Prüfen Sie, ob die Kamera an und im selben Netz ist, ob die Adresse stimmt und ob RTSP in ihren Einstellungen eingeschaltet ist.",
    silent:
      "Dort ist etwas, aber es sendet kein Bild. Vielleicht startet sie gerade oder hat zu viele Zuschauer: Warten Sie eine Minute und testen Sie noch einmal.",
    denied:
      "Sie lehnt Namen oder Passwort ab. Gemeint sind die der Kamera selbst, nicht die der App des Herstellers; manche Kameras sperren nach falschen für einige Minuten.",
    refused:
      "Die Kamera ist da, aber nicht dieser Pfad. Wählen Sie ihre Marke, oder suchen Sie „RTSP“ in ihrem Handbuch.",
    unusable:
      "Sie antwortet, sendet aber nichts, was sich aufzeichnen lässt. Wählen Sie H.264 oder H.265 in ihren Einstellungen.",
  },
  said: "Ihre Antwort",
  facts: {
    picture: "Bild",
    sound: "Ton",
    keys: "Schlüsselbilder",
    clock: "Ihre Uhr",
    first: "Erstes Bild",
    software: "Nennt sich",
  },
  noSound: "keiner",
  keysEvery: (time) => `alle ${time}`,
  clockUnknown: "sagt sie nicht",
  atOnce: "sofort",
  after: (time) => `nach ${time}`,
  notRecordable: "lässt sich nicht aufzeichnen",
  advice: "Gut zu wissen",
  trackLeftOut: (why) => `Eine ihrer Spuren wird nicht aufgezeichnet (${why}).`,
  hints: {
    "no-key-frame":
      "Während des Tests kam kein Schlüsselbild. Stellen Sie an der Kamera einen kürzeren Abstand der Schlüsselbilder ein.",
    "key-frames-rare":
      "Schlüsselbilder kommen selten. Kommen sie alle 1 bis 2 s, beginnen Springen und Liveansicht schneller: „I-Frame-Intervall“ oder „GOP“ an der Kamera; schalten Sie „Smart Codec“ aus.",
    "key-frames-few":
      "Während des Tests kamen weniger als zwei Schlüsselbilder. Stellen Sie an der Kamera einen kürzeren Abstand der Schlüsselbilder ein.",
    h265: "H.265 wird aufgezeichnet, wie es kommt, aber nicht jeder Browser spielt es ab. Einen Substream in H.264 daneben spielen alle ab.",
    mjpeg:
      "MJPEG braucht etwa zehnmal so viel Platz, und die Liveansicht zeigt davon alle zwei Sekunden ein Bild. Stellen Sie die Kamera auf H.264, wenn sie das kann.",
    "no-audio": "Sie sendet keinen Ton.",
  },
  pictureOf: "Ein Bild von dem, was sie jetzt sendet",

  more: "Aufzeichnung",
  moreSub: "Aufzeichnung des Substreams",
  moreOther: (stream) => `Aufzeichnung von „${stream}“`,
  record: "Aufzeichnen",
  recordHelp: "Ohne das lässt sich der Stream live ansehen, und nichts wird aufbewahrt.",
  streamPaused: "Diesen Stream pausieren",
  streamPausedHelp: "Er wird nicht verbunden, und was aufgezeichnet wurde, bleibt.",
  maxDays: "Höchstens aufbewahren, Tage",
  maxDaysHelp: "Was älter ist, wird gelöscht. Leer: bis die Platte voll ist.",
  maxSize: "Höchstens aufbewahren, GB",
  maxSizeHelp: "Darüber wird das Älteste gelöscht. Leer: keine solche Grenze.",
  minDays: "Mindestens aufbewahren, Tage",
  minDaysHelp: "Andere weichen zuerst, wenn die Platte voll ist. Leer: keine solche Zusage.",
  volume: "Platte",
  volumeHelp:
    "Wohin neue Aufnahmen gehen, solange diese Platte geht. Was schon da ist, bleibt, wo es ist.",
  anyVolume: "Wo am meisten Platz ist",

  save: "Speichern",
  saveUntested: "Ohne Test speichern",
  saved: (name) => `${name} ist gespeichert`,
  added: (name) => `${name} ist hinzugefügt`,
  unchanged: "Es wurde nichts geändert",
  needsHost: "Schreiben Sie die Adresse der Kamera, etwa 192.168.1.20.",
  needsUrl:
    "Eine Adresse beginnt mit rtsp:// und nennt die Kamera, wie in rtsp://192.168.1.20/haupt.",
  needsBrand: (host) =>
    `Es fehlt der Pfad zu den Bildern. Wählen Sie die Marke der Kamera, die ihn einträgt, oder geben Sie die ganze Adresse ein: rtsp://${host}/…`,
  needsPath: (host) => `Eine Adresse beginnt mit rtsp:// und hat einen Pfad: rtsp://${host}/…`,
  chooseBrand: "Marke wählen",
  needsNumber: "Eine ganze Zahl ab 1, oder nichts.",
  needsSize: "Eine Zahl in GB, etwa 500 oder 0,5; oder nichts.",
  nameTaken: "Eine Kamera mit diesem Namen gibt es schon. Wählen Sie einen anderen.",
  needsName: "Ein Name von 1 bis 64 Zeichen, ohne Zeilenumbrüche.",
  needsUser: "Zum Passwort gehört auch ein Benutzername.",
  needsOrder: "Höchstens so viele Tage, wie höchstens aufbewahrt wird.",
  needsVolume: "Diesen Datenträger gibt es nicht mehr. Wählen Sie einen anderen.",
  gone: "Diese Kamera gibt es nicht mehr.",
};
