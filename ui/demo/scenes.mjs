// Moving pictures for the demo, made by ffmpeg once and kept in the system's scratch folder.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = join(tmpdir(), "holdfast-ui-demo");
mkdirSync(folder, { recursive: true });

export const SCENE_S = 20;

/** `source` is a film to take the scene from, or undefined for a drawn one. */
export function scene(name, source, hue, shape = "1280:720") {
  const path = join(folder, `${name}.mp4`);
  if (existsSync(path)) return path;
  console.log(`making the scene ${name} …`);
  const input = source
    ? ["-stream_loop", "-1", "-i", source]
    : ["-f", "lavfi", "-i", `gradients=s=1280x720:r=25:speed=0.02:c0=${hue}:c1=0x101418:n=2`];
  const args = ["-v", "error", "-y", ...input, "-t", String(SCENE_S), "-an", "-r", "25"];
  const filter = source ? `scale=${shape}` : "noise=alls=4:allf=t";
  const encode = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "25", "-crf", "26"];
  const part = `${path}.part.mp4`;
  execFileSync("ffmpeg", [...args, "-vf", filter, ...encode, "-pix_fmt", "yuv420p", part]);
  renameSync(part, path);
  return path;
}

/** [from, to) in milliseconds as one .mp4, to the key frame; kept by name. */
export function clip(path, key, from, to) {
  const out = join(folder, `clip-${key}-${from}-${to}.mp4`);
  if (existsSync(out)) return Promise.resolve(out);
  const start = (from / 1000) % SCENE_S;
  const part = `${out}.${Math.random()}.part.mp4`;
  const args = ["-v", "error", "-y", "-stream_loop", "-1", "-ss", String(start), "-i", path];
  const shape = ["-t", String((to - from) / 1000), "-c", "copy", "-movflags", "faststart"];
  return new Promise((resolve, reject) => {
    const child = spawn("ffmpeg", [...args, ...shape, part], { stdio: "inherit" });
    child.on("exit", (code) => {
      if (code !== 0) return reject(new Error("ffmpeg failed"));
      renameSync(part, out);
      resolve(out);
    });
  });
}

/** Live fragments: `init` once, then `fragment` for every picture. The answer stops it. */
export function live(path, init, fragment) {
  const form = ["-f", "mp4", "-movflags", "empty_moov+default_base_moof+frag_every_frame"];
  const args = ["-v", "error", "-re", "-stream_loop", "-1", "-i", path, "-c", "copy", ...form, "-"];
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "ignore"] });
  let rest = Buffer.alloc(0);
  let held = [];
  child.stdout.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 8) {
      const size = rest.readUInt32BE(0);
      if (rest.length < size) break;
      const kind = rest.toString("latin1", 4, 8);
      held.push(rest.subarray(0, size));
      rest = rest.subarray(size);
      if (kind === "moov") init(Buffer.concat(held));
      else if (kind === "mdat") fragment(Buffer.concat(held));
      else continue;
      held = [];
    }
  });
  return () => child.kill();
}
