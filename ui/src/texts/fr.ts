// French. A no-break space stands before : ; ? ! and inside « ».

import type { First } from "./en";
import { about, clock, duration, moment, number, plurals } from "./format";
import { pastTexts } from "./fr/past";
import { shellTexts } from "./fr/shell";
import { wallTexts } from "./fr/wall";
import { watchingTexts } from "./fr/watching";

const plural = plurals("fr");
const streams = (name: string) =>
  name === "main" ? "Principal" : name === "sub" ? "Secondaire" : name;
const cameras = (n: number) =>
  plural(n, { one: "# caméra", many: "# de caméras", other: "# caméras" });

export const fr: First = {
  product: "Holdfast",
  shell: shellTexts,
  past: pastTexts,
  watching: watchingTexts,
  wall: wallTexts,
  nav: {
    live: "Direct",
    timeline: "Chronologie",
    recordings: "Archives",
    exports: "Exports",
    system: "Système",
    more: "Plus",
    account: "Compte",
    main: "Navigation principale",
    skip: "Aller au contenu",
  },
  title: (page) => `${page} · Holdfast`,
  common: {
    close: "Fermer",
    retry: "Réessayer",
    loading: "Chargement",
    cancel: "Annuler",
    clear: "Effacer",
    copy: "Copier",
    copied: "Copié",
    download: "Télécharger",
    play: "Lecture",
    pause: "Pause",
    all: "Toutes",
    main: "Flux principal",
    sub: "Flux secondaire",
    stream: streams,
  },
  account: {
    signedInAs: (name) => `Connecté : ${name}`,
    signOut: "Se déconnecter",
    signOutFailed: "Vous êtes toujours connecté : l’enregistreur est injoignable. Réessayez.",
    theme: "Apparence",
    themes: { dark: "Sombre", light: "Clair", device: "Comme l’appareil" },
    version: (version) => `Holdfast ${version}`,
    timeZone: (zone) => `Heures de ${zone}`,
  },
  login: {
    heading: "Connexion",
    username: "Nom",
    password: "Mot de passe",
    show: "Afficher le mot de passe",
    hide: "Masquer le mot de passe",
    submit: "Se connecter",
    wrong: "Le nom ou le mot de passe est incorrect.",
    wait: (seconds) =>
      `Trop d’essais. Attendez ${plural(seconds, { one: "# seconde", many: "# de secondes", other: "# secondes" })}, puis réessayez.`,
    ended: "Votre session a expiré. Connectez-vous à nouveau.",
  },
  setup: {
    heading: "Créer le premier compte",
    intro:
      "Cet enregistreur n’a pas encore de compte. Celui que vous créez maintenant aura tous les droits.",
    token: "Code à usage unique",
    tokenHelp:
      "Il figure dans le lien que le serveur a affiché à son démarrage. Ouvrez ce lien, ou collez le code ici.",
    repeat: "Mot de passe, encore une fois",
    submit: "Créer le compte",
    differ: "Les deux mots de passe sont différents.",
    short: "Au moins 8 caractères.",
    signingIn: "Connexion en cours",
    badToken: "Ce lien a déjà servi, ou il est trop ancien.",
    badTokenDetail:
      "Connectez-vous avec votre mot de passe, ou redémarrez le serveur pour obtenir un nouveau lien.",
    done: "Il existe déjà un compte. Utilisez-le pour vous connecter.",
    toLogin: "Aller à la connexion",
  },
  offline: {
    banner: "L’enregistreur est injoignable. Nouvel essai…",
    heading: "L’enregistreur est injoignable",
    detail:
      "L’enregistrement continue sans doute. Cette page reviendra d’elle-même dès que l’enregistreur répondra.",
  },
  errors: {
    heading: "Cela n’a pas fonctionné",
    pageGone: "Cette page n’existe pas",
    pageGoneDetail: "Cette adresse ne mène nulle part ici.",
    toLive: "Aller au direct",
    newVersion: "L’enregistreur a été mis à jour. Rechargez la page.",
    partMissing: "Une partie de la page n’est pas arrivée. Vérifiez le réseau, puis rechargez-la.",
    reload: "Recharger",
    forbidden:
      "Vous n’avez pas le droit de voir ceci. Une personne qui gère les comptes peut y remédier.",
  },
  cameras: {
    noneHeading: "Aucune caméra pour l’instant",
    noneDetail:
      "Déclarez vos caméras dans le fichier de configuration, ou appliquez-en un avec « holdfast config apply ». Elles apparaîtront ici aussitôt.",
    camera: cameras,
    paused: "En pause",
  },
  live: {
    summary: (live, all) =>
      live === all
        ? all === 1
          ? "1 caméra, en direct"
          : `Les ${number(all)} caméras sont en direct`
        : `${number(live)} caméras sur ${number(all)} en direct`,
    state: {
      connecting: "Connexion",
      live: "Direct",
      late: (ms) => `${number(ms / 1000, ms < 10_000 ? 1 : 0)} s de retard`,
      noSignalSince: (ms) => `Aucun signal depuis ${clock(ms)}`,
      noSignalFor: (ms) => `depuis ${about(ms)}`,
      keyFrame: "En attente d’une image clé",
      retrying: "Reconnexion",
      offline: "Enregistreur injoignable",
      denied: "La caméra refuse le mot de passe",
      unsupported: (codec) =>
        codec === undefined || codec === "MJPEG"
          ? `Aucun navigateur ne peut lire ${codec ?? "ce que cette caméra envoie"}`
          : `Ce navigateur ne peut pas lire ${codec}`,
      unsupportedDetail: "L’enregistrement est complet et peut être téléchargé.",
      paused: "En pause",
      stalled: "N’est pas enregistrée",
    },
    actions: {
      enlarge: "Agrandir",
      back: "Revenir à toutes les caméras",
      full: "Plein écran",
      leaveFull: "Quitter le plein écran",
      snapshot: "Enregistrer une image",
      sound: "Activer le son",
      mute: "Couper le son",
      pip: "Image dans l’image",
      rewind: "Il y a 10 secondes",
      kiosk: "Plein écran",
    },
    tile: (name, state) => `${name} : ${state}`,
    noSound: "Cette caméra n’envoie aucun son qu’un navigateur puisse lire en direct",
    goLive: "Direct",
  },
  timeline: {
    label: "Temps",
    position: (name, at, state) => `${name}, ${at}, ${state}`,
    recorded: "enregistré",
    nothing: "rien d’enregistré",
    future: "dans l’avenir",
    gap: (cause, ms) => `${cause}, ${duration(ms)}`,
    noFootage: "Aucun enregistrement ici",
    next: "Enregistrement suivant",
    failed: "L’image n’a pas pu être chargée",
    unsupported: "Ce navigateur ne peut pas lire cette vidéo",
    goTo: "Aller à une heure",
    date: "Jour",
    time: "Heure",
    go: "Aller",
    speed: "Vitesse",
    faster: "Plus vite",
    slower: "Moins vite",
    zoomIn: "Zoom avant",
    zoomOut: "Zoom arrière",
    back10: "Reculer de 10 secondes",
    forward10: "Avancer de 10 secondes",
    frameBack: "Image précédente",
    frameForward: "Image suivante",
    live: "Direct",
    markIn: "Marquer le début",
    markOut: "Marquer la fin",
    clearMark: "Effacer la marque",
    downloadMarked: (ms) => `Télécharger ${duration(ms)}`,
    skipped: (ms) => `${about(ms)} sans enregistrement : passage sauté`,
    today: "Aujourd’hui",
    yesterday: "Hier",
    showCamera: (name) => `Afficher ${name}`,
    hideCamera: (name) => `Masquer ${name}`,
    cameraList: "Caméras",
  },
  causes: {
    unknown: "Aucun enregistrement",
    "camera-gone": "Caméra disparue",
    silent: "Caméra sans données",
    shutdown: "Enregistreur arrêté",
    clock: "Horloge corrigée",
    "bad-data": "Données invalides de la caméra",
    reconfigured: "Réglages modifiés",
    overload: "Disque trop lent",
    disk: "Disque en panne",
    cut: "Enregistreur interrompu",
    crash: "Enregistreur planté",
    power: "Coupure de courant",
    paused: "En pause",
    off: "Enregistrement désactivé",
    "not-scheduled": "Hors de l’horaire",
    removed: "Retirée",
    deleted: "Supprimé",
    lost: "Enregistrement perdu",
    "volume-removed": "Disque retiré",
  },
  alarms: {
    button: (lasting) =>
      lasting === 0
        ? "Alarmes"
        : `Alarmes : ${plural(lasting, { one: "# problème", many: "# de problèmes", other: "# problèmes" })}`,
    heading: "Alarmes",
    short: "Alarmes",
    none: "Tout va bien, et tout allait bien.",
    system: "Enregistreur",
    since: (ms) => `Depuis le ${moment(ms)}`,
    lasted: (from, to) => `${moment(from)}, pendant ${about(to - from)}`,
    kinds: {
      "disk-failing": "Le disque tombe en panne",
      "disk-stuck": "Le disque ne répond pas",
      "disk-slow": "Le disque est lent",
      "disk-full": "Le disque est plein",
      "disk-missing": "Le disque manque",
      "disk-read-only": "Le disque est en lecture seule",
      "disk-foreign": "Un autre disque est monté",
      "space-short": "La place vient à manquer",
      "keep-free-too-large": "L’espace à garder libre est trop grand",
      "footage-behind": "Les enregistrements arrivent tard sur le disque",
      "frames-lost": "Des images ont été perdues",
      "camera-lost": "La caméra n’envoie rien",
      "camera-denied": "La caméra refuse le mot de passe",
      "clock-stepped": "L’horloge a été réglée",
      "clock-unset": "L’horloge n’est pas réglée",
      "clock-behind": "L’horloge retarde sur les enregistrements",
      "clock-ahead": "L’horloge avance peut-être",
      "dated-late": "Les enregistrements sont datés trop tard",
      "catalog-behind": "Le catalogue ne suit pas",
      "catalog-older": "Le catalogue est plus ancien que les enregistrements",
      "check-finding": "Une vérification a trouvé un dommage",
    },
  },
  manage: {
    heading: "Caméras",
    addFirst: "Ajouter la première caméra",
    addFirstDetail:
      "Il vous faut son adresse dans le réseau, ainsi que le nom et le mot de passe définis à son installation.",
    noneForViewers:
      "Une personne qui gère les caméras peut en ajouter une. Elle apparaîtra ici aussitôt.",
  },
  system: {
    parts: { health: "État", storage: "Stockage", access: "Accès", log: "Journal" },
    checking: "Recherche de problèmes…",
    notKnown:
      "On ne sait pas si tout fonctionne : les alarmes n’ont pas pu être demandées. Elles le seront de nouveau d’elles-mêmes.",
  },
  player: {
    position: "Position de lecture",
    volume: "Volume sonore",
    video: (name, at) => `${name}, ${at}`,
    snapshotName: (camera, ms) => `${camera} ${moment(ms)}`,
  },
};
