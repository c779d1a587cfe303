// Saves the picture that is seen as a file.

import { t } from "../../texts";

export function savePicture(video: HTMLVideoElement, camera: string, at: number): void {
  if (video.readyState < 2) return;
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  canvas.toBlob(
    (blob) => {
      if (!blob) return;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      // Colons are not allowed in file names everywhere.
      link.download = `${t.player.snapshotName(camera, at).replaceAll(":", "-")}.jpg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    },
    "image/jpeg",
    0.92,
  );
}
