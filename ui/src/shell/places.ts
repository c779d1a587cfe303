// The pages that stand in the navigation, in their order.

import Waypoints from "@lucide/svelte/icons/chart-no-axes-gantt";
import LayoutGrid from "@lucide/svelte/icons/layout-grid";
import ListVideo from "@lucide/svelte/icons/list-video";
import PackageIcon from "@lucide/svelte/icons/package";
import Server from "@lucide/svelte/icons/server";
import { session } from "../state/session.svelte";
import { t } from "../texts";

export function places() {
  return [
    { page: "live", label: t.nav.live, icon: LayoutGrid },
    { page: "timeline", label: t.nav.timeline, icon: Waypoints },
    { page: "recordings", label: t.nav.recordings, icon: ListVideo },
    ...(session.can("export")
      ? ([{ page: "exports", label: t.nav.exports, icon: PackageIcon }] as const)
      : []),
    { page: "system", label: t.nav.system, icon: Server },
  ] as const;
}
