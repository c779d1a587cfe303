// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Shares } from "./shares.svelte";

type Answer = Response | Promise<Response>;
/** What the recorder is asked, as `METHOD leaf`, with what was sent. */
let asked: { what: string; body: unknown }[];
let answers: Record<string, () => Answer>;
let shares: Shares;

const reaches = (reaches_back_s: number) => () =>
  Response.json({
    streams: [{ camera: "shed", stream: "main", forecast: { reaches_back_s, protected_bytes: 0 } }],
  });
const busy = () =>
  Response.json({ type: "busy", title: "busy", status: 503, detail: "it slept" }, { status: 503 });

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  answers = { "POST forecast": reaches(1000) };
  vi.stubGlobal("fetch", async (url: string, { method = "GET", body }: RequestInit = {}) => {
    const what = `${method} ${new URL(url, "http://door/").pathname.split("/").at(-1)}`;
    asked.push({ what, body: body && JSON.parse(String(body)) });
    return answers[what]?.() ?? busy();
  });
  shares = new Shares();
});

afterEach(() => {
  shares.end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const calm = () => vi.advanceTimersByTimeAsync(5_000);
/** As the page frees what saves. */
const waits = () => shares.asking || !shares.would || shares.failed !== undefined;

it("keeps no forecast of other limits when the newest question fails", async () => {
  await shares.load();
  shares.propose("shed", "main", { max_days: 100 });
  await calm();
  expect(waits()).toBe(false);
  answers["POST forecast"] = busy;
  shares.propose("shed", "main", { max_days: 1 });
  await calm();
  expect(shares.failed).toBeDefined();
  expect(shares.would).toBeUndefined();
  expect(waits()).toBe(true);

  // What is asked for again is what would be, too: only its answer frees what saves.
  let answer = (_: Response) => {};
  let waiting = false;
  answers["POST forecast"] = () => {
    if (!JSON.stringify(asked.at(-1)?.body).includes('"max_days":1}')) return reaches(1000)();
    waiting = true;
    return new Promise<Response>((resolve) => {
      answer = resolve;
    });
  };
  await shares.load();
  expect(shares.failed).toBeUndefined();
  expect(waits()).toBe(true);
  await calm();
  expect(waiting).toBe(true);
  expect(waits()).toBe(true);
  answer(reaches(10)());
  await calm();
  expect(waits()).toBe(false);
  expect(shares.would?.get("shed/main")?.forecast.reaches_back_s).toBe(10);
});

const settings = (keep: unknown) => () =>
  Response.json({ name: "Shed", streams: { main: { url: "rtsp://shed/", keep } } });

it("saves the limit that was moved, and leaves the others as they are", async () => {
  answers["GET settings"] = settings({ max_bytes: 5e9, max_days: 14 });
  answers["PATCH shed"] = () => Response.json({});
  await shares.load();
  await shares.learn("shed");
  shares.propose("shed", "main", { max_bytes: 5e9, max_days: 7 });
  await calm();
  await shares.save("shed", "main");
  const sent = asked.find(({ what }) => what === "PATCH shed")?.body;
  expect(sent).toEqual({ streams: { main: { keep: { max_days: 7 } } } });
  expect(shares.limits["shed/main"]).toEqual({ max_bytes: 5e9, max_days: 7 });
  expect(shares.proposed).toEqual({});
});

it("saves nothing over limits that it does not know, and says why it does not", async () => {
  await shares.load();
  const learning = shares.learn("shed");
  await calm();
  await learning;
  expect(shares.unlearned.shed).toMatch(/slept/);
  shares.propose("shed", "main", { max_days: 7 });
  await calm();
  await expect(shares.save("shed", "main")).rejects.toThrow(/slept/);
  expect(asked.filter(({ what }) => what.startsWith("PATCH"))).toEqual([]);

  answers["GET settings"] = settings({ max_days: 14 });
  await shares.learn("shed");
  expect(shares.unlearned.shed).toBeUndefined();
  expect(shares.limits["shed/main"]).toEqual({ max_days: 14 });
});
