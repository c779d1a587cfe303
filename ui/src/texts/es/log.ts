// Spanish: the recorder's own log. Its lines stay as they are.

import type { LogTexts } from "../en/log";
import { plurals } from "../format";

const plural = plurals("es");

export const logTexts: LogTexts = {
  intro:
    "Lo que el grabador dice de sí mismo desde que arrancó, sin contraseñas. Lo más antiguo está en el registro del sistema.",
  filters: "Qué líneas",
  level: "Importancia",
  levels: {
    debug: "Todo",
    info: "Sin detalles",
    warn: "Avisos y errores",
    error: "Solo errores",
  },
  search: "Buscar en el registro",
  lines: "Líneas del registro",
  beginning: "Aquí empiezan las líneas que se conservan.",
  toEnd: "A lo más reciente",
  fresh: (n) =>
    plural(n, {
      one: "# línea nueva",
      many: "# de líneas nuevas",
      other: "# líneas nuevas",
    }),
  lost: (n) =>
    plural(n, {
      one: "# línea llegó entre medias y ya no se conserva",
      many: "# de líneas llegaron entre medias y ya no se conservan",
      other: "# líneas llegaron entre medias y ya no se conservan",
    }),
  restarted: "Aquí se reinició el grabador",
  noneHeading: "Aún no ha dicho nada",
  noneDetail: "Lo que el grabador diga a partir de ahora aparecerá aquí por sí solo.",
  notFoundHeading: "No hay ninguna línea así",
  notFoundDetail:
    "Ninguna de las líneas que se conservan encaja. Si llega una, aparecerá aquí por sí sola.",
  all: "Mostrar todas las líneas",
  copied: "Se han copiado las líneas mostradas",
  marked: "Las líneas están seleccionadas: cópielas ahora.",
  save: "Guardar como texto",
  inLog: "En el registro",
  inLogOf: (subject) => `${subject} en el registro`,
};
