// Asking again while somebody looks.

/** Calls `ask` now, every so often while the page is seen, and when it is seen again. */
export function whileSeen(ask: () => unknown, everyMs: number): () => void {
  const again = () => {
    if (document.visibilityState === "visible") ask();
  };
  again();
  const timer = setInterval(again, everyMs);
  document.addEventListener("visibilitychange", again);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", again);
  };
}
