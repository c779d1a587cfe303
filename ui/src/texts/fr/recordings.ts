// French: the list of recordings.

import type { Later } from "../en/later";

const streams = (name: string) =>
  name === "main" ? "Principal" : name === "sub" ? "Secondaire" : name;

export const recordingsTexts: Later["recordings"] = {
  heading: "Archives",
  filters: "Filtres",
  camera: "Caméra",
  anyCamera: "Toutes les caméras",
  stream: "Flux",
  anyStream: "Tous les flux",
  firstStream: "Flux principaux",
  onlyStream: (name) => (name === "sub" ? "Flux secondaires" : `Flux « ${name} »`),
  streamName: streams,
  clear: "Tout afficher",
  from: "Du",
  to: "Au",
  ranges: {
    hour: "Dernière heure",
    today: "Aujourd’hui",
    yesterday: "Hier",
    week: "7 derniers jours",
    any: "Toute période",
    own: "Du … au …",
  },
  range: "Période",
  trim: "Couper selon le filtre",
  trimHelp: "Ne lit et ne télécharge que ce qui se trouve dans la période choisie",
  columns: {
    start: "Début",
    length: "Durée",
    camera: "Caméra",
    picture: "Image",
    size: "Taille",
    rate: "Débit",
    end: "Fin",
  },
  growing: "En cours",
  goesOn: "Continue",
  trimmed: "Coupé",
  end: "Aucun enregistrement plus ancien",
  noneHeading: "Rien ici",
  noneDetail:
    "Aucun enregistrement ne touche cette période. Élargissez-la, ou choisissez d’autres caméras.",
  emptyHeading: "Rien d’enregistré pour l’instant",
  emptyDetail:
    "Le premier enregistrement apparaîtra ici une seconde après la connexion d’une caméra.",
  badRange: "La fin précède le début.",
  play: (name, at) => `Lire ${name}, ${at}`,
  download: (name, at) => `Télécharger ${name}, ${at}`,
  openTimeline: "Ouvrir dans la chronologie",
};
