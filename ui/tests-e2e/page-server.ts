// The page as it was built last, in front of a recorder that was built before: `HOLDFAST_PAGE=1 npm run e2e`, for work on
// the page alone. The recorder's own copy is what counts, and what all other runs test.

import { join } from "node:path";
import { preview } from "vite";

export interface PageServer {
  url: string;
  /** Nobody answers any more, until `start`. */
  end(): Promise<void>;
  /** On the same address again. */
  start(): Promise<void>;
}

/** Serves `dist`, or what `outDir` holds, on a free port and leads all else to the recorder at `url`. */
export async function servePage(url: string, outDir = "dist"): Promise<PageServer> {
  const home = await fetch(url);
  const policy = home.headers.get("content-security-policy") ?? "";
  const proxied = { target: url, ws: true, changeOrigin: true, headers: { origin: url } };
  const serve = (port: number) =>
    preview({
      root: join(import.meta.dirname, ".."),
      logLevel: "silent",
      build: { outDir },
      preview: {
        host: "127.0.0.1",
        port,
        strictPort: port !== 0,
        headers: { "content-security-policy": policy },
        proxy: { "/api": proxied },
      },
    });
  let server = await serve(0);
  const address = server.httpServer.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    end: () => server.close(),
    async start() {
      server = await serve(port);
    },
  };
}
