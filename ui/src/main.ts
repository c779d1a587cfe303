import "./app.css";
import { mount } from "svelte";
import Root from "./shell/Root.svelte";
import { cameras } from "./state/cameras.svelte";
import { language } from "./state/language.svelte";
import { session, wasSignedIn } from "./state/session.svelte";
import { updates } from "./state/updates.svelte";
import { t } from "./texts";

// A page of an earlier version asks for files that the updated server no longer has. The event is not
// prevented: who asked hears that the part did not come, and says so.
addEventListener("vite:preloadError", () => void updates.missed());

void session.ask();
if (wasSignedIn()) cameras.prefetch();
await language.start();
document.title = t.product;
const target = document.getElementById("app");
if (target) mount(Root, { target });

// What the device keeps comes when what is looked at is there.
setTimeout(() => void updates.start(), 4_000);
