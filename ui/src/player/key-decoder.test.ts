import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { KeyDecoder } from "./key-decoder";
import type { KeyFrame } from "./key-frames";

/** Browsers decode, Node does not: as WebCodecs says that a decoder behaves. */
class Decoder {
  static gives = true;
  state = "unconfigured";
  private abort: ((error: unknown) => void)[] = [];
  constructor(private to: { output(picture: unknown): void }) {}
  configure() {
    this.state = "configured";
  }
  decode() {
    if (Decoder.gives) setTimeout(() => this.state !== "closed" && this.to.output("picture"), 50);
  }
  flush() {
    return new Promise((_, reject) => this.abort.push(reject));
  }
  /** What waits hears of it a little later. */
  close() {
    this.state = "closed";
    for (const reject of this.abort) setTimeout(() => reject(new Error("AbortError")), 20);
  }
}

const frame: KeyFrame = {
  at: 1_000,
  config: {
    codec: "avc1.640028",
    width: 640,
    height: 360,
    pixelAspect: 1,
    description: new Uint8Array(0),
  },
  bytes: new Uint8Array(4),
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("VideoDecoder", Decoder);
  vi.stubGlobal("EncodedVideoChunk", class {});
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("refuses one picture that does not come, and not the one after it", async () => {
  const decoder = new KeyDecoder();
  Decoder.gives = false;
  const first = decoder.decode(frame).catch(() => "refused");
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await first).toBe("refused");
  Decoder.gives = true;
  const second = decoder.decode(frame).catch(() => "refused");
  await vi.advanceTimersByTimeAsync(100);
  expect(await second).toBe("picture");
});
