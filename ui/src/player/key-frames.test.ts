import { describe, expect, it } from "vitest";
import { firstKeyFrameTime, parseKeyFrames } from "./key-frames";
import { KeyStore, levelOf, WINDOW_FRAMES } from "./key-store";

/** A list of key frames as docs/format/keyframes.md has it; each picture is its time as text. */
function list(times: number[], { version = 1, codec = "avc1.64001f" } = {}): ArrayBuffer {
  const text = (words: string) => [...words].map((letter) => letter.charCodeAt(0));
  const number = (bytes: number, value: number | bigint) => {
    const buffer = new DataView(new ArrayBuffer(8));
    buffer.setBigInt64(0, BigInt(value));
    return [...new Uint8Array(buffer.buffer)].slice(8 - bytes);
  };
  const config = [
    codec.length,
    ...text(codec),
    ...[640, 360, 4, 3].flatMap((value) => number(2, value)),
    ...number(4, 2),
    ...[1, 100],
  ];
  const frames = times.flatMap((time) => {
    const picture = text(String(time));
    return [
      ...number(8, BigInt(time) * 1000n),
      ...number(4, 0),
      ...number(4, picture.length),
      ...picture,
    ];
  });
  const head = [...text("hfkf"), version, 0, ...number(2, 1), ...number(4, times.length)];
  return new Uint8Array([...head, ...number(4, config.length), ...config, ...frames]).buffer;
}

describe("a list of key frames", () => {
  it("is read to the last byte", () => {
    const [first, second, ...more] = parseKeyFrames(list([1_700_000_000_001, 1_700_000_002_001]));
    expect(more).toEqual([]);
    expect(first?.at).toBe(1_700_000_000_001);
    expect(new TextDecoder().decode(second?.bytes)).toBe("1700000002001");
    expect(first?.config).toEqual({
      codec: "avc1.64001f",
      width: 640,
      height: 360,
      pixelAspect: 4 / 3,
      description: new Uint8Array([1, 100]),
    });
  });

  it("tells its first instant with its first bytes", () => {
    const whole = list([1_700_000_000_001, 1_700_000_002_001]);
    expect(firstKeyFrameTime(whole.slice(0, 50))).toBe(1_700_000_000_001);
    expect(firstKeyFrameTime(whole.slice(0, 49))).toBeUndefined();
    expect(firstKeyFrameTime(list([]))).toBeUndefined();
  });

  it("is refused when it is another version, cut off, or longer", () => {
    const whole = list([1000]);
    expect(() => parseKeyFrames(list([1000], { version: 2 }))).toThrow("version");
    for (let length = 0; length < whole.byteLength; length++) {
      expect(() => parseKeyFrames(whole.slice(0, length)), String(length)).toThrow();
    }
    expect(() => parseKeyFrames(new Uint8Array([...new Uint8Array(whole), 0]).buffer)).toThrow();
  });
});

/** A server with a key frame every `gop` ms, whose answers come when they are let. */
function archive(gop = 2000, until = 100_000_000) {
  const asked: { from: number; to: number; aborted: boolean; answer: () => Promise<void> }[] = [];
  let changes = 0;
  let bound = until;
  const store = new KeyStore(
    (from, to, max, signal) => {
      let resolve: (buffer: ArrayBuffer) => void = () => {};
      let reject: (error: Error) => void = () => {};
      const promise = new Promise<ArrayBuffer>((yes, no) => {
        [resolve, reject] = [yes, no];
      });
      const times = new Set<number>();
      for (let i = 0; i < max; i++) {
        const slot = [from + ((to - from) * i) / max, from + ((to - from) * (i + 1)) / max];
        const first = Math.ceil((slot[0] ?? 0) / gop) * gop;
        if (first < (slot[1] ?? 0)) times.add(first);
      }
      const one = {
        from,
        to,
        aborted: false,
        async answer() {
          resolve(list([...times]));
          for (let i = 0; i < 10; i++) await Promise.resolve();
        },
      };
      signal.addEventListener("abort", () => {
        one.aborted = true;
        reject(new Error("aborted"));
      });
      asked.push(one);
      return promise;
    },
    () => ({ from: 0, to: bound }),
    () => changes++,
    4_000,
    () => 0,
  );
  return {
    store,
    asked,
    changes: () => changes,
    grow: (to: number) => {
      bound = to;
    },
    async settle() {
      for (let done = 0; done < asked.length; done++) await asked[done]?.answer();
    },
  };
}

describe("key frames around a cursor", () => {
  it("asks for coarser ones the further the ruler is zoomed out", () => {
    expect([1, 100, 600, 1000, 3_600_000 / 10].map(levelOf)).toEqual([0, 0, 0, 1, 10]);
  });

  it("gives the nearest of those that are here, at once", async () => {
    const { store, settle } = archive();
    expect(store.at(1_000_900, 100)).toBeUndefined();
    await settle();
    expect(store.at(1_000_900, 100)?.at).toBe(1_000_000);
    expect(store.at(1_001_100, 100)?.at).toBe(1_002_000);
  });

  it("asks for the cursor's window first, then ahead of the hand", async () => {
    const { store, asked } = archive();
    store.at(1_000_000, 100);
    expect(asked.map(({ from }) => from)).toEqual([992_000, 1_008_000]);
    store.at(999_000, 100);
    await asked[0]?.answer();
    // The hand has turned around.
    expect(asked[2]).toMatchObject({ from: 976_000, to: 992_000 });
  });

  it("gives up what the hand has left, and never has more than two questions under way", () => {
    const { store, asked } = archive();
    for (let i = 0; i < 50; i++) {
      store.at(1_000_000 + i * 1_000_000, 100);
      expect(asked.filter(({ aborted }) => !aborted).length).toBeLessThanOrEqual(2);
    }
    const last = asked.filter(({ aborted }) => !aborted)[0];
    expect(last?.from).toBeLessThanOrEqual(50_000_000);
    expect(last?.to).toBeGreaterThan(50_000_000);
  });

  it("keeps a bounded number of bytes, and what is looked at", async () => {
    const { store, asked, settle } = archive(1000);
    for (let i = 0; i < 20; i++) {
      store.at(1_000_000 + i * 200_000, 100);
      await settle();
    }
    expect(store.at(1_000_000 + 19 * 200_000, 100)).toBeDefined();
    const before = asked.length;
    store.at(1_000_000, 100);
    expect(asked.length).toBeGreaterThan(before);
  });

  it("asks again for a window in which footage has grown", async () => {
    const { store, asked, settle, grow } = archive(1000, 1_003_000);
    store.at(1_002_000, 100);
    await settle();
    expect(store.at(1_010_000, 100)?.at).toBe(1_002_000);
    grow(1_012_000);
    store.at(1_010_000, 100);
    expect(asked.at(-1)?.to).toBe(1_008_000 + 4_000);
    await settle();
    expect(store.at(1_010_000, 100)?.at).toBe(1_010_000);
  });

  it("is patient where it is told to be", async () => {
    const { store, settle } = archive();
    store.at(1_004_000, 100);
    await settle();
    expect(store.at(1_022_100, 100, true)?.at).toBe(1_022_000);
    expect(store.at(1_045_000, 100)).toBeDefined();
    expect(store.at(1_045_000, 100, true)).toBeUndefined();
    await settle();
    expect(store.at(1_045_000, 100, true)?.at).toBe(1_044_000);
  });

  it("shows nothing from far away", async () => {
    const { store, settle } = archive(2000, 1_000_000);
    store.at(999_000, 100);
    await settle();
    expect(store.at(1_100_000, 100)).toBeUndefined();
  });

  it("asks for no more than a window's worth at a time, at any scale", () => {
    const { store, asked } = archive();
    for (const scale of [1, 1000, 100_000, 30_000_000]) store.at(90_000_000, scale);
    expect(WINDOW_FRAMES).toBeLessThanOrEqual(16);
    expect(asked.length).toBeGreaterThan(3);
  });
});
