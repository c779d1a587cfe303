import "./app.css";
import { mount } from "svelte";
import App from "./shell/App.svelte";
import { cameras } from "./state/cameras.svelte";
import { session, wasSignedIn } from "./state/session.svelte";
import { chooseLanguage, t } from "./texts";

// A page of an earlier version asks for files that the updated server no longer has.
addEventListener("vite:preloadError", () => location.reload());

await chooseLanguage(navigator.languages);
document.title = t.product;
void session.ask();
if (wasSignedIn()) cameras.prefetch();
const target = document.getElementById("app");
if (target) mount(App, { target });
