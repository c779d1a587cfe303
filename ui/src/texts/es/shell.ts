// Spanish: what stands around every page.

import type { Catalogue } from "../en";
import { plurals } from "../format";

const plural = plurals("es");

export const shellTexts: Catalogue["shell"] = {
  language: "Idioma",
  languageAsDevice: "Como el dispositivo",
  updated: "El grabador se ha actualizado, y con él esta página.",
  palette: {
    open: "Buscar",
    label: "Acciones y cámaras",
    placeholder: "¿Qué quiere hacer?",
    none: (words) => `Aquí nada se llama «${words}».`,
    found: (n) => plural(n, { one: "# resultado", many: "# de resultados", other: "# resultados" }),
    goTo: (page) => `Ir a ${page}`,
    theme: (name) => `Apariencia: ${name}`,
    language: (name) => `Idioma: ${name}`,
    groups: {
      page: "En esta página",
      places: "Páginas",
      cameras: "Cámaras",
      application: "Aplicación",
    },
  },
  help: {
    heading: "Atajos de teclado",
    everywhere: "En todas partes",
    or: "o",
  },
  keys: {
    space: "Espacio",
    escape: "Esc",
    end: "Fin",
    enter: "Intro",
  },
  problems: {
    offline: "No hay conexión con el grabador. Revise la red e inténtelo de nuevo.",
    unexpected: "La respuesta del grabador no se entiende. Inténtelo de nuevo en un momento.",
    "bad-input": "Algo en la petición no es correcto. Cámbielo e inténtelo de nuevo.",
    "not-signed-in": "No ha iniciado sesión. Entre e inténtelo de nuevo.",
    "wrong-password": "El nombre o la contraseña no son correctos.",
    "not-set-up": "Este grabador aún no tiene ninguna cuenta. Cree la primera.",
    forbidden:
      "Su cuenta no tiene permiso para esto. Quien administra las cuentas puede cambiarlo.",
    "unknown-host":
      "El grabador no se reconoce por el nombre de la dirección. Use su dirección IP o añada el nombre a su configuración.",
    "foreign-origin": "La petición venía de otro sitio y se ha rechazado.",
    "not-found": "Eso ya no existe. Vuelva atrás y elija de nuevo.",
    "no-footage": "En ese momento no se grabó nada. Elija otro.",
    "clip-too-long": "Es demasiado largo para un solo archivo. Elija un periodo más corto.",
    "playlist-too-long":
      "Es demasiado largo para reproducirlo de una vez. Elija un periodo más corto.",
    undecodable: "De esta grabación no se puede obtener una imagen. Descárguela en su lugar.",
    "method-not-allowed": "El grabador no puede hacer eso. Vuelva a cargar la página.",
    "managed-by-file": "Esto se define en el archivo de configuración. Cámbielo allí.",
    "name-taken": "Ese nombre ya está en uso. Elija otro.",
    "in-use": "Una parte está protegida o todavía se usa. Libérela primero e inténtelo de nuevo.",
    conflict: "Choca con lo que ya existe. Revise lo que hay e inténtelo de nuevo.",
    "no-room": "No queda sitio para ello. Libere espacio e inténtelo de nuevo.",
    "precondition-failed":
      "Otra persona lo ha cambiado mientras tanto. Vuelva a cargar la página e inténtelo de nuevo.",
    "too-large": "Es más de lo que el grabador acepta de una vez. Envíe menos.",
    "unsupported-media-type": "El grabador no acepta archivos de este tipo.",
    "range-not-satisfiable": "El archivo no es tan largo. Empiece de nuevo desde el principio.",
    "too-many-attempts": "Demasiados intentos. Espere un poco e inténtelo de nuevo.",
    busy: "El grabador tiene demasiado que hacer. Inténtelo de nuevo en un momento.",
    "not-live": "La cámara no envía imágenes ahora. Volverán por sí solas.",
    "still-reading": "El grabador aún está leyendo su archivo. Inténtelo de nuevo en un momento.",
    unavailable: "Una parte del grabador no funciona. Mire sus alarmas e inténtelo de nuevo.",
    internal:
      "El grabador ha cometido un error. Inténtelo de nuevo; si continúa, mire su registro.",
  },
};
