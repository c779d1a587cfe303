// French: exports.

import type { Later } from "../en/later";
import { about, bytes, duration, number, plurals } from "../format";

const plural = plurals("fr");

export const exportsTexts: Later["exports"] = {
  heading: "Exports",
  intro:
    "Des images à remettre à quelqu’un : des extraits dans un ZIP signé qui fait sa propre preuve.",
  add: "Nouvel export",
  verifyFile: "Vérifier un fichier",
  space: (used, most) => `${bytes(used)} utilisés sur ${bytes(most)}`,
  spaceLabel: "Place pour les exports",
  emptyHeading: "Aucun export pour l’instant",
  emptyDetail:
    "Marquez une période dans la chronologie, ou créez un export ici : des extraits d’une ou de plusieurs caméras que chacun peut lire et vérifier.",
  forbiddenHeading: "Vous n’avez pas le droit d’exporter",
  more: "Afficher les plus anciens",
  states: {
    waiting: "En attente",
    writing: "En cours d’écriture",
    done: "Terminé",
    failed: "Échoué",
  },
  waitsFor: (before) =>
    before === 0
      ? "Commence dans un instant"
      : `Attend ${plural(before, { one: "# export", many: "# d’exports", other: "# exports" })} avant lui`,
  progress: (written, all) => `${bytes(written)} sur ${bytes(all)}`,
  rate: (bytesPerSecond) => `${bytes(bytesPerSecond)}/s`,
  left: (ms) => `encore ${about(ms)}`,
  by: (who, at) => `${who}, ${at}`,
  withoutFootage: "rien d’enregistré",
  actions: {
    download: (name) => `Télécharger « ${name} »`,
    cancel: (name) => `Annuler « ${name} »`,
    delete: (name) => `Supprimer « ${name} »`,
    retry: "Refaire",
    timeline: "Montrer dans la chronologie",
  },
  remove: {
    cancelHeading: (name) => `Annuler « ${name} » ?`,
    cancelDetail: "Ce qui en est déjà écrit est effacé.",
    cancel: "Annuler l’export",
    keepOn: "Continuer",
    deleteHeading: (name) => `Supprimer « ${name} » ?`,
    deleteDetail: (size) =>
      `Son fichier de ${bytes(size)} quitte l’enregistreur. Les copies déjà faites restent, les enregistrements aussi.`,
    deleteFailedDetail: "Il n’a pas de fichier. Les enregistrements restent.",
    delete: "Supprimer l’export",
    keep: "Le garder",
    cancelled: (name) => `« ${name} » est annulé`,
    deleted: (name) => `« ${name} » est supprimé`,
    failed: (why) => `Cela n’a pas marché : ${why}`,
    failedStays: (name, why) =>
      `« ${name} » est refait, mais l’export échoué est toujours là : ${why}`,
  },
  make: {
    heading: "Nouvel export",
    what: "Un ZIP signé : les clips, une page qui les lit, et la preuve. Pour un simple fichier vidéo, marquez une plage dans la chronologie et téléchargez-la.",
    name: "Nom",
    nameHelp: "Ce qui s’est passé, ou pour qui. Sans nom, il prend celui de la première caméra.",
    cameras: "Caméras",
    stream: (camera) => `Flux de ${camera}`,
    range: "Période",
    from: "De",
    to: "À",
    lengthIs: (ms) => `durée ${duration(ms)}`,
    lasts: {
      minute: "Dernière minute",
      tenMinutes: "10 dernières minutes",
      hour: "Dernière heure",
    },
    together: "Toutes les caméras dans un seul fichier",
    togetherHelp:
      "Un extrait avec une piste par caméra, au lieu d’un extrait par caméra. Tous les lecteurs n’en montrent pas plusieurs.",
    timestamps: "L’heure en sous-titres",
    timestampsHelp:
      "L’heure, dans le fuseau des archives, comme piste de sous-titres que l’on peut masquer.",
    looking: "Recherche de ce qu’il y a…",
    whole: "toute la période",
    some: (recorded, gaps) =>
      `${duration(recorded)} enregistrés, ${plural(gaps, { one: "# trou", many: "# de trous", other: "# trous" })}`,
    nothing: "rien d’enregistré pendant cette période",
    unknown: "n’a pas pu être consulté",
    size: (size) => `Environ ${bytes(size)}`,
    sizeUnknown: "Taille pas encore connue",
    quota: (left) => `${bytes(left)} libres pour les exports`,
    over: "C’est plus que la place disponible. Supprimez un export, raccourcissez la période ou prenez un flux secondaire.",
    noCamera: "Choisissez au moins une caméra.",
    tooMany: (most) => `Au plus ${number(most)} caméras par export.`,
    noRange: "Indiquez de quand à quand.",
    backwards: "La fin précède le début.",
    future: "La fin est dans l’avenir : l’export s’arrête maintenant.",
    submit: "Créer l’export",
    making: "Parcours des enregistrements…",
    made: (name) => `« ${name} » est en cours de création`,
    protect:
      "Des images peuvent expirer pendant qu’un export attend. Protégez d’abord la période si elle est sur le point de l’être.",
  },
  details: {
    range: "Période",
    size: "Taille",
    made: "Créé",
    inside: "Contenu",
    subtitles: "Avec l’heure en sous-titres",
    one: "Toutes les caméras dans un seul fichier",
    download: "Télécharger",
    resume: "Un téléchargement interrompu peut reprendre où il en était.",
  },
  inside: {
    noGaps: "Sans trou",
    gaps: (n, ms) =>
      `${plural(n, { one: "# trou", many: "# de trous", other: "# trous" })}, ${about(Math.max(1000, ms))} en tout`,
    more: (n) => plural(n, { one: "et # autre", many: "et # d’autres", other: "et # autres" }),
    nothing: "rien d’enregistré pendant cette période",
    notKnown: (why) => `Son contenu n’a pas pu être lu : ${why}`,
  },
  verify: {
    heading: "Vérifier un export",
    intro: "Rien ne quitte cet appareil : le fichier est lu et vérifié dans ce navigateur.",
    drop: "Déposez un export ici",
    dropDetail: "ou choisissez le ZIP",
    choose: "Choisir un fichier",
    again: "En vérifier un autre",
    onRecorder: "Vérifier la copie de l’enregistreur",
    onRecorderHelp: (size) =>
      `Lit les ${bytes(size)} à travers ce navigateur. Le journal d’audit le note comme retrait.`,
    reading: (read, all) => `${bytes(read)} lus sur ${bytes(all)}`,
    stop: "Arrêter",
    notOneHeading: "Ce n’est pas un export tel qu’un enregistreur l’écrit",
    notOne:
      "Il a été modifié, coupé ou recompressé, ou c’est un autre fichier. Récupérez l’export une nouvelle fois et comparez.",
    failedHeading: "Le fichier n’a pas pu être lu",
    wholeHeading: "Intact, et signé par cet enregistreur",
    whole: "Pas un octet n’a changé depuis que cet enregistreur l’a écrit.",
    otherHeading: "Intact, mais pas signé par cet enregistreur",
    other:
      "Rien n’a changé depuis que quelqu’un l’a signé avec la clé ci-dessous. Comparez-la à celle de l’enregistreur dont il est censé venir : elle figure dans holdfast-volume.json sur ses disques.",
    unsignedHeading: "Intact, mais la signature n’a pas été vérifiée",
    unsigned:
      "Chaque extrait est bien celui que nomme la liste. Ce navigateur ne peut pas vérifier si l’enregistreur l’a signée : ouvrez la page en https, ou utilisez « holdfast verify ».",
    unsignedOld:
      "Chaque extrait est bien celui que nomme la liste. Ce navigateur ne sait pas vérifier si l’enregistreur l’a signée : prenez-en un plus récent, ou utilisez « holdfast verify ».",
    plainHttp:
      "Cette page est venue en simple http. On peut y trouver des dommages et des extraits modifiés, mais pas qui a signé l’export : les navigateurs ne vérifient les signatures qu’en https, et la page elle-même a pu être modifiée en chemin. Pour une preuve, ouvrez-la en https, ou lancez ceci sur une machine de confiance :",
    foreign:
      "Mais la clé qu’il indique n’est pas celle de cet enregistreur : cet enregistreur ne l’a pas signé. Ce qu’il dit de lui-même peut être inventé.",
    badHeading: "Il n’est pas tel qu’il a été exporté",
    badSignature: "La liste du contenu ne porte pas sa signature : elle a été modifiée.",
    wrong: {
      changed: (file) => `${file} a été modifié`,
      missing: (file) => `${file} manque`,
      stray: (file) => `${file} n’en fait pas partie`,
    },
    unsaid: (files) =>
      plural(files, {
        one: "# autre fichier n’est pas conforme",
        many: "# d’autres fichiers ne sont pas conformes",
        other: "# autres fichiers ne sont pas conformes",
      }),
    name: "Nom",
    exported: "Exporté",
    software: "Écrit par",
    key: "Clé",
    clips: "Extraits",
    sha256: "SHA-256",
    elsewhere: "La preuve ailleurs, sans rien de cette page :",
    limits:
      "Ce que cela prouve : l’enregistreur a écrit ces fichiers, et aucun n’a été remplacé. Ce que cela ne prouve pas : que l’image de la caméra est vraie et que les horloges étaient à l’heure.",
  },
};
