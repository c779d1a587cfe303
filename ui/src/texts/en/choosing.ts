// English: recordings that are chosen, and how they are taken away.

import { about, bytes, plurals } from "../format";

const plural = plurals("en");

export const choosingTexts = {
  heading: "What is chosen",
  start: "Choose",
  choose: (name: string, at: string) => `Choose ${name}, ${at}`,
  chooseDay: (day: string) => `Choose all of ${day}`,
  all: "Choose all that are shown",
  none: "Choose none",
  keys: {
    next: "Next recording",
    previous: "Previous recording",
    choose: "Choose this one, or not",
    down: "Choose downwards",
    up: "Choose upwards",
  },
  sum: (n: number, ms: number, size: number) =>
    `${plural(n, { one: "# recording", other: "# recordings" })} · ${about(ms)} · ${bytes(size)}`,
  download: (n: number) => plural(n, { one: "Download # file", other: "Download # files" }),
  export: "One export",
  exportTakes: (from: string, to: string) => `An export takes all from ${from} to ${to}.`,
  saving: (n: number, all: number) => `Downloading ${n} of ${all}`,
  failed: (name: string, at: string) => `${name}, ${at} was not downloaded.`,
  failedMore: (n: number) =>
    plural(n, { one: "# more was not downloaded.", other: "# more were not downloaded." }),
  timestamps: "Time of day in downloads",
  timestampsHelp: "As subtitles that can be switched off, in the archive’s time zone",
};
