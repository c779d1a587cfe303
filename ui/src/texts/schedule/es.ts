// Spanish: schedules, and recording on demand.

import type { ScheduleTexts } from "./en";

export const es: ScheduleTexts = {
  when: "Cuándo se graba",
  always: "Siempre",
  weekly: "A ciertas horas",
  help: "El directo sigue a todas horas. Las horas son las de la zona horaria del grabador.",
  days: "Días",
  from: "Desde",
  to: "Hasta",
  row: (n) => `Horario ${n}`,
  add: "Añadir un horario",
  remove: (n) => `Quitar el horario ${n}`,
  noDays: "Elija un día.",
  noLength: "Termina cuando empieza. Para el día entero: de 00:00 a 00:00.",
  needsTime: "Indique cuándo empieza y cuándo termina.",
  everyDay: "todos los días",
  daysFromTo: (first, last) => `${first}–${last}`,
  allDay: (days) => `${days} todo el día`,
  span: (days, from, to) => `${days} de ${from} a ${to}`,
  overnight: (days, from, to) => `${days} desde las ${from} hasta las ${to} del día siguiente`,
  means: (times) => `Se graba ${times}.`,
  meansAlways: "Se graba día y noche.",

  now: "Grabar ahora",
  nowOf: (name) => `Grabar ahora: ${name}`,
  nowFor: (length) => `Grabar durante ${length}`,
  begun: (name, until) => `${name} se graba hasta las ${until}`,
  ended: (name) => `${name} se graba según sus ajustes`,
  until: (until, left) => `Se graba a petición hasta las ${until}, quedan ${left}`,
  stop: "Parar",
  stopOf: (name) => `Parar la grabación a petición de ${name}`,
  longer: (length) => `${length} a partir de ahora`,
  outsideUntil: (at) => `Fuera de su horario; vuelve ${at}`,
  insideUntil: (at) => `Según su horario hasta ${at}`,
  failed: (why) => `No se cambió nada: ${why}`,
};
