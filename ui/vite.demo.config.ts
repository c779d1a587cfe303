// `npm run demo:build`: the whole page on sample data, for any static file host, in dist-demo/.

import { join } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import tailwindcss from "@tailwindcss/vite";
import { build, defineConfig, type Plugin } from "vite";
import { typeface } from "./build/typeface.ts";
import { makeScenes } from "./demo/make.mjs";

const OUT = "dist-demo";

/** As the recorder sends it, less what only a header may say. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
  "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; " +
  "manifest-src 'self'; base-uri 'self'; form-action 'self'";

/** The page begins with the demo, lies wherever it is put, and has its worker and its scenes beside it. */
function demo(): Plugin {
  return {
    name: "holdfast-demo",
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html
          .replace("./src/main.ts", "./demo/boot.ts")
          .replace(
            '<base href="/" />',
            `<base href="./" />\n    <meta http-equiv="content-security-policy" content="${POLICY}" />`,
          ),
    },
    async closeBundle() {
      makeScenes(join(import.meta.dirname, OUT));
      await build({
        configFile: false,
        logLevel: "warn",
        build: {
          outDir: OUT,
          emptyOutDir: false,
          copyPublicDir: false,
          lib: {
            entry: join(import.meta.dirname, "demo/worker.ts"),
            formats: ["iife"],
            name: "demo",
            fileName: () => "sw.js",
          },
        },
      });
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [svelte(), tailwindcss(), typeface(), demo()],
  build: {
    target: "es2022",
    outDir: OUT,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
