// Every word that people read, in one typed catalogue for each language.

import { type Catalogue, en } from "./en";
import * as format from "./format";

/** Languages beside English, loaded when chosen: `de: async () => (await import("./de")).de`. */
const languages: Record<string, () => Promise<Catalogue>> = {};

/** The catalogue in use. Set once, before the first page is shown. */
export let t: Catalogue = en;

/** Takes the first of the reader's languages that there is. */
export async function chooseLanguage(wanted: readonly string[]): Promise<void> {
  for (const tag of wanted) {
    const base = tag.split("-")[0] ?? "";
    if (base === "en") {
      // British order of day and month, unless the reader says otherwise.
      format.setFormat({ language: tag === "en" ? "en-GB" : tag });
      return;
    }
    const load = languages[base];
    if (load) {
      t = await load();
      format.setFormat({ language: tag });
      document.documentElement.lang = base;
      return;
    }
  }
  format.setFormat({ language: "en-GB" });
}

/** Why footage ends, in words; a cause that is newer than this page is shown as it is named. */
export function causeText(cause: string | null | undefined): string {
  if (!cause) return t.causes.unknown;
  const known: Record<string, string> = t.causes;
  return known[cause] ?? cause.replaceAll("-", " ");
}

/** What is wrong, in words; a kind that is newer than this page is shown as it is named. */
export function alarmText(kind: string): string {
  const known: Record<string, string> = t.alarms.kinds;
  return known[kind] ?? kind.replaceAll("-", " ");
}
