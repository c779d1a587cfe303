// The recorder under test: `holdfast demo`, three test cameras and a scratch archive.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.HOLDFAST_BIN ?? join(import.meta.dirname, "../../target/debug/holdfast");

export interface Recorder {
  url: string;
  /** The one-time link that signs in. */
  link: string;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** On the same address and archive. */
  start(): Promise<void>;
  end(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

/** Without cameras and without an account, as on the first day. */
export function startEmptyRecorder(): Promise<Recorder> {
  return launchRecorder((dir, port) => {
    const config = join(dir, "holdfast.toml");
    writeFileSync(
      config,
      `[server]
listen = ["127.0.0.1:${port}"]
[archive]
catalog = "${dir}/catalog"
[[archive.volume]]
name = "scratch"
path = "${dir}/footage"
`,
    );
    return ["run", "--config", config];
  });
}

export function startRecorder(): Promise<Recorder> {
  return launchRecorder((dir, port) => ["demo", "--listen", `127.0.0.1:${port}`, "--dir", dir]);
}

async function launchRecorder(args: (dir: string, port: number) => string[]): Promise<Recorder> {
  if (!existsSync(binary)) {
    throw new Error(`${binary} is missing: build it first (cargo build -p holdfast)`);
  }
  const dir = mkdtempSync(join(tmpdir(), "holdfast-e2e-"));
  const port = await freePort();
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  async function start(): Promise<string> {
    const started = spawn(binary, args(dir, port), { stdio: ["ignore", "pipe", "pipe"] });
    child = started;
    let said = "";
    ended = new Promise((resolve) => started.on("exit", () => resolve()));
    return new Promise((resolve, reject) => {
      const hear = (bytes: Buffer) => {
        said += bytes;
        const link = /http:\S+#token=\S+/.exec(said)?.[0];
        if (link) resolve(link);
      };
      started.stdout?.on("data", hear);
      started.stderr?.on("data", hear);
      started.on("exit", (code) => reject(new Error(`holdfast ended with ${code}:\n${said}`)));
    });
  }

  const recorder: Recorder = {
    url: `http://127.0.0.1:${port}`,
    link: await start(),
    async kill() {
      child?.kill("SIGKILL");
      await ended;
    },
    async start() {
      await start();
    },
    async end() {
      child?.kill("SIGTERM");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return recorder;
}
