// The parts of the system's page that whoever is signed in may see, in their order; health first.

import { t } from "../texts";
import type { Page } from "./router.svelte";
import { session } from "./session.svelte";

export function systemParts(): { page: Page; label: string }[] {
  return [
    { page: "system", label: t.system.parts.health },
    ...(session.can("manage-cameras")
      ? [{ page: "system/cameras" as const, label: t.manage.heading }]
      : []),
    { page: "system/storage", label: t.system.parts.storage },
    { page: "system/access", label: t.system.parts.access },
    ...(session.can("manage-system")
      ? [{ page: "system/log" as const, label: t.system.parts.log }]
      : []),
  ];
}
