// Spanish: groups of cameras, their arrangement, kiosk, and what a live tile can do.

import type { Catalogue } from "../en";
import { number } from "../format";

export const wallTexts: Catalogue["wall"] = {
  groups: {
    heading: "Grupos de cámaras",
    button: "Grupos",
    all: "Todas las cámaras",
    none: "Reúna en un grupo las cámaras que van juntas, en el orden que quiera. Los grupos se guardan en este dispositivo.",
    make: "Grupo nuevo",
    change: (name) => `Cambiar el grupo ${name}`,
    name: "Nombre del grupo",
    cameras: "Cámaras de este grupo",
    up: (name) => `Subir ${name}`,
    down: (name) => `Bajar ${name}`,
    save: "Guardar",
    remove: "Eliminar este grupo",
    removeSure: (name) => `¿Eliminar ${name} de verdad?`,
    needName: "Póngale un nombre.",
    needCamera: "Elija al menos una cámara.",
    empty: "Las cámaras de este grupo ya no existen",
    emptyDetail: "Cambie el grupo o muestre todas las cámaras.",
  },
  arrange: {
    start: "Ordenar las imágenes",
    heading: "Ordenar las imágenes",
    hint: "Arrastre para mover; arrastre una esquina para cambiar el tamaño. Las flechas mueven; con Mayús cambian el tamaño.",
    done: "Listo",
    undo: "Deshacer",
    automatic: "Automático",
    automaticTip: "Lugar y tamaño según la forma de las imágenes",
    tile: (name, column, row) => `${name}, columna ${number(column)}, fila ${number(row)}`,
    size: (across, down) => `${number(across)} de ancho y ${number(down)} de alto`,
    undone: "Deshecho",
  },
  kiosk: {
    start: "Quiosco: solo imágenes",
    leave: "Salir del quiosco",
    cycle: "El quiosco cambia de grupo",
    never: "Nunca",
    seconds: (n) => `Cada ${number(n)} s`,
  },
  fallback: {
    stills: (seconds) => `Una imagen cada ${number(seconds)} s`,
    hls: "En vivo, algo más tarde",
    soon: "En su lugar se muestran imágenes sueltas, en cuanto llegue una.",
    reasons: {
      blocked: "El camino al grabador no deja pasar WebSockets",
      media: "Este navegador no puede reproducir transmisiones",
      codec: "Este navegador no puede reproducir lo que envía la cámara",
      pictures: "Esta cámara envía imágenes sueltas",
      hls: "No se pudo reproducir la transmisión",
    },
  },
  zoom: {
    in: "Ampliar la imagen",
    out: "Reducir la imagen",
    reset: "Imagen completa",
    level: (times) => `× ${number(times, 1)}`,
  },
  more: (name) => `Más para ${name}`,
};
