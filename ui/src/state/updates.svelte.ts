// The page on the device: kept by a worker, and told when the server has a newer one.

import { getRoot } from "../api/server";

/** A page that is open for days asks so often. */
const ASK_MS = 3_600_000;
const ANSWER_MS = 3_000;
/** The version for which this tab loaded its page again. */
const RELOADED = "holdfast.reloaded";

class Updates {
  /** The server has another page than the one that is open. */
  ready = $state(false);
  private registration: ServiceWorkerRegistration | undefined;
  private version: string | undefined;

  /** On plain http there are no workers; everything else works all the same. */
  async start(): Promise<void> {
    if (!window.isSecureContext || !("serviceWorker" in navigator)) return;
    try {
      const registration = await navigator.serviceWorker.register(
        new URL("sw.js", document.baseURI),
        { updateViaCache: "none" },
      );
      this.registration = registration;
      if (registration.waiting) await this.look(registration.waiting);
      registration.addEventListener("updatefound", () => {
        const coming = registration.installing;
        coming?.addEventListener("statechange", () => {
          if (coming.state === "installed" && navigator.serviceWorker.controller) {
            void this.look(coming);
          }
        });
      });
      setInterval(() => this.ask(), ASK_MS);
    } catch {
      // A browser that keeps nothing, a private window say: the page is loaded each time.
    }
  }

  /** The server was away: it may have come back as another. */
  ask(): void {
    this.registration?.update().catch(() => {});
  }

  /** The server's version, whenever it is heard: the way to know on plain http. */
  hear(version: string): void {
    this.version ??= version;
    if (version !== this.version) this.ready = true;
  }

  /**
   * A part of the page did not come. An updated server has it no longer: then the page is loaded
   * again, once. Whatever else it is, a new page would not come either, and the old one would be gone.
   */
  async missed(): Promise<void> {
    const before = this.version;
    const version = await getRoot().then(
      (root) => root.version,
      () => undefined,
    );
    if (version === undefined) return;
    this.hear(version);
    if (before !== undefined && version !== before && isFirst(version)) location.reload();
  }

  /** Loads the new page, at the same address. */
  load(): void {
    const waiting = this.registration?.waiting;
    if (!waiting) {
      location.reload();
      return;
    }
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    waiting.postMessage({ type: "take-over" });
  }

  /** A worker is ready to take over: at once if this page is its own, when asked if not. */
  private async look(worker: ServiceWorker): Promise<void> {
    if (await sameBuild(worker)) worker.postMessage({ type: "take-over" });
    else this.ready = true;
  }
}

/** Whether this tab has not loaded its page for that version yet; notes that it does. */
function isFirst(version: string): boolean {
  try {
    if (sessionStorage.getItem(RELOADED) === version) return false;
    sessionStorage.setItem(RELOADED, version);
    return true;
  } catch {
    // Nothing can be noted: the button is there.
    return false;
  }
}

function sameBuild(worker: ServiceWorker): Promise<boolean> {
  const files = document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>(
    "head script[src], head link[rel=stylesheet]",
  );
  const urls = [...files].map((file) => ("src" in file ? file.src : file.href));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data === true);
    setTimeout(() => resolve(false), ANSWER_MS);
    worker.postMessage({ type: "same-build", urls }, [port2]);
  });
}

export const updates = new Updates();
