// What recorded pictures need beside live ones: loaded once it is quiet, or wanted.

import { stateAt } from "../../timeline/told";
import RulerTip from "../../widgets/RulerTip.svelte";
import ClipTile from "./ClipTile.svelte";
import Lanes from "./Lanes.svelte";
import Nearest from "./Nearest.svelte";
import Transport from "./Transport.svelte";

export default { ClipTile, Lanes, Nearest, RulerTip, stateAt, Transport };
