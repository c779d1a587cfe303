// `npm run offline`: the script of the page inside exports, as one file without imports, where the
// recorder embeds it from. The result is part of the repository: cargo does not call npm.

import { join } from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    target: "es2022",
    outDir: join(import.meta.dirname, "../crates/export/src/page"),
    emptyOutDir: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: join(import.meta.dirname, "src/offline/page.ts"),
      output: { format: "iife", entryFileNames: "page.js" },
    },
  },
});
