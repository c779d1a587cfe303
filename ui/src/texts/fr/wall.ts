// French: groups of cameras, their arrangement, kiosk, and what a live tile can do.

import type { Catalogue } from "../en";
import { number } from "../format";

export const wallTexts: Catalogue["wall"] = {
  groups: {
    heading: "Groupes de caméras",
    button: "Groupes",
    all: "Toutes les caméras",
    none: "Réunissez en groupe les caméras qui vont ensemble, dans l’ordre de votre choix. Les groupes restent sur cet appareil.",
    make: "Nouveau groupe",
    change: (name) => `Modifier le groupe ${name}`,
    name: "Nom du groupe",
    cameras: "Caméras de ce groupe",
    up: (name) => `Monter ${name}`,
    down: (name) => `Descendre ${name}`,
    save: "Enregistrer",
    remove: "Supprimer ce groupe",
    removeSure: (name) => `Vraiment supprimer ${name} ?`,
    needName: "Donnez-lui un nom.",
    needCamera: "Choisissez au moins une caméra.",
    empty: "Les caméras de ce groupe n’existent plus",
    emptyDetail: "Modifiez le groupe ou affichez toutes les caméras.",
  },
  arrange: {
    start: "Disposer les images",
    heading: "Disposer les images",
    hint: "Glissez pour déplacer, glissez un coin pour redimensionner. Les flèches déplacent, avec Maj elles redimensionnent.",
    done: "Terminé",
    undo: "Annuler la modification",
    automatic: "Automatique",
    automaticTip: "Placer et dimensionner selon la forme des images",
    tile: (name, column, row) => `${name}, colonne ${number(column)}, rangée ${number(row)}`,
    size: (across, down) => `${number(across)} en largeur et ${number(down)} en hauteur`,
    undone: "Modification annulée",
  },
  kiosk: {
    start: "Kiosque : images seules",
    leave: "Quitter le kiosque",
    cycle: "Le kiosque change de groupe",
    never: "Jamais",
    seconds: (n) => `Toutes les ${number(n)} s`,
  },
  fallback: {
    stills: (seconds) => `Une image toutes les ${number(seconds)} s`,
    hls: "En direct, un peu plus tard",
    soon: "Des images fixes sont affichées à la place, dès qu’il en arrive une.",
    reasons: {
      blocked: "Le chemin vers l’enregistreur ne laisse passer aucun WebSocket",
      media: "Ce navigateur ne sait pas lire de flux",
      codec: "Ce navigateur ne sait pas lire ce que la caméra envoie",
      pictures: "Cette caméra envoie des images isolées",
      hls: "Le flux n’a pas pu être lu",
    },
  },
  zoom: {
    in: "Agrandir l’image",
    out: "Réduire l’image",
    reset: "Image entière",
    level: (times) => `× ${number(times, 1)}`,
  },
  more: (name) => `Plus pour ${name}`,
};
