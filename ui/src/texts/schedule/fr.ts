// French: schedules, and recording on demand.

import type { ScheduleTexts } from "./en";

export const fr: ScheduleTexts = {
  when: "Quand enregistrer",
  always: "Toujours",
  weekly: "À certaines heures",
  help: "Le direct continue à toute heure. Les heures sont celles du fuseau de l’enregistreur.",
  days: "Jours",
  from: "De",
  to: "À",
  row: (n) => `Plage ${n}`,
  add: "Ajouter une plage",
  remove: (n) => `Retirer la plage ${n}`,
  noDays: "Choisissez un jour.",
  noLength: "Elle finit quand elle commence. Pour la journée entière : 00:00 à 00:00.",
  needsTime: "Indiquez quand elle commence et finit.",
  everyDay: "tous les jours",
  daysFromTo: (first, last) => `${first}–${last}`,
  allDay: (days) => `${days} toute la journée`,
  span: (days, from, to) => `${days} de ${from} à ${to}`,
  overnight: (days, from, to) => `${days} de ${from} à ${to} le lendemain`,
  means: (times) => `Enregistré ${times}.`,
  meansAlways: "Enregistré jour et nuit.",

  now: "Enregistrer maintenant",
  nowOf: (name) => `Enregistrer maintenant : ${name}`,
  nowFor: (length) => `Enregistrer pendant ${length}`,
  begun: (name, until) => `${name} est enregistrée jusqu’à ${until}`,
  ended: (name) => `${name} est enregistrée selon ses réglages`,
  until: (until, left) => `Enregistrée à la demande jusqu’à ${until}, encore ${left}`,
  stop: "Arrêter",
  stopOf: (name) => `Arrêter l’enregistrement à la demande de ${name}`,
  longer: (length) => `${length} à partir de maintenant`,
  outsideUntil: (at) => `Hors de son horaire ; reprise ${at}`,
  insideUntil: (at) => `Selon son horaire jusqu’à ${at}`,
  failed: (why) => `Rien n’a été modifié : ${why}`,
};
