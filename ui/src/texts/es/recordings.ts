// Spanish: the list of recordings.

import type { Later } from "../en/later";

const streams = (name: string) =>
  name === "main" ? "Principal" : name === "sub" ? "Secundario" : name;

export const recordingsTexts: Later["recordings"] = {
  heading: "Grabaciones",
  filters: "Filtros",
  camera: "Cámara",
  anyCamera: "Todas las cámaras",
  stream: "Flujo",
  anyStream: "Todos los flujos",
  firstStream: "Flujos principales",
  onlyStream: (name) => (name === "sub" ? "Flujos secundarios" : `Flujos «${name}»`),
  streamName: streams,
  clear: "Mostrar todo",
  from: "Desde",
  to: "Hasta",
  ranges: {
    hour: "Última hora",
    today: "Hoy",
    yesterday: "Ayer",
    week: "Últimos 7 días",
    any: "Cualquier momento",
    own: "Desde … hasta …",
  },
  range: "Periodo",
  trim: "Recortar según el filtro",
  trimHelp: "Reproduce y descarga solo lo que está dentro del periodo elegido",
  columns: {
    start: "Inicio",
    length: "Duración",
    camera: "Cámara",
    picture: "Imagen",
    size: "Tamaño",
    rate: "Tasa",
    end: "Final",
  },
  growing: "Grabando",
  goesOn: "Continúa",
  trimmed: "Recortada",
  end: "No hay grabaciones más antiguas",
  noneHeading: "Aquí no hay nada",
  noneDetail: "Ninguna grabación toca este periodo. Amplíelo o elija otras cámaras.",
  emptyHeading: "Aún no hay nada grabado",
  emptyDetail:
    "La primera grabación aparecerá aquí un segundo después de que se conecte una cámara.",
  badRange: "El final es anterior al inicio.",
  play: (name, at) => `Reproducir ${name}, ${at}`,
  download: (name, at) => `Descargar ${name}, ${at}`,
  openTimeline: "Abrir en la cronología",
};
