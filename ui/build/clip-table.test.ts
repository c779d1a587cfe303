// Beside the build's own tests, because it reads files: the page's have none.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { headLength, readClipTable, shownTimes } from "../src/player/clip-table";

const clips = join(import.meta.dirname, "../../crates/testcam/clips");
const bytes = (name: string) => new Uint8Array(readFileSync(join(clips, name))).buffer;

describe("the head of a clip", () => {
  it("says when each picture is shown, B-frames in the order of time", () => {
    const table = readClipTable(bytes("drive-main.mp4"));
    expect(table.samples).toHaveLength(500);
    const times = shownTimes(table);
    expect(times).toHaveLength(500);
    times.forEach((time, i) => {
      expect(time).toBeCloseTo(i * 40, 3);
    });
    const order = table.samples.map(({ at }) => at);
    expect(order).not.toEqual(times);
    expect(table.samples.filter(({ key }) => key).map(({ at }) => Math.round(at))).toEqual(
      Array.from({ length: 10 }, (_, i) => i * 2000),
    );
  });

  it("says where the bytes are, which are whole NAL units", () => {
    const buffer = bytes("door-main.mp4");
    const { samples, config } = readClipTable(buffer);
    expect(config?.codec).toMatch(/^avc1\.64[0-9a-f]{4}$/);
    const view = new DataView(buffer);
    for (const { offset, size } of samples) {
      let at = offset;
      while (at < offset + size) at += 4 + view.getUint32(at);
      expect(at).toBe(offset + size);
    }
  });

  it("is all that is needed", () => {
    const buffer = bytes("garden-main.mp4");
    const length = headLength(buffer.slice(0, 100));
    expect(length).toBeLessThan(20_000);
    expect(readClipTable(buffer.slice(0, length))).toEqual(readClipTable(buffer));
    expect(() => readClipTable(buffer.slice(0, 1000))).toThrow();
  });
});
