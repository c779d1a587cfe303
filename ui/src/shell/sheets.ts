// What opens over the page from the rail or the bar.

import Account from "./Account.svelte";
import Alarms from "./Alarms.svelte";
import More from "./More.svelte";

export default { Account, Alarms, More };
