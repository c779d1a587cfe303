// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cameras } from "./cameras.svelte";

/** Answers to what was asked, in its order. */
let asked: ((answer: Response | undefined) => void)[];
const list = (...slugs: string[]) =>
  Response.json({ cameras: slugs.map((slug) => ({ slug, name: slug, streams: [] })) });
const refused = () => new Response(null, { status: 401 });
const calm = () => vi.advanceTimersByTimeAsync(10);

const sockets: Silent[] = [];

class Silent {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  constructor() {
    sockets.push(this);
  }
  close() {
    this.closed = true;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  sockets.length = 0;
  vi.stubGlobal("WebSocket", Silent);
  vi.stubGlobal(
    "fetch",
    () =>
      new Promise<Response>((resolve, reject) => {
        asked.push((answer) => (answer ? resolve(answer) : reject(new TypeError("nobody"))));
      }),
  );
});

afterEach(() => {
  cameras.end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("takes what was asked for early", async () => {
  cameras.prefetch();
  cameras.start();
  expect(asked.length).toBe(1);
  asked[0]?.(list("door"));
  await calm();
  expect(cameras.list.map(({ slug }) => slug)).toEqual(["door"]);
});

it("calls a stream as people call its camera, and what is no stream as it is", async () => {
  cameras.start();
  asked[0]?.(Response.json({ cameras: [{ slug: "door", name: "Front door", streams: [] }] }));
  await calm();
  expect(cameras.named("door/main")).toBe("Front door Main");
  expect(cameras.named("door/high")).toBe("Front door high");
  expect(cameras.named("shed/main")).toBe("shed/main");
  expect(cameras.named("door")).toBe("door");
  expect(cameras.named("disk1")).toBe("disk1");
});

it("asks anew after a sign-in when the session was over that asked early", async () => {
  cameras.prefetch();
  asked[0]?.(refused());
  await calm();
  cameras.start();
  expect(asked.length).toBe(2);
  asked[1]?.(list("door"));
  await calm();
  expect(cameras.problem).toBeUndefined();
  expect(cameras.known).toBe(true);
});

it("keeps nothing for the next person of what was asked for early", async () => {
  cameras.prefetch();
  cameras.end();
  cameras.start();
  expect(asked.length).toBe(2);
});

it("drops an answer that comes when its session is over", async () => {
  cameras.start();
  cameras.end();
  asked[0]?.(list("theirs"));
  await calm();
  expect(cameras.list).toEqual([]);
  expect(cameras.known).toBe(false);
  cameras.start();
  void cameras.refresh();
  cameras.end();
  cameras.start();
  asked.at(-2)?.(list("theirs"));
  await calm();
  expect(cameras.list).toEqual([]);
  asked.at(-1)?.(list("mine"));
  await calm();
  expect(cameras.list.map(({ slug }) => slug)).toEqual(["mine"]);
});

/** What was asked last is answered, or by nobody; the recorder's root is asked for too. */
const answerAll = async (answer: () => Response | undefined) => {
  for (const resolve of asked.splice(0)) resolve(answer());
  await calm();
};

it("notices a recorder that vanishes without closing its sockets, and its return", async () => {
  cameras.start();
  await answerAll(() => list("door"));
  sockets[0]?.onopen?.();
  const { returns } = cameras;
  // It is not there any more; nothing says so.
  await vi.advanceTimersByTimeAsync(20_000);
  await vi.advanceTimersByTimeAsync(5_000);
  await answerAll(() => undefined);
  expect(cameras.online).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  await answerAll(() => undefined);
  expect(cameras.online).toBe(false);
  expect(cameras.returns).toBe(returns);
  const before = sockets.length;
  await vi.advanceTimersByTimeAsync(2_000);
  await answerAll(() => list("door"));
  expect(cameras.online).toBe(true);
  expect(cameras.returns).toBe(returns + 1);
  // The socket of before is not waited for.
  expect(sockets.length).toBe(before + 1);
  expect(sockets.slice(0, -1).every(({ closed }) => closed)).toBe(true);
  sockets.at(-1)?.onopen?.();
  expect(cameras.returns).toBe(returns + 1);
});

it("gives one question that fails at once another chance, and none that hung", async () => {
  cameras.start();
  await answerAll(() => list("door"));
  await vi.advanceTimersByTimeAsync(20_000);
  await answerAll(() => undefined);
  expect(cameras.online).toBe(true);
  await vi.advanceTimersByTimeAsync(2_000);
  await answerAll(() => undefined);
  expect(cameras.online).toBe(false);
});

it("does not take words of refusal for nobody's", async () => {
  cameras.start();
  for (let i = 0; i < 3; i++) {
    await answerAll(() => new Response(null, { status: 503 }));
    await vi.advanceTimersByTimeAsync(2_000);
  }
  expect(cameras.online).toBe(true);
});

it.each([502, 503, 504])("does not take a proxy's %d for the recorder's return", async (status) => {
  cameras.start();
  await answerAll(() => list("door"));
  sockets[0]?.onopen?.();
  const { returns } = cameras;
  sockets[0]?.onclose?.();
  await vi.advanceTimersByTimeAsync(2_000);
  const said: boolean[] = [];
  for (let s = 0; s < 60; s += 2) {
    await answerAll(() => new Response("<h1>nobody there</h1>", { status }));
    said.push(cameras.online);
    // The proxy takes no socket either.
    sockets.at(-1)?.onclose?.();
    await vi.advanceTimersByTimeAsync(2_000);
  }
  expect(new Set(said)).toEqual(new Set([false]));
  expect(cameras.returns).toBe(returns);
  await answerAll(() => list("door"));
  expect(cameras.online).toBe(true);
  expect(cameras.returns).toBe(returns + 1);
});

it("notices by a proxy's words alone that nobody is behind it", async () => {
  cameras.start();
  await answerAll(() => list("door"));
  await vi.advanceTimersByTimeAsync(20_000);
  for (const online of [true, false]) {
    await answerAll(() => new Response(null, { status: 502 }));
    expect(cameras.online).toBe(online);
    await vi.advanceTimersByTimeAsync(2_000);
  }
});

it("is not away where only sockets do not get through, and its lists are no returns", async () => {
  cameras.start();
  await answerAll(() => list("door"));
  const { returns } = cameras;
  for (let s = 0; s < 60; s += 2) {
    sockets.at(-1)?.onclose?.();
    await vi.advanceTimersByTimeAsync(2_000);
    await answerAll(() => list("door"));
    expect(cameras.online).toBe(true);
  }
  expect(cameras.returns).toBe(returns);
});

it("opens a mute socket anew, and leaves one alone that speaks", async () => {
  cameras.start();
  const word = JSON.stringify({ type: "volumes" });
  for (let s = 0; s < 100; s += 10) {
    sockets[0]?.onmessage?.({ data: word });
    await vi.advanceTimersByTimeAsync(10_000);
  }
  expect(sockets.length).toBe(1);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(sockets.length).toBe(2);
  expect(sockets[0]?.closed).toBe(true);
});

const NOW = Date.parse("2026-11-23T13:03:12.480Z");

/** So many cameras, whose footage is looked at, and what each of their streams says of itself. */
function recording(count: number) {
  cameras.start();
  const all = Array.from({ length: count }, (_, i) => `camera-${i}`);
  const streams = all.flatMap((camera) => ["main", "sub"].map((stream) => ({ camera, stream })));
  for (const of of streams) cameras.footage(of);
  return (of: (typeof streams)[number], at: number) => {
    const durable_until = new Date(at).toISOString();
    sockets[0]?.onmessage?.({ data: JSON.stringify({ type: "footage", ...of, durable_until }) });
    return streams;
  };
}

it("lets what grows be seen four times a second, however many streams grow", async () => {
  const first = { camera: "camera-0", stream: "main" };
  const grow = recording(16);
  const streams = grow(first, NOW);
  await vi.advanceTimersByTimeAsync(1_000);
  const before = cameras.footageVersion;
  for (const [i, of] of streams.entries()) {
    await vi.advanceTimersByTimeAsync(1_000 / 32);
    grow(of, NOW + 1_000 + i);
  }
  const seen = cameras.footageVersion - before;
  expect(seen).toBeGreaterThanOrEqual(3);
  expect(seen).toBeLessThanOrEqual(4);
});

it("lets growth be seen within a quarter of a second, and what is known at once", async () => {
  const of = { camera: "camera-0", stream: "main" };
  const grow = recording(1);
  const before = cameras.footageVersion;
  grow(of, NOW);
  expect(cameras.footage(of).durableUntil).toBe(NOW);
  await vi.advanceTimersByTimeAsync(250);
  expect(cameras.footageVersion).toBe(before + 1);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(cameras.footageVersion).toBe(before + 1);
  cameras.footage(of).refresh();
  expect(cameras.footageVersion).toBe(before + 2);
});

it("says nothing of growth once its session is over", async () => {
  const grow = recording(1);
  grow({ camera: "camera-0", stream: "main" }, NOW);
  cameras.end();
  const before = cameras.footageVersion;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(cameras.footageVersion).toBe(before);
});

it("tells what grows only for the time that it grows in", async () => {
  const of = { camera: "camera-0", stream: "main" };
  const grow = recording(2);
  const grows = async (to: number) => {
    for (const stream of grow(of, to)) grow(stream, to);
    await vi.advanceTimersByTimeAsync(250);
  };
  await grows(NOW);
  const until = [NOW - 1, NOW + 1_500].map((time) => [time, cameras.versionUntil(time)] as const);
  const others = () => until.map(([time, was]) => cameras.versionUntil(time) !== was);
  await grows(NOW + 1_000);
  expect(others()).toEqual([false, true]);
  await grows(NOW + 2_000);
  const passed = cameras.versionUntil(NOW + 1_500);
  expect(others()).toEqual([false, true]);
  await grows(NOW + 3_000);
  expect(cameras.versionUntil(NOW + 1_500)).toBe(passed);
  // What is answered may be about any time.
  cameras.footage(of).refresh();
  expect(others()).toEqual([true, true]);
});
