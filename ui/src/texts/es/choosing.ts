// Spanish: recordings that are chosen, and how they are taken away.

import type { Later } from "../en/later";
import { about, bytes, plurals } from "../format";

const plural = plurals("es");

export const choosingTexts: Later["choosing"] = {
  heading: "Selección",
  start: "Seleccionar",
  choose: (name, at) => `Seleccionar ${name}, ${at}`,
  chooseDay: (day) => `Seleccionar todo: ${day}`,
  all: "Seleccionar todo lo que se muestra",
  none: "No seleccionar nada",
  keys: {
    next: "Grabación siguiente",
    previous: "Grabación anterior",
    choose: "Seleccionar esta, o no",
    down: "Seleccionar hacia abajo",
    up: "Seleccionar hacia arriba",
  },
  sum: (n, ms, size) =>
    `${plural(n, { one: "# grabación", many: "# de grabaciones", other: "# grabaciones" })} · ${about(ms)} · ${bytes(size)}`,
  download: (n) =>
    plural(n, {
      one: "Descargar # archivo",
      many: "Descargar # de archivos",
      other: "Descargar # archivos",
    }),
  export: "Una exportación",
  exportTakes: (from, to) => `Una exportación se lleva todo, de ${from} a ${to}.`,
  saving: (n, all) => `Descargando ${n} de ${all}`,
  failed: (name, at) => `${name}, ${at}: no se ha descargado.`,
  failedMore: (n) =>
    plural(n, {
      one: "# más no se ha descargado.",
      many: "# más no se han descargado.",
      other: "# más no se han descargado.",
    }),
  timestamps: "Hora en las descargas",
  timestampsHelp: "Como subtítulos que se pueden ocultar, en la zona horaria del archivo",
};
