// The rules of the house: who may know whom, and who may speak with the server.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "../src");

/** Folders and what each may import, beside itself. */
const MAY: Record<string, string[]> = {
  texts: [],
  api: [],
  timeline: ["texts"],
  player: ["timeline"],
  proof: [],
  offline: ["api", "proof", "texts"],
  state: ["api", "timeline", "texts"],
  widgets: ["texts", "timeline"],
  actions: ["texts", "widgets"],
  pages: ["actions", "api", "player", "proof", "state", "texts", "timeline", "widgets"],
  shell: ["actions", "pages", "state", "texts", "widgets"],
};

const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(ts|svelte)$/.test(file) && !/\.(test|d)\.ts$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(src, file), "utf8") }));

/** The files of this house that a file imports. */
function imports(file: string, text: string): string[] {
  const names = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]*)"/g)].map(([, name]) => name);
  return names.map((name) => relative(src, resolve(src, dirname(file), name ?? "")));
}

describe("the house", () => {
  it.each(Object.keys(MAY))("%s knows only what it may", (folder) => {
    const wrong = files
      .filter(({ file }) => file.startsWith(`${folder}/`))
      .flatMap(({ file, text }) => imports(file, text).map((to) => `${file} → ${to}`))
      .filter((arrow) => {
        const to = arrow.split(" → ")[1]?.split("/")[0] ?? "";
        return to !== folder && !MAY[folder]?.includes(to);
      });
    expect(wrong).toEqual([]);
  });

  it("has a place for every folder", () => {
    const folders = new Set(files.map(({ file }) => file.split("/")[0] ?? ""));
    for (const folder of folders) if (!folder.includes(".")) expect(MAY).toHaveProperty(folder);
  });

  it("speaks with the server in one folder only", () => {
    const speakers = files
      .filter(({ text }) => /\bfetch\(|new WebSocket|XMLHttpRequest|api\/v1/.test(text))
      .map(({ file }) => file)
      .filter((file) => !file.startsWith("api/"));
    expect(speakers).toEqual([]);
  });

  it("breaks no policy: no style attributes, no inline handlers", () => {
    const wrong = files
      .filter(({ file }) => file.endsWith(".svelte"))
      .filter(({ text }) => /\sstyle="|\son[a-z]+="|{@html/.test(text))
      .map(({ file }) => file);
    expect(wrong).toEqual([]);
  });

  it("keeps its files readable", () => {
    const long = files
      .filter(({ file }) => file !== "api/openapi.d.ts")
      .filter(({ text }) => text.split("\n").length > 500)
      .map(({ file }) => file);
    expect(long).toEqual([]);
  });
});
