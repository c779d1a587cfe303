// The last picture of each camera, kept while the tab lives, so that a tile has one before its
// stream. They never leave the tab, and go when the person leaves: what is taken off the page after
// that has a last picture too, and nobody takes it.

const PREFIX = "holdfast.still.";
const WIDTH = 480;

const kept = new Map<string, { url: string; at: number }>();
/** Somebody is signed in. */
let admitted = false;

/** From now on pictures are kept: who is signed in may see them. */
export function admitStills(): void {
  admitted = true;
}

/** Keeps what the element shows now. */
export function keepStill(camera: string, video: HTMLVideoElement, at: number): void {
  if (!admitted || video.readyState < 2 || video.videoWidth === 0) return;
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
  try {
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    const still = { url: canvas.toDataURL("image/jpeg", 0.6), at };
    kept.set(camera, still);
    sessionStorage.setItem(PREFIX + camera, JSON.stringify(still));
  } catch {
    // Full or switched off: the memory's copy is enough.
  }
}

export function lastStill(camera: string): { url: string; at: number } | undefined {
  const known = kept.get(camera);
  if (known) return known;
  try {
    const text = sessionStorage.getItem(PREFIX + camera);
    if (!text) return undefined;
    const still = JSON.parse(text) as { url: string; at: number };
    kept.set(camera, still);
    return still;
  } catch {
    return undefined;
  }
}

/** Forgets them all, and keeps none before {@link admitStills}. */
export function forgetStills(): void {
  admitted = false;
  kept.clear();
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    }
  } catch {
    // Nothing was stored, then.
  }
}
