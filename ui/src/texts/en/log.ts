// English: the recorder's own log. Its lines stay as they are.

import { plurals } from "../format";

const plural = plurals("en");

export const logTexts = {
  intro:
    "What the recorder says of itself since it was started, without passwords. What is older is in the system’s own log.",
  filters: "Which lines",
  level: "How important",
  levels: {
    debug: "Everything",
    info: "Without details",
    warn: "Warnings and errors",
    error: "Errors only",
  },
  search: "Search in the log",
  lines: "Lines of the log",
  beginning: "The lines that are kept begin here.",
  toEnd: "To the newest",
  fresh: (n: number) => plural(n, { one: "# new line", other: "# new lines" }),
  lost: (n: number) =>
    plural(n, {
      one: "# line came in between and is not kept any more",
      other: "# lines came in between and are not kept any more",
    }),
  restarted: "The recorder was started again here",
  noneHeading: "Nothing said yet",
  noneDetail: "What the recorder says from now on appears here by itself.",
  notFoundHeading: "No line like that",
  notFoundDetail: "Of the lines that are kept none fits. One that comes appears here by itself.",
  all: "Show all lines",
  copied: "The lines shown are copied",
  marked: "The lines are marked: copy them now.",
  save: "Save as text",
  inLog: "In the log",
  inLogOf: (subject: string) => `${subject} in the log`,
};

export type LogTexts = typeof logTexts;
