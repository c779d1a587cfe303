// All that can be done at this moment, bound to the state that it changes.

import type { Places } from "../actions/application";
import {
  type Application,
  applicationActions,
  cameraActions,
  placeActions,
} from "../actions/application";
import { bind, type Offered, offered } from "../actions/registry";
import { panelActions } from "../actions/shell";
import { cameras } from "../state/cameras.svelte";
import { language } from "../state/language.svelte";
import { notices } from "../state/notices.svelte";
import { panels } from "../state/panels.svelte";
import { go, type Page, route } from "../state/router.svelte";
import { session } from "../state/session.svelte";
import { systemParts } from "../state/system-parts";
import { theme } from "../state/theme.svelte";
import { problemText, t } from "../texts";
import { places } from "./places";

const application: Application = {
  get theme() {
    return theme.choice;
  },
  get language() {
    return language.choice;
  },
  setTheme: (choice) => theme.set(choice),
  setLanguage(choice) {
    void language.set(choice).then((done) => {
      if (!done) notices.tell(problemText({ type: "offline" }), true);
    });
  },
  openAccount() {
    panels.account = true;
  },
  openAlarms() {
    panels.alarms = true;
  },
  signOut() {
    void session.leave().then((done) => {
      if (!done) notices.tell(t.account.signOutFailed, true);
    });
  },
};

const here: Places = {
  get page() {
    return route.page;
  },
  go: (page) => go(page as Page),
  show(camera) {
    // In the timeline at the same instant, live from anywhere else.
    if (route.page === "timeline") go("timeline", { ...route.query, focus: camera });
    else go("live", { focus: camera });
  },
};

export function everything(): Offered[] {
  const [, help] = bind("application", panelActions, panels);
  return [
    ...offered(),
    // The first part is the page of the system itself.
    ...bind("places", placeActions([...places(), ...systemParts().slice(1)]), here),
    ...bind("cameras", cameraActions(cameras.list), here),
    ...bind("application", applicationActions, application),
    ...(help ? [help] : []),
  ];
}
