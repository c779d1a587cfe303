// How much script and painting a frame takes while the timeline is dragged, or zoomed, from a trace of the
// browser's own:
//   npm run demo, and beside it: node bench/drag.mjs [http://127.0.0.1:5180] [zoom]
// CHROMIUM names the browser. Wall time, and the main thread's own time where others use the processor.

import { chromium } from "playwright-core";

const url = process.argv[2] ?? "http://127.0.0.1:5180";
const hand = process.argv[3] === "zoom" ? zoom : drag;
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const WORK = new Set(
  "EventDispatch FunctionCall FireAnimationFrame RunMicrotasks TimerFire UpdateLayoutTree Layout PrePaint Paint Layerize Commit".split(
    " ",
  ),
);
/** With it a frame is handed over. */
const FRAME = "Commit";
const SPANS = { year: 31_536_000, week: 604_800, hour: 3600 };

/** What outermost script and painting took on the page's thread, by frame, in ms. */
function frames(events) {
  const threads = events.filter(
    ({ name, args }) => name === "thread_name" && args.name === "CrRendererMain",
  );
  // Each renderer has one; the page's is the one that shows most.
  const of = ({ pid, tid }) => events.filter((event) => event.pid === pid && event.tid === tid);
  const shown = (list) => list.filter(({ name }) => name === FRAME).length;
  const [own = []] = threads.map(of).sort((one, other) => shown(other) - shown(one));
  const starts = own.filter(({ name }) => name === FRAME).map(({ ts }) => ts);
  starts.sort((a, b) => a - b);
  const work = own.filter(({ name, ph }) => ph === "X" && WORK.has(name));
  work.sort((a, b) => a.ts - b.ts);
  const found = starts.map(() => ({ wall: 0, own: 0 }));
  let [end, frame] = [0, -1];
  for (const { ts, dur = 0, tdur = 0 } of work) {
    if (ts < end) continue;
    end = ts + dur;
    while (frame + 1 < starts.length && starts[frame + 1] <= ts) frame++;
    if (frame < 0) continue;
    found[frame].wall += dur / 1000;
    found[frame].own += tdur / 1000;
  }
  return found.slice(1, -1);
}

const share = (values, part) => values.sort((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;

/** Pulls the paper to and fro, and waits for each movement to be taken. */
async function drag(page, box, seconds) {
  const y = box.y + box.height / 2;
  const end = Date.now() + seconds * 1000;
  await page.mouse.move(box.x + 300, y);
  await page.mouse.down();
  for (let i = 0; Date.now() < end; i++) {
    const at = (i * 7) % 1200;
    await page.mouse.move(box.x + 300 + (at < 600 ? at : 1200 - at), y);
  }
  await page.mouse.up();
}

/** Turns the wheel to and fro, less than a notch at a time. */
async function zoom(page, box, seconds) {
  const end = Date.now() + seconds * 1000;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let i = 0; Date.now() < end; i++) await page.mouse.wheel(0, i % 40 < 20 ? -20 : 20);
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
for (const [name, span] of Object.entries(SPANS)) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const at = new Date(Date.now() - 86_400_000).toISOString();
  await page.goto(`${url}/?demo=many`);
  await page.waitForURL("**/live");
  await page.goto(`${url}/timeline?at=${at}&span=${span}&cams=camera-1`);
  const ruler = page.getByRole("slider");
  const box = await ruler.boundingBox();
  await page.waitForTimeout(2000);
  // Once without a trace, so that what is asked for is there.
  await hand(page, box, 3);
  const categories = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "blink.user_timing",
  ];
  await browser.startTracing(page, { categories });
  await hand(page, box, 6);
  const trace = JSON.parse((await browser.stopTracing()).toString());
  const all = frames(trace.traceEvents);
  const line = ["wall", "own"].map((kind) => {
    const values = all.map((frame) => frame[kind]);
    return `${kind} ${share(values, 0.5).toFixed(1)}, ${share(values, 0.95).toFixed(1)}`;
  });
  console.log(`${name}: ${all.length} frames; median and 95 %, ms: ${line.join("; ")}`);
  await page.close();
}
await browser.close();
