// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { KeyDecoder, type Picture } from "./key-decoder";
import type { KeyFrame } from "./key-frames";
import { KeyStore } from "./key-store";
import { Scrubber } from "./scrub";

const source = {
  keyFrames: async () => new ArrayBuffer(0),
  still: async () => new Blob(),
  bounds: () => ({ from: 0, to: 100_000 }),
};

let scrubber: Scrubber;
const close = vi.fn();
const picture = { width: 64, height: 36, close } as unknown as Picture;

beforeEach(() => {
  close.mockClear();
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(() => {
    throw new Error("no room for a canvas");
  });
});

afterEach(() => {
  scrubber.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("closes a still that could not be drawn", async () => {
  vi.stubGlobal("createImageBitmap", async () => picture);
  scrubber = new Scrubber(document.body, source);
  scrubber.show(10_000, 1_000);
  await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
});

it("closes a key frame's picture that could not be drawn", async () => {
  vi.stubGlobal("VideoDecoder", class {});
  vi.spyOn(KeyDecoder.prototype, "decode").mockResolvedValue(picture);
  const frame = { at: 10_000, config: { pixelAspect: 1 } } as KeyFrame;
  vi.spyOn(KeyStore.prototype, "at").mockReturnValue(frame);
  scrubber = new Scrubber(document.body, source);
  scrubber.show(10_000, 1_000);
  await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
});

/** Where only what is coded as the sub-stream is can be decoded. */
async function refusing(codecs: string[]) {
  vi.stubGlobal("VideoDecoder", class {});
  vi.stubGlobal("createImageBitmap", async () => picture);
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue({
    drawImage() {},
  } as unknown as RenderingContext as never);
  const decode = vi.spyOn(KeyDecoder.prototype, "decode").mockImplementation(async (frame) => {
    if (codecs.includes(frame.config.codec)) throw new Error("NotSupportedError");
    return picture;
  });
  const still = vi.fn(async () => new Blob());
  scrubber = new Scrubber(document.body, { ...source, still });
  const at = vi.spyOn(KeyStore.prototype, "at");
  const show = async (time: number, codec: string) => {
    at.mockReturnValue({ at: time, config: { codec, pixelAspect: 1 } } as KeyFrame);
    scrubber.show(time, 1_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { decode, still, at, show };
}

it("takes stills of what the browser refuses, and key frames of what it does not", async () => {
  const { decode, still, show } = await refusing(["hvc1"]);
  await show(10_000, "avc1");
  await show(20_000, "hvc1");
  await show(30_000, "hvc1");
  expect(still).not.toHaveBeenCalled();
  await show(40_000, "hvc1");
  expect(still).toHaveBeenCalledOnce();
  const tries = decode.mock.calls.length;
  await show(50_000, "avc1");
  expect(decode.mock.calls.length).toBe(tries + 1);
  await show(60_000, "hvc1");
  expect(still).toHaveBeenCalledTimes(2);
  expect(decode.mock.calls.length).toBe(tries + 1);
});

it("fetches no key frames any more where none was ever decoded", async () => {
  const { at, still, show } = await refusing(["hvc1"]);
  await show(10_000, "hvc1");
  await show(20_000, "hvc1");
  expect(still).toHaveBeenCalledOnce();
  const looked = at.mock.calls.length;
  await show(30_000, "hvc1");
  await show(50_000, "hvc1");
  expect(at.mock.calls.length).toBe(looked);
  expect(still).toHaveBeenCalledTimes(3);
});
