import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import type { Plugin } from "vite";

const source = join(import.meta.dirname, "sw.js");

/** The worker's text for a page of these files. */
export function workerOf(files: string[], build: string): string {
  const list = JSON.stringify(["./", ...files], null, 2);
  return readFileSync(source, "utf8")
    .replace('"__BUILD__"', JSON.stringify(build))
    .replace("__FILES__", list);
}

/** Writes `sw.js`, which knows every file of the build. Comes before the files are compressed. */
export function worker(): Plugin {
  let folder = "dist";
  return {
    name: "holdfast-worker",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      const hash = createHash("sha256");
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && ![".br", ".gz"].includes(extname(entry.name)))
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .filter((path) => path !== "sw.js")
        .sort();
      for (const path of files) hash.update(path).update(readFileSync(join(folder, path)));
      // The page is kept under its own address; large icons are the system's business.
      const kept = files.filter((path) => path !== "index.html" && !path.endsWith(".png"));
      writeFileSync(join(folder, "sw.js"), workerOf(kept, hash.digest("hex").slice(0, 16)));
    },
  };
}
