// Waiting for what comes by itself: as long as a busy machine may take, and as short as it takes.

/** Something is wrong where it has not come by then. */
const WITHIN_MS = 60_000;
const EVERY_MS = 200;

/** What `look` finds once it finds something; otherwise an error that names `what` was waited for. */
export async function until<T>(
  look: () => Promise<T | undefined | false>,
  what: string,
  within = WITHIN_MS,
): Promise<T> {
  for (const end = Date.now() + within; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  throw new Error(`it did not come within ${within} ms: ${what}`);
}
