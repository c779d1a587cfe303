// The recorder under test: `holdfast demo`, three test cameras and a scratch archive.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { servePage } from "./page-server";

export const binary =
  process.env.HOLDFAST_BIN ?? join(import.meta.dirname, "../../target/debug/holdfast");

export interface Recorder {
  url: string;
  /** The recorder itself, also where the page comes from before it: for what a test asks. */
  own: string;
  /** The one-time link that signs in. */
  link: string;
  /** Where its configuration, its catalog and its footage are. */
  dir: string;
  /** The process, while it runs. */
  pid(): number | undefined;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** On the same address and archive. */
  start(): Promise<void>;
  /** Where it was killed and not started again: what fails in between takes no other test along. */
  revive(): Promise<void>;
  end(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

/** Something is wrong where its link is not there by then; a hook has a minute. */
const LINK_WITHIN_MS = 45_000;

/** Without cameras and without an account, as on the first day. */
export function startEmptyRecorder(): Promise<Recorder> {
  return startRecorderOf("");
}

/** Of the cameras in `cameras`, a part of a configuration file; without an account. */
export function startRecorderOf(cameras: string): Promise<Recorder> {
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
keep_free = "1 GB"
${cameras}`,
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
      const deadline = setTimeout(() => {
        started.kill("SIGKILL");
        reject(new Error(`holdfast gave no link within ${LINK_WITHIN_MS} ms:\n${said}`));
      }, LINK_WITHIN_MS);
      const hear = (bytes: Buffer) => {
        said += bytes;
        const link = /http:\S+#token=\S+/.exec(said)?.[0];
        if (!link) return;
        clearTimeout(deadline);
        resolve(link);
      };
      started.stdout?.on("data", hear);
      started.stderr?.on("data", hear);
      started.on("error", reject);
      started.on("exit", (code) => {
        clearTimeout(deadline);
        reject(new Error(`holdfast ended with ${code}:\n${said}`));
      });
    });
  }

  // Nobody ends what never began: its folder goes here.
  const link = await start().catch(async (error) => {
    await ended;
    rmSync(dir, { recursive: true, force: true });
    throw error;
  });
  const own = `http://127.0.0.1:${port}`;
  const page = process.env.HOLDFAST_PAGE ? await servePage(own) : undefined;
  const url = page?.url ?? own;
  let killed = false;
  const recorder: Recorder = {
    url,
    own,
    dir,
    link: link.replace(own, url),
    pid: () => child?.pid,
    async kill() {
      killed = true;
      child?.kill("SIGKILL");
      await ended;
      await page?.end();
    },
    async start() {
      await start();
      await page?.start();
      killed = false;
    },
    async revive() {
      if (killed) await recorder.start();
    },
    async end() {
      await page?.end();
      child?.kill("SIGTERM");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return recorder;
}
