// Makes the demo's sample data, a few megabytes, out of the test cameras' clips (crates/testcam):
// each scene's pictures without sound, and stills of its key frames. Needs ffmpeg.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const clips = join(import.meta.dirname, "../../crates/testcam/clips");

/** Into `scenes/` of a folder. */
export function makeScenes(folder) {
  const scenes = join(folder, "scenes");
  mkdirSync(scenes, { recursive: true });
  const ffmpeg = (...args) => execFileSync("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args]);
  for (const scene of ["drive", "door", "garden"]) {
    for (const stream of ["main", "sub"]) {
      const name = `${scene}-${stream}.mp4`;
      ffmpeg(
        "-i",
        join(clips, name),
        "-map",
        "0:v",
        "-c",
        "copy",
        "-map_metadata",
        "-1",
        "-f",
        "mp4",
        join(scenes, name),
      );
    }
    const shape = ["-vf", "fps=1/2:round=down:start_time=0,scale=960:-2", "-q:v", "6"];
    ffmpeg(
      "-i",
      join(clips, `${scene}-main.mp4`),
      ...shape,
      "-start_number",
      "0",
      join(scenes, `${scene}-%02d.jpg`),
    );
  }
}
