// German: schedules, and recording on demand.

import type { ScheduleTexts } from "./en";

export const de: ScheduleTexts = {
  when: "Wann aufgezeichnet wird",
  always: "Immer",
  weekly: "Zu bestimmten Zeiten",
  help: "Das Livebild läuft immer weiter. Es gilt die Zeitzone des Rekorders.",
  days: "Tage",
  from: "Von",
  to: "Bis",
  row: (n) => `Zeit ${n}`,
  add: "Zeit hinzufügen",
  remove: (n) => `Zeit ${n} entfernen`,
  noDays: "Wähle einen Tag.",
  noLength: "Sie endet, wenn sie beginnt. Für den ganzen Tag: 00:00 bis 00:00.",
  needsTime: "Gib an, wann sie beginnt und endet.",
  everyDay: "jeden Tag",
  daysFromTo: (first, last) => `${first}–${last}`,
  allDay: (days) => `${days} ganztägig`,
  span: (days, from, to) => `${days} von ${from} bis ${to} Uhr`,
  overnight: (days, from, to) => `${days} von ${from} bis ${to} Uhr am nächsten Tag`,
  means: (times) => `Aufgezeichnet wird ${times}.`,
  meansAlways: "Aufgezeichnet wird rund um die Uhr.",

  now: "Jetzt aufzeichnen",
  nowOf: (name) => `Jetzt aufzeichnen: ${name}`,
  nowFor: (length) => `${length} lang aufzeichnen`,
  begun: (name, until) => `${name} wird bis ${until} aufgezeichnet`,
  ended: (name) => `${name} wird wieder nach den Einstellungen aufgezeichnet`,
  until: (until, left) => `Auf Wunsch aufgezeichnet bis ${until}, noch ${left}`,
  stop: "Beenden",
  stopOf: (name) => `Aufzeichnung von ${name} auf Wunsch beenden`,
  longer: (length) => `Ab jetzt ${length}`,
  outsideUntil: (at) => `Außerhalb des Zeitplans; wieder ${at}`,
  insideUntil: (at) => `Nach Zeitplan bis ${at}`,
  failed: (why) => `Es wurde nichts geändert: ${why}`,
};
