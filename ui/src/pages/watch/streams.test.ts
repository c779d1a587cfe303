import { expect, it } from "vitest";
import type { Camera, Stream } from "../../api/types";
import { pickStream } from "./streams";

function stream(name: string, width: number | undefined, codec = "H.264"): Stream {
  const track = { kind: "video", codec, codec_string: codec, width, height: 1, aspect: 1 };
  return { name, tracks: width ? [track] : [] } as unknown as Stream;
}

const camera = (...streams: Stream[]) => ({ streams }) as Camera;
const all = () => true;
const noH265 = ({ codec }: { codec: string }) => codec !== "H.265";
const both = camera(stream("main", 1920), stream("sub", 640));

it.each([
  [300, "sub"],
  [860, "sub"],
  [900, "main"],
  [4000, "main"],
])("takes for %d pixels the %s stream", (px, name) => {
  expect(pickStream(both, px, all, all)?.name).toBe(name);
});

it("takes what the browser plays, however small", () => {
  const mixed = camera(stream("main", 3840, "H.265"), stream("sub", 640));
  expect(pickStream(mixed, 2000, noH265, all)?.name).toBe("sub");
});

it("takes one that cannot be played where none can, to say so", () => {
  const none = camera(stream("main", 3840, "H.265"));
  expect(pickStream(none, 2000, noH265, all)?.name).toBe("main");
});

it("takes a stream that was never connected where there is no other", () => {
  expect(pickStream(camera(stream("main", undefined)), 500, all, all)?.name).toBe("main");
  expect(pickStream(camera(), 500, all, all)).toBeUndefined();
});

it("leaves out what is not usable", () => {
  expect(pickStream(both, 300, all, (s) => s.name === "main")?.name).toBe("main");
});
