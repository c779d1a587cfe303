import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Reverse, type ReverseSource } from "./reverse";

// A clip's bytes are beside the point here: two pictures.
vi.mock("./clip-table", async (original) => ({
  ...(await original<object>()),
  readClipTable: () => ({
    samples: [
      { at: 0, key: true, shown: true, offset: 0, size: 1 },
      { at: 40, key: false, shown: true, offset: 1, size: 1 },
    ],
    config: { codec: "avc1.640028", description: new Uint8Array(0) },
  }),
}));

/** Browsers decode, Node does not. */
class Decoder {
  static breaks = false;
  state = "unconfigured";
  constructor(private to: { output(frame: object): void }) {}
  configure() {}
  decode({ timestamp }: { timestamp: number }) {
    this.to.output({ timestamp, displayWidth: 64, displayHeight: 36, close() {} });
  }
  async flush() {
    if (Decoder.breaks) throw new Error("broken data");
  }
  close() {}
}

let works: boolean;
let asked: number;
/** Bitmaps that were not closed. */
let open: number;
let drawn: number[];
let reverse: Reverse;

const source: ReverseSource = {
  async before(time) {
    asked++;
    if (!works) throw new Error("503");
    return { from: time - 80, to: time };
  },
  clip: async () => new ArrayBuffer(2),
  keyFrameTime: async () => undefined,
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("VideoDecoder", Decoder);
  vi.stubGlobal(
    "EncodedVideoChunk",
    class {
      timestamp: number;
      constructor({ timestamp }: { timestamp: number }) {
        this.timestamp = timestamp;
      }
    },
  );
  vi.stubGlobal("createImageBitmap", async () => {
    open++;
    return { close: () => open-- };
  });
  works = true;
  asked = 0;
  open = 0;
  drawn = [];
  Decoder.breaks = false;
  reverse = new Reverse(source, (_, at) => void drawn.push(at));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** As often as pages are painted. */
async function showFor(ms: number) {
  for (let passed = 0; passed < ms; passed += 16) {
    reverse.show(1_000);
    await vi.advanceTimersByTimeAsync(16);
  }
}

describe("where the server does not answer", () => {
  beforeEach(() => {
    works = false;
  });

  it("asks again, and not at every painting", async () => {
    await showFor(900);
    expect(asked).toBe(1);
    expect(reverse.able).toBe(true);
    works = true;
    await showFor(500);
    expect(asked).toBeGreaterThan(1);
    expect(drawn.length).toBeGreaterThan(0);
  });

  it("leaves it to others after some tries, until the next place", async () => {
    await showFor(10_000);
    expect(reverse.able).toBe(false);
    expect(asked).toBe(3);
    works = true;
    reverse.stop();
    expect(reverse.able).toBe(true);
    await showFor(500);
    expect(drawn.length).toBeGreaterThan(0);
  });
});

it("is not able any more where the browser cannot decode, and keeps no picture of it", async () => {
  Decoder.breaks = true;
  await showFor(500);
  expect(reverse.able).toBe(false);
  reverse.stop();
  expect(reverse.able).toBe(false);
  expect(open).toBe(0);
});

it("does not show what leads in to a clip where a better stream has that", async () => {
  const led: ReverseSource = {
    ...source,
    async before(time) {
      asked++;
      // One batch, and what is before it never comes.
      if (asked > 1) return undefined;
      return { from: time - 80, to: time, since: time - 80 };
    },
    keyFrameTime: async (from) => from + 1 - 30,
  };
  reverse = new Reverse(led, (_, at) => void drawn.push(at));
  reverse.show(1_000);
  await vi.advanceTimersByTimeAsync(50);
  for (const time of [1_000, 940, 930]) reverse.show(time);
  expect(drawn).toEqual([931, 931]);
  expect(open).toBe(1);
});
