// What recorded pictures need beside live ones: loaded once it is quiet, or wanted.

import { stateAt } from "../../timeline/told";
import RulerTip from "../../widgets/RulerTip.svelte";
import ClipTile from "./ClipTile.svelte";
import Lanes from "./Lanes.svelte";
import OverStage from "./OverStage.svelte";
import Transport from "./Transport.svelte";

export default { ClipTile, Lanes, OverStage, RulerTip, stateAt, Transport };
