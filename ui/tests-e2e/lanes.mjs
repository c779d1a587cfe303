// All browser tests: those of moving pictures, and the others beside them. With arguments
// (`npm run e2e -- tests-e2e/watch.test.ts -t name`) it is plain vitest.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const LANES = ["pictures", "pages"];
const COMMAND = ["vitest", "run", "--config", "vitest.e2e.config.ts"];
const chosen = process.argv.slice(2);

const ended = (child) =>
  new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(String(error));
      resolve(1);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });

/** Runs one lane; each line that it says is told with its name. */
function run(lane) {
  const env = { ...process.env, E2E_LANE: lane };
  const child = spawn("npx", COMMAND, { env, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => console.log(`${lane}: ${line}`));
  }
  return ended(child);
}

const ends =
  chosen.length > 0
    ? [ended(spawn("npx", [...COMMAND, ...chosen], { stdio: "inherit" }))]
    : LANES.map(run);
process.exitCode = Math.max(...(await Promise.all(ends)));
