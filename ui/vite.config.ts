import { svelte } from "@sveltejs/vite-plugin-svelte";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";
import { precompress } from "./build/precompress.ts";

/** Where `npm run dev` finds a running recorder. */
const server = process.env.HOLDFAST_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  // Relative, with a <base> in index.html: a recorder behind a proxy path changes that one line.
  base: "./",
  plugins: [svelte(), tailwindcss(), precompress()],
  build: {
    target: "es2022",
    outDir: "dist",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    // It checks who asks: the origin has to be its own.
    proxy: {
      "/api": { target: server, ws: true, changeOrigin: true, headers: { origin: server } },
    },
  },
  test: { include: ["src/**/*.test.ts", "build/**/*.test.ts"], environment: "node" },
});
