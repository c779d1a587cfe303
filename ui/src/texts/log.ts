// The words around the recorder's log: a part of its page, and not of what comes first.

import { logTexts as de } from "./de/log";
import { logTexts as en, type LogTexts } from "./en/log";
import { logTexts as es } from "./es/log";
import { logTexts as fr } from "./fr/log";
import { type Language, spoken } from "./index";
import { logTexts as ja } from "./ja/log";
import { logTexts as zh } from "./zh/log";

export const all: Record<Language, LogTexts> = { en, de, fr, es, ja, zh };

/** Those of the language that is spoken now. */
export const logTexts = (): LogTexts => all[spoken];
