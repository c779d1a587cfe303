// Spanish: exports.

import type { Later } from "../en/later";
import { about, bytes, duration, number, plurals } from "../format";

const plural = plurals("es");

export const exportsTexts: Later["exports"] = {
  heading: "Exportaciones",
  intro:
    "Imágenes para entregar a otra persona: clips en un ZIP firmado que se demuestra a sí mismo.",
  add: "Nueva exportación",
  verifyFile: "Verificar un archivo",
  space: (used, most) => `${bytes(used)} de ${bytes(most)} en uso`,
  spaceLabel: "Espacio para exportaciones",
  emptyHeading: "Aún no hay exportaciones",
  emptyDetail:
    "Marque un intervalo en la cronología o cree una aquí: clips de una o varias cámaras que cualquiera puede reproducir y verificar.",
  forbiddenHeading: "No tiene permiso para exportar",
  more: "Mostrar anteriores",
  states: {
    waiting: "En espera",
    writing: "Se está escribiendo",
    done: "Lista",
    failed: "Fallida",
  },
  waitsFor: (before) =>
    before === 0
      ? "Empieza en un momento"
      : `Espera a ${plural(before, { one: "# exportación", many: "# de exportaciones", other: "# exportaciones" })} anterior(es)`,
  progress: (written, all) => `${bytes(written)} de ${bytes(all)}`,
  rate: (bytesPerSecond) => `${bytes(bytesPerSecond)}/s`,
  left: (ms) => `quedan ${about(ms)}`,
  by: (who, at) => `${who}, ${at}`,
  withoutFootage: "nada grabado",
  actions: {
    download: (name) => `Descargar «${name}»`,
    cancel: (name) => `Cancelar «${name}»`,
    delete: (name) => `Eliminar «${name}»`,
    retry: "Crear de nuevo",
    timeline: "Mostrar en la cronología",
  },
  remove: {
    cancelHeading: (name) => `¿Cancelar «${name}»?`,
    cancelDetail: "Lo que ya está escrito se descarta.",
    cancel: "Cancelar la exportación",
    keepOn: "Continuar",
    deleteHeading: (name) => `¿Eliminar «${name}»?`,
    deleteDetail: (size) =>
      `Su archivo de ${bytes(size)} desaparece del grabador. Quien tenga una copia la conserva; las grabaciones se quedan.`,
    deleteFailedDetail: "No tiene archivo. Las grabaciones se quedan.",
    delete: "Eliminar la exportación",
    keep: "Conservarla",
    cancelled: (name) => `«${name}» se ha cancelado`,
    deleted: (name) => `«${name}» se ha eliminado`,
    failed: (why) => `No ha funcionado: ${why}`,
    failedStays: (name, why) =>
      `«${name}» se está haciendo de nuevo, pero la exportación fallida sigue ahí: ${why}`,
  },
  make: {
    heading: "Nueva exportación",
    what: "Un ZIP firmado: los clips, una página que los reproduce y la prueba. Para un simple archivo de vídeo, marque un intervalo en la cronología y descárguelo.",
    name: "Nombre",
    nameHelp: "Qué pasó, o para quién es. Sin nombre toma el de la primera cámara.",
    cameras: "Cámaras",
    stream: (camera) => `Flujo de ${camera}`,
    range: "Intervalo",
    from: "Desde",
    to: "Hasta",
    lengthIs: (ms) => `${duration(ms)} de duración`,
    lasts: { minute: "Último minuto", tenMinutes: "Últimos 10 minutos", hour: "Última hora" },
    together: "Todas las cámaras en un archivo",
    togetherHelp:
      "Un clip con una pista por cámara, en lugar de un clip por cámara. No todos los reproductores muestran más de una.",
    timestamps: "La hora como subtítulos",
    timestampsHelp:
      "La hora, en la zona horaria del archivo, como pista de subtítulos que se puede ocultar.",
    looking: "Buscando qué hay…",
    whole: "todo el intervalo",
    some: (recorded, gaps) =>
      `${duration(recorded)} grabados, ${plural(gaps, { one: "# hueco", many: "# de huecos", other: "# huecos" })}`,
    nothing: "nada grabado en este intervalo",
    unknown: "no se pudo consultar",
    size: (size) => `Unos ${bytes(size)}`,
    sizeUnknown: "Tamaño aún desconocido",
    quota: (left) => `${bytes(left)} libres para exportaciones`,
    over: "Es más de lo que cabe. Elimine una exportación, acorte el intervalo o use un flujo secundario.",
    noCamera: "Elija al menos una cámara.",
    tooMany: (most) => `Como máximo ${number(most)} cámaras por exportación.`,
    noRange: "Indique desde cuándo hasta cuándo.",
    backwards: "El final es anterior al inicio.",
    future: "El final está en el futuro: la exportación termina ahora.",
    submit: "Crear la exportación",
    making: "Revisando las grabaciones…",
    made: (name) => `«${name}» se está creando`,
    protect:
      "Las grabaciones pueden caducar mientras una exportación espera. Proteja antes el intervalo si está a punto de hacerlo.",
  },
  details: {
    range: "Intervalo",
    size: "Tamaño",
    made: "Creada",
    inside: "Contenido",
    subtitles: "Con la hora como subtítulos",
    one: "Todas las cámaras en un archivo",
    download: "Descargar",
    resume: "Una descarga interrumpida puede continuar donde estaba.",
  },
  inside: {
    noGaps: "Sin huecos",
    gaps: (n, ms) =>
      `${plural(n, { one: "# hueco", many: "# de huecos", other: "# huecos" })}, ${about(Math.max(1000, ms))} en total`,
    more: (n) => plural(n, { one: "y # más", many: "y # más", other: "y # más" }),
    nothing: "nada grabado en el intervalo",
    notKnown: (why) => `No se pudo leer lo que contiene: ${why}`,
  },
  verify: {
    heading: "Verificar una exportación",
    intro: "Nada sale de este dispositivo: el archivo se lee y se comprueba en este navegador.",
    drop: "Suelte aquí una exportación",
    dropDetail: "o elija el ZIP",
    choose: "Elegir un archivo",
    again: "Verificar otra",
    onRecorder: "Verificar la copia del grabador",
    onRecorderHelp: (size) =>
      `Lee los ${bytes(size)} a través de este navegador. La auditoría lo anota como retirada.`,
    reading: (read, all) => `${bytes(read)} leídos de ${bytes(all)}`,
    stop: "Parar",
    notOneHeading: "No es una exportación tal como la escribe un grabador",
    notOne:
      "Se ha modificado, cortado o empaquetado de nuevo, o es otro archivo. Obtenga la exportación otra vez y compare.",
    failedHeading: "No se pudo leer",
    wholeHeading: "Íntegra y firmada por este grabador",
    whole: "No ha cambiado ni un byte desde que este grabador la escribió.",
    otherHeading: "Íntegra, pero no firmada por este grabador",
    other:
      "Nada ha cambiado desde que alguien la firmó con la clave de abajo. Compárela con la del grabador del que se supone que viene: está en holdfast-volume.json en sus discos.",
    unsignedHeading: "Íntegra, pero la firma no se ha comprobado",
    unsigned:
      "Cada clip es el que nombra la lista. Este navegador no puede comprobar si el grabador la firmó: abra la página por https o use «holdfast verify».",
    unsignedOld:
      "Cada clip es el que nombra la lista. Este navegador no sabe comprobar si el grabador la firmó: use uno más reciente o «holdfast verify».",
    plainHttp:
      "Esta página llegó por http simple. Aquí se pueden encontrar daños y clips cambiados, pero no quién firmó la exportación: los navegadores solo comprueban firmas por https, y la propia página pudo cambiarse por el camino. Para una prueba, ábrala por https o ejecute esto en un equipo de confianza:",
    foreign:
      "Pero la clave que indica no es la de este grabador: este grabador no la firmó. Lo que dice de sí misma puede ser inventado.",
    badHeading: "No está como se exportó",
    badSignature: "La lista del contenido no lleva su firma: se ha modificado.",
    wrong: {
      changed: (file) => `${file} se ha modificado`,
      missing: (file) => `Falta ${file}`,
      stray: (file) => `${file} no forma parte de ella`,
    },
    unsaid: (files) =>
      plural(files, {
        one: "# archivo más no es correcto",
        many: "# de archivos más no son correctos",
        other: "# archivos más no son correctos",
      }),
    name: "Nombre",
    exported: "Exportada",
    software: "Escrita por",
    key: "Clave",
    clips: "Clips",
    sha256: "SHA-256",
    elsewhere: "La prueba en otro sitio, sin nada de esta página:",
    limits:
      "Lo que esto demuestra: el grabador escribió estos archivos y ninguno es otro. Lo que no demuestra: que la imagen de la cámara sea cierta y los relojes fueran correctos.",
  },
};
