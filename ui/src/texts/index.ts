// Every word that people read, in one typed catalogue for each language.

import { type Catalogue, en, type First } from "./en";
import type { Later } from "./en/later";
import * as format from "./format";
import { makeWhole } from "./whole";

/** The languages there are, each named in its own words. */
export const languages = [
  { language: "en", name: "English" },
  { language: "de", name: "Deutsch" },
  { language: "fr", name: "Français" },
  { language: "es", name: "Español" },
  { language: "ja", name: "日本語" },
  { language: "zh", name: "简体中文" },
] as const;

export type Language = (typeof languages)[number]["language"];

/** Each is loaded when it is chosen; English is there from the start. */
const load: Record<Language, () => Promise<First>> = {
  en: async () => en,
  de: async () => (await import("./de")).de,
  fr: async () => (await import("./fr")).fr,
  es: async () => (await import("./es")).es,
  ja: async () => (await import("./ja")).ja,
  zh: async () => (await import("./zh")).zh,
};

/** What only pages behind the first ones say. In English it comes with those pages. */
const loadLater: Partial<Record<Language, () => Promise<Later>>> = {
  de: async () => (await import("./de/later")).later,
  fr: async () => (await import("./fr/later")).later,
  es: async () => (await import("./es/later")).later,
  ja: async () => (await import("./ja/later")).later,
  zh: async () => (await import("./zh/later")).later,
};

/** Such a page was opened: from then on every language comes whole. */
let behind = false;

/** The catalogue in use. What was shown before a change of language is to be shown anew. */
export let t: First = en;

/**
 * The same with the words of all pages. Who says them imports it from `later.ts`, and is loaded beside
 * `speakWhole`.
 */
export let whole = t as Catalogue;

/** Its language. */
export let spoken: Language = "en";

const baseOf = (tag: string) => tag.toLowerCase().split("-")[0] ?? "";

/** The first of the reader's languages that there is; English when there is none. */
export function languageFor(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = languages.find(({ language }) => language === baseOf(tag));
    if (found) return found.language;
  }
  return "en";
}

/**
 * Speaks `language` from now on; `wanted` are the tags the reader prefers, for the order of day and
 * month. Where its words cannot be loaded, the language stays as it is: whether it changed.
 */
export async function speak(language: Language, wanted: readonly string[]): Promise<boolean> {
  try {
    const [first] = await Promise.all([load[language](), behind && learnRest(language)]);
    t = first;
    whole = t as Catalogue;
  } catch {
    return false;
  }
  spoken = language;
  const tag = wanted.find((one) => baseOf(one) === language) ?? language;
  // British order of day and month, unless the reader says otherwise.
  format.setFormat({ language: tag === "en" ? "en-GB" : tag });
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  return true;
}

/** Adds to a language what only pages behind the first ones say. */
async function learnRest(language: Language): Promise<void> {
  const [first, later] = await Promise.all([load[language](), loadLater[language]?.()]);
  if (later) makeWhole(first, later);
}

/** To be done before a page behind the first ones is shown. Throws where the words cannot be loaded. */
export async function speakWhole(): Promise<void> {
  behind = true;
  await learnRest(spoken);
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

/**
 * What went wrong and the way on, in the reader's language. The server's own words are English and
 * say more: where English is spoken they come first. `words` are the reader's where the place says
 * more than the kind of problem.
 */
export function problemText(problem: { type: string; detail?: string }, words?: string): string {
  const known: Record<string, string> = t.shell.problems;
  const own = words ?? known[problem.type] ?? known.unexpected ?? "";
  // Below the server nobody speaks to people: that is a program's message.
  if (problem.type === "offline" || problem.type === "unexpected" || !problem.detail) return own;
  if (t === en || !(problem.type in known)) return sentence(problem.detail);
  return own;
}

const sentence = (words: string) =>
  `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
