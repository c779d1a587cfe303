// French: what stands around every page.

import type { Catalogue } from "../en";
import { plurals } from "../format";

const plural = plurals("fr");

export const shellTexts: Catalogue["shell"] = {
  language: "Langue",
  languageAsDevice: "Comme l’appareil",
  updated: "L’enregistreur a été mis à jour, et cette page avec lui.",
  palette: {
    open: "Rechercher",
    label: "Commandes et caméras",
    placeholder: "Que voulez-vous faire ?",
    none: (words) => `Rien ici ne s’appelle « ${words} ».`,
    found: (n) => plural(n, { one: "# résultat", many: "# de résultats", other: "# résultats" }),
    goTo: (page) => `Aller à : ${page}`,
    theme: (name) => `Apparence : ${name}`,
    language: (name) => `Langue : ${name}`,
    groups: {
      page: "Sur cette page",
      places: "Rubriques",
      cameras: "Caméras",
      application: "Interface",
    },
  },
  help: {
    heading: "Raccourcis clavier",
    everywhere: "Partout",
    or: "ou",
  },
  keys: {
    space: "Espace",
    escape: "Échap",
    end: "Fin",
    enter: "Entrée",
  },
  problems: {
    offline: "L’enregistreur est injoignable. Vérifiez le réseau, puis réessayez.",
    unexpected: "La réponse de l’enregistreur est illisible. Réessayez dans un instant.",
    "bad-input": "La demande contient une erreur. Corrigez-la, puis réessayez.",
    "not-signed-in": "Vous n’êtes pas connecté. Connectez-vous, puis réessayez.",
    "wrong-password": "Le nom ou le mot de passe est incorrect.",
    "not-set-up": "Cet enregistreur n’a pas encore de compte. Créez le premier.",
    forbidden: "Votre compte n’a pas ce droit. Une personne qui gère les comptes peut y remédier.",
    "unknown-host":
      "L’enregistreur ne se connaît pas sous le nom de cette adresse. Utilisez son adresse IP, ou ajoutez ce nom à sa configuration.",
    "foreign-origin": "La demande venait d’un autre site ; elle a été refusée.",
    "not-found": "Cet élément n’existe plus. Revenez en arrière et choisissez à nouveau.",
    "no-footage": "Rien n’a été enregistré à ce moment. Choisissez-en un autre.",
    "clip-too-long": "C’est trop long pour un seul fichier. Choisissez une période plus courte.",
    "playlist-too-long":
      "C’est trop long pour être lu d’une traite. Choisissez une période plus courte.",
    undecodable: "Aucune image ne peut être tirée de cet enregistrement. Téléchargez-le plutôt.",
    "method-not-allowed": "L’enregistreur ne sait pas faire cela. Rechargez la page.",
    "managed-by-file": "Ce réglage se trouve dans le fichier de configuration. Modifiez-le là.",
    "name-taken": "Ce nom est déjà pris. Choisissez-en un autre.",
    "in-use": "Une partie est protégée ou encore utilisée. Libérez-la d’abord, puis réessayez.",
    conflict: "Cela entre en conflit avec l’existant. Vérifiez ce qui est là, puis réessayez.",
    "no-room": "Il n’y a plus de place pour cela. Libérez-en, puis réessayez.",
    "precondition-failed":
      "Quelqu’un d’autre l’a modifié entre-temps. Rechargez la page, puis réessayez.",
    "too-large": "C’est plus que l’enregistreur n’accepte en une fois. Envoyez-en moins.",
    "unsupported-media-type": "L’enregistreur n’accepte pas ce type de fichier.",
    "range-not-satisfiable": "Le fichier n’est pas si long. Recommencez depuis son début.",
    "too-many-attempts": "Trop d’essais. Attendez un peu, puis réessayez.",
    busy: "L’enregistreur a trop à faire en ce moment. Réessayez dans un instant.",
    "not-live": "La caméra n’envoie pas d’images pour l’instant. Elles reviendront d’elles-mêmes.",
    "still-reading": "L’enregistreur lit encore ses archives. Réessayez dans un instant.",
    unavailable:
      "Une partie de l’enregistreur est en panne. Consultez ses alarmes, puis réessayez.",
    internal:
      "L’enregistreur a fait une erreur. Réessayez ; si elle persiste, consultez son journal.",
  },
};
