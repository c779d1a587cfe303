// What can be done from every page, for the palette: pages, cameras, theme, language, account.

import Route from "@lucide/svelte/icons/arrow-right";
import Bell from "@lucide/svelte/icons/bell";
import Cctv from "@lucide/svelte/icons/cctv";
import CircleUser from "@lucide/svelte/icons/circle-user";
import Languages from "@lucide/svelte/icons/languages";
import LogOut from "@lucide/svelte/icons/log-out";
import Monitor from "@lucide/svelte/icons/monitor";
import Moon from "@lucide/svelte/icons/moon";
import Sun from "@lucide/svelte/icons/sun";
import { type Language, languages, t } from "../texts";
import type { Action } from "./action";

export interface Application {
  readonly theme: "dark" | "light" | "device";
  readonly language: Language | "device";
  setTheme(theme: "dark" | "light" | "device"): void;
  setLanguage(language: Language | "device"): void;
  openAccount(): void;
  openAlarms(): void;
  signOut(): void;
}

export interface Places {
  readonly page: string | undefined;
  go(page: string): void;
  show(camera: string): void;
}

const THEMES = { dark: Moon, light: Sun, device: Monitor } as const;

function themeAction(theme: keyof typeof THEMES): Action<Application> {
  return {
    id: `theme-${theme}`,
    label: () => t.shell.palette.theme(t.account.themes[theme]),
    keys: [],
    icon: () => THEMES[theme],
    enabled: (application) => application.theme !== theme,
    perform: (application) => application.setTheme(theme),
  };
}

function languageAction(language: Language | "device", name: () => string): Action<Application> {
  return {
    id: `language-${language}`,
    label: () => t.shell.palette.language(name()),
    keys: [],
    icon: () => Languages,
    enabled: (application) => application.language !== language,
    perform: (application) => application.setLanguage(language),
  };
}

export const applicationActions: Action<Application>[] = [
  {
    id: "alarms",
    label: () => t.alarms.heading,
    keys: [],
    icon: () => Bell,
    perform: (application) => application.openAlarms(),
  },
  {
    id: "account",
    label: () => t.nav.account,
    keys: [],
    icon: () => CircleUser,
    perform: (application) => application.openAccount(),
  },
  themeAction("dark"),
  themeAction("light"),
  themeAction("device"),
  languageAction("device", () => t.shell.languageAsDevice),
  ...languages.map(({ language, name }) => languageAction(language, () => name)),
  {
    id: "sign-out",
    label: () => t.account.signOut,
    keys: [],
    icon: () => LogOut,
    perform: (application) => application.signOut(),
  },
];

/** One for each page that can be gone to. */
export function placeActions(places: readonly { page: string; label: string }[]): Action<Places>[] {
  return places.map(({ page, label }) => ({
    id: page,
    label: () => t.shell.palette.goTo(label),
    keys: [],
    icon: () => Route,
    enabled: (here) => here.page !== page,
    perform: (here) => here.go(page),
  }));
}

/** One for each camera, by the name its people gave it. */
export function cameraActions(
  cameras: readonly { slug: string; name: string }[],
): Action<Places>[] {
  return cameras.map(({ slug, name }) => ({
    id: slug,
    label: () => t.timeline.showCamera(name),
    keys: [],
    icon: () => Cctv,
    perform: (places) => places.show(slug),
  }));
}
