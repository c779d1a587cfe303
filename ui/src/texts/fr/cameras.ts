// French: adding, changing and removing cameras.

import type { Later } from "../en/later";
import { bytes } from "../format";

export const camerasTexts: Later["manage"] = {
  intro: "Ce qui est enregistré. Une modification ne touche que la caméra concernée.",
  add: "Ajouter une caméra",
  forbidden:
    "Votre compte ne peut pas modifier les caméras. Une personne qui gère les comptes peut changer cela.",
  edit: "Modifier",
  editOf: (name) => `Modifier ${name}`,
  pause: "Mettre en pause",
  pauseOf: (name) => `Mettre ${name} en pause`,
  resume: "Reprendre",
  resumeOf: (name) => `Reprendre ${name}`,
  remove: "Retirer",
  removeOf: (name) => `Retirer ${name}`,
  paused: (name) => `${name} est en pause. Ce qui a été enregistré reste.`,
  resumed: (name) => `${name} est de nouveau connectée`,
  pausedChip: "En pause",
  byFile: "Définie dans un fichier",
  byFileDetail: "Cette caméra figure dans le fichier de configuration et se modifie là :",
  failed: (why) => `Cela n’a pas fonctionné : ${why}`,

  removeHeading: (name) => `Retirer ${name} ?`,
  removeDetail: (n) =>
    `Elle est déconnectée, et ni elle ni ses enregistrements (${bytes(n)}) ne sont plus affichés. Ils restent sur le disque jusqu’à ce que leurs limites les jugent trop anciens ; l’ajouter de nouveau sous le même nom les fait revenir. Pour continuer à les regarder, mettez-la plutôt en pause.`,
  removeFootage: "Supprimer ses enregistrements tout de suite",
  removeFootageHelp: "C’est définitif, et impossible tant que certains d’entre eux sont protégés.",
  removeYes: "La retirer",
  removeNo: "La garder",
  removed: (name) => `${name} est retirée`,
  removedInPart:
    "Elle est retirée, mais peut-être pas entièrement. Le journal de l’enregistreur dit ce qui reste.",

  where: "Où elle se trouve",
  brand: "Marque",
  brandHelp:
    "Chaque marque a ses propres adresses. Elles sont remplies ci-dessous et restent modifiables.",
  brandOther: "Une autre, je connais l’adresse",
  host: "Adresse de la caméra dans le réseau",
  hostHelp:
    "Par exemple 192.168.1.20. La liste des appareils de la box ou l’application du fabricant l’indique.",
  mainUrl: "Adresse du flux principal",
  mainUrlHelp:
    "Il est enregistré en pleine qualité. Elle commence par rtsp:// et figure dans le manuel de la caméra.",
  subUrl: "Adresse du flux secondaire",
  subUrlHelp:
    "Une petite image pour les murs d’images et les téléphones. Elle ménage le réseau ; sans elle, tous voient le flux principal.",
  otherUrl: (stream) => `Adresse du flux « ${stream} »`,
  otherUrlHelp: "Une image de plus de la même caméra. Sans adresse, ce flux est retiré.",
  username: "Nom d’utilisateur",
  usernameHelp:
    "Celui défini dans la caméra elle-même. De préférence un compte qui ne peut que regarder.",
  password: "Mot de passe",
  passwordHelp: "L’enregistreur le garde pour cette seule connexion et ne le montre plus jamais.",
  passwordStays: "Il y en a un, qui reste tant que vous n’en saisissez pas d’autre.",
  name: "Nom",
  nameHelp:
    "Comment on l’appelle, par exemple « Porte d’entrée ». Sans nom, elle porte celui qu’elle se donne.",
  nameHelpEdit: "Comment on l’appelle. Son adresse dans ces pages reste.",

  test: "Essayer",
  testAgain: "Essayer encore",
  testing: "La caméra est interrogée. Cela prend quelques secondes.",
  testHelp:
    "Interroge la caméra une fois et montre ce qu’elle envoie. Rien n’est enregistré par là.",
  seen: "La caméra répond",
  seenSub: "Le flux secondaire répond",
  notSeen: "Le flux principal reste invisible",
  notSeenSub: "Le flux secondaire reste invisible",
  dropSub: "Continuer sans lui",
  problems: {
    unreachable:
      "Rien ne répond à cette adresse. Vérifiez que la caméra est allumée et dans le même réseau, que l’adresse est juste et que RTSP est activé dans ses réglages.",
    silent:
      "Il y a quelque chose, mais sans image. Elle démarre peut-être, ou a trop de spectateurs : attendez une minute, puis essayez encore.",
    denied:
      "Elle refuse le nom ou le mot de passe. Ce sont ceux de la caméra elle-même, pas ceux de l’application du fabricant ; certaines caméras se bloquent quelques minutes après des erreurs.",
    refused:
      "La caméra est là, mais pas ce chemin. Choisissez sa marque, ou cherchez « RTSP » dans son manuel.",
    unusable:
      "Elle répond, mais n’envoie rien qui puisse être enregistré. Choisissez H.264 ou H.265 dans ses réglages.",
  },
  said: "Sa réponse",
  facts: {
    picture: "Image",
    sound: "Son",
    keys: "Images clés",
    clock: "Son horloge",
    first: "Première image",
    software: "Se nomme",
  },
  noSound: "aucun",
  keysEvery: (time) => `toutes les ${time}`,
  clockUnknown: "elle ne le dit pas",
  atOnce: "aussitôt",
  after: (time) => `après ${time}`,
  notRecordable: "ne peut pas être enregistré",
  advice: "Bon à savoir",
  trackLeftOut: (why) => `L’une de ses pistes n’est pas enregistrée (${why}).`,
  hints: {
    "no-key-frame":
      "Aucune image clé n’est arrivée pendant le test. Réglez sur la caméra un intervalle d’images clés plus court.",
    "key-frames-rare":
      "Les images clés sont rares. Avec une toutes les 1 à 2 s, la recherche et le direct démarrent plus vite : « I-frame interval » ou « GOP » sur la caméra ; désactivez « smart codec ».",
    "key-frames-few":
      "Moins de deux images clés sont arrivées pendant le test. Réglez sur la caméra un intervalle d’images clés plus court.",
    h265: "Le H.265 est enregistré tel quel, et tous les navigateurs ne le lisent pas. Tous lisent un flux secondaire en H.264 à côté.",
    mjpeg:
      "Le MJPEG prend environ dix fois plus de place, et le direct n’en montre qu’une image toutes les deux secondes. Passez la caméra en H.264 si elle le permet.",
    "no-audio": "Elle n’envoie pas de son.",
  },
  pictureOf: "Une image de ce qu’elle envoie maintenant",

  more: "Enregistrement",
  moreSub: "Enregistrement du flux secondaire",
  moreOther: (stream) => `Enregistrement de « ${stream} »`,
  record: "L’enregistrer",
  recordHelp: "Sinon le flux peut être regardé en direct, et rien n’est conservé.",
  streamPaused: "Mettre ce flux en pause",
  streamPausedHelp: "Il n’est pas connecté, et ce qui a été enregistré reste.",
  maxDays: "Garder au plus, jours",
  maxDaysHelp: "Ce qui est plus ancien est supprimé. Vide : jusqu’à ce que le disque soit plein.",
  maxSize: "Garder au plus, Go",
  maxSizeHelp: "Au-delà, le plus ancien est supprimé. Vide : pas de telle limite.",
  minDays: "Garder au moins, jours",
  minDaysHelp:
    "Les autres cèdent la place d’abord quand le disque est plein. Vide : pas de telle promesse.",
  volume: "Disque",
  volumeHelp:
    "Où vont les nouveaux enregistrements tant que ce disque fonctionne. Ce qui existe reste en place.",
  anyVolume: "Là où il y a le plus de place",

  save: "Enregistrer",
  saveUntested: "Enregistrer sans essai",
  saved: (name) => `${name} : réglages enregistrés`,
  added: (name) => `${name} est ajoutée`,
  unchanged: "Rien n’a été modifié",
  needsHost: "Indiquez l’adresse de la caméra, par exemple 192.168.1.20.",
  needsUrl:
    "Une adresse commence par rtsp:// et désigne la caméra, comme rtsp://192.168.1.20/principal.",
  needsBrand: (host) =>
    `Il manque le chemin vers les images. Choisissez la marque de la caméra, qui le remplit, ou écrivez l’adresse entière : rtsp://${host}/…`,
  needsPath: (host) => `Une adresse commence par rtsp:// et comporte un chemin : rtsp://${host}/…`,
  chooseBrand: "Choisir la marque",
  needsNumber: "Un nombre entier à partir de 1, ou rien.",
  needsSize: "Un nombre de Go, par exemple 500 ou 0,5 ; ou rien.",
  nameTaken: "Une caméra porte déjà ce nom. Choisissez-en un autre.",
  needsName: "Un nom de 1 à 64 caractères, sans saut de ligne.",
  needsUser: "Un mot de passe demande aussi un nom d’utilisateur.",
  needsOrder: "Au plus autant de jours que la durée maximale.",
  needsVolume: "Ce disque n’existe plus. Choisissez-en un autre.",
  gone: "Cette caméra n’existe plus.",
};
