// The language, as the device has it or as it was chosen on it.

import { type Language, languageFor, languages, speak } from "../texts";

export type LanguageChoice = Language | "device";

const KEY = "holdfast.language";

function stored(): LanguageChoice {
  try {
    const value = localStorage.getItem(KEY);
    return languages.find(({ language }) => language === value)?.language ?? "device";
  } catch {
    return "device";
  }
}

class LanguageState {
  choice = $state<LanguageChoice>(stored());
  /** What is spoken. The page is made anew when it changes. */
  spoken = $state<Language>("en");

  /** Loads the words; before the first page is shown, too. Whether that could be done. */
  async start(): Promise<boolean> {
    const language = this.choice === "device" ? languageFor(navigator.languages) : this.choice;
    if (!(await speak(language, navigator.languages))) return false;
    this.spoken = language;
    return true;
  }

  /** Whether the words could be loaded; the language stays as it was where not. */
  async set(choice: LanguageChoice): Promise<boolean> {
    const before = this.choice;
    this.choice = choice;
    if (!(await this.start())) {
      this.choice = before;
      return false;
    }
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
    return true;
  }
}

export const language = new LanguageState();
