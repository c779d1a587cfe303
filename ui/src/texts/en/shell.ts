// English: what stands around every page.

import { plurals } from "../format";

const plural = plurals("en");

export const shellTexts = {
  language: "Language",
  languageAsDevice: "As the device",
  updated: "The recorder was updated, and this page with it.",
  palette: {
    open: "Search",
    label: "Actions and cameras",
    placeholder: "What do you want to do?",
    none: (words: string) => `Nothing here is called “${words}”.`,
    found: (n: number) => plural(n, { one: "# result", other: "# results" }),
    goTo: (page: string) => `Go to ${page}`,
    theme: (name: string) => `Theme: ${name}`,
    language: (name: string) => `Language: ${name}`,
    groups: {
      page: "On this page",
      places: "Pages",
      cameras: "Cameras",
      application: "Application",
    },
  },
  help: {
    heading: "Keyboard shortcuts",
    everywhere: "Everywhere",
    or: "or",
  },
  keys: {
    space: "Space",
    escape: "Esc",
    end: "End",
    enter: "Enter",
  },
  problems: {
    offline: "The recorder is out of reach. Look at the network, then try again.",
    unexpected: "The recorder gave an answer that cannot be read. Try again in a moment.",
    "bad-input": "Something in the request is wrong. Change it, then try again.",
    "not-signed-in": "You are not signed in. Sign in, then try again.",
    "wrong-password": "Name or password is wrong.",
    "not-set-up": "This recorder has no account yet. Make the first one.",
    forbidden: "Your account may not do this. Someone who manages accounts can change that.",
    "unknown-host":
      "The recorder does not know itself by the name in the address. Use its address, or add the name to its configuration.",
    "foreign-origin": "The request came from another site, and was refused.",
    "not-found": "There is no such thing any more. Go back and choose again.",
    "no-footage": "Nothing was recorded then. Choose another time.",
    "clip-too-long": "This is too long for one file. Choose a shorter time.",
    "playlist-too-long": "This is too long to be played in one piece. Choose a shorter time.",
    undecodable: "This footage cannot be turned into a picture. Download it instead.",
    "method-not-allowed": "The recorder cannot do this. Load the page again.",
    "managed-by-file": "This is set in the configuration file. Change it there.",
    "name-taken": "Another one has this name already. Choose another name.",
    "in-use": "Some of it is protected or still needed. Release that first, then try again.",
    conflict: "It collides with what is there already. Look at what is there, then try again.",
    "no-room": "There is no room left for it. Make room, then try again.",
    "precondition-failed":
      "Somebody else changed this in the meantime. Load the page again, then try again.",
    "too-large": "This is more than the recorder takes at once. Send less.",
    "unsupported-media-type": "The recorder does not take files of this kind.",
    "range-not-satisfiable": "The file is shorter than that. Begin again from its start.",
    "too-many-attempts": "Too many tries. Wait a little, then try again.",
    busy: "The recorder has too much to do at once. Try again in a moment.",
    "not-live": "The camera sends no pictures now. They come back by themselves.",
    "still-reading": "The recorder is still reading its archive. Try again in a moment.",
    unavailable: "A part of the recorder is out of order. Look at its alarms, then try again.",
    internal: "The recorder made a mistake. Try again; if it stays, look at its log.",
  },
};
