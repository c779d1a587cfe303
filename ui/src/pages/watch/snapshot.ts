// Saves the picture that is seen as a file.

import { t } from "../../texts";

/** @param seen what shows the picture, which is taken in its own size */
export function savePicture(
  seen: HTMLVideoElement | HTMLImageElement,
  camera: string,
  at: number,
): void {
  const film = seen instanceof HTMLVideoElement;
  if (film ? seen.readyState < 2 : seen.naturalWidth === 0) return;
  const canvas = document.createElement("canvas");
  canvas.width = film ? seen.videoWidth : seen.naturalWidth;
  canvas.height = film ? seen.videoHeight : seen.naturalHeight;
  canvas.getContext("2d")?.drawImage(seen, 0, 0);
  canvas.toBlob((blob) => blob && saveBlob(blob, camera, at), "image/jpeg", 0.92);
}

/** Saves a JPEG that is here. */
export function saveBlob(blob: Blob, camera: string, at: number): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  // Colons are not allowed in file names everywhere.
  link.download = `${t.player.snapshotName(camera, at).replaceAll(":", "-")}.jpg`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
