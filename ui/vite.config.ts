import { svelte } from "@sveltejs/vite-plugin-svelte";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";
import { precompress } from "./build/precompress.ts";
import { typeface } from "./build/typeface.ts";
import { worker } from "./build/worker.ts";

/** Where `npm run dev` finds a running recorder. */
const server = process.env.HOLDFAST_URL ?? "http://127.0.0.1:8080";

const WATCH = new RegExp(
  "src/(timeline/(?!told)|widgets/(Ruler\\.svelte|ruler-lane)" +
    "|pages/watch/(Watch|WatchRuler|Stage|Strip|Live\\w+|TileFrame|Clock|past|part|down|live-source|streams" +
    "|grid|layout|zoom|zoom-gestures|zooms|snapshot|lanes|visible)\\b)",
);

export default defineConfig({
  // Relative, with a <base> in index.html: a recorder behind a proxy path changes that one line.
  base: "./",
  plugins: [svelte(), tailwindcss(), typeface(), worker(), precompress()],
  build: {
    target: "es2022",
    outDir: "dist",
    assetsInlineLimit: 0,
    // What later parts have of their own is less than the headers of another request.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every first page of pictures needs is one file: it compresses better than five, and
          // each request has some hundred bytes of headers. So is what stands around every page.
          groups: [
            { name: "watch", test: WATCH },
            { name: "page", tags: ["$initial"] },
          ],
        },
      },
    },
  },
  // Components are mounted in tests as they are in a browser.
  ...(process.env.VITEST ? { resolve: { conditions: ["browser"] } } : {}),
  server: {
    // It checks who asks: the origin has to be its own.
    proxy: {
      "/api": { target: server, ws: true, changeOrigin: true, headers: { origin: server } },
    },
  },
  test: { include: ["src/**/*.test.ts", "build/**/*.test.ts"], environment: "node" },
});
