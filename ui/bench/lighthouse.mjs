// Lighthouse on Live and Timeline, signed in: how is in bench/README.md, "The page".
// node lighthouse.mjs <one-time link> [runs]

import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [link, runs = "5"] = process.argv.slice(2);
const core = resolve(process.env.LIGHTHOUSE ?? ".", "node_modules/lighthouse/core");
const { default: lighthouse } = await import(join(core, "index.js"));
const { default: desktop } = await import(join(core, "config/desktop-config.js"));

/** What the page itself is made of; pictures come by other ways. */
const PAGE = new Set(["Document", "Script", "Stylesheet", "Font"]);

const port = await new Promise((found) => {
  const server = createServer();
  server.listen(0, "127.0.0.1", () => {
    const { port: free } = server.address();
    server.close(() => found(free));
  });
});
const context = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), "lighthouse-")), {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", `--remote-debugging-port=${port}`],
});
const page = await context.newPage();
await page.goto(link);
await page.waitForURL("**/live");
await page.close();

for (const path of ["live", "timeline"]) {
  const all = [];
  for (let i = 0; i < Number(runs); i++) {
    const options = { port, onlyCategories: ["performance", "accessibility"], logLevel: "error" };
    const { lhr } = await lighthouse(new URL(`/${path}`, link).href, options, desktop);
    const { audits, categories } = lhr;
    const requests = audits["network-requests"].details.items;
    const own = requests.filter(({ resourceType }) => PAGE.has(resourceType));
    const run = {
      performance: Math.round(categories.performance.score * 100),
      accessibility: Math.round(categories.accessibility.score * 100),
      firstPaintMs: Math.round(audits["first-contentful-paint"].numericValue),
      largestPaintMs: Math.round(audits["largest-contentful-paint"].numericValue),
      blockedMs: Math.round(audits["total-blocking-time"].numericValue),
      shift: Number(audits["cumulative-layout-shift"].numericValue.toFixed(4)),
      firstLoadKb: Math.round(own.reduce((sum, { transferSize }) => sum + transferSize, 0) / 1000),
    };
    all.push(run);
    console.log(path, JSON.stringify(run));
    for (const { id } of categories.accessibility.auditRefs) {
      if (audits[id].score !== null && audits[id].score < 1) console.log("  ", audits[id].title);
    }
  }
  const middle = (key) => all.map((run) => run[key]).sort((a, b) => a - b)[all.length >> 1];
  const medians = Object.fromEntries(Object.keys(all[0]).map((key) => [key, middle(key)]));
  console.log(path, "median", JSON.stringify(medians));
}
await context.close();
