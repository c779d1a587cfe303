import { expect, it } from "vitest";
import type { Camera, Stream } from "../../api/types";
import { pickLive, pickStream, recordedStreams, sentBy } from "./streams";

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

it("knows single pictures, and believes in a stream that is not known yet", () => {
  expect(sentBy(stream("main", 640, "MJPEG"))).toBe("pictures");
  expect(sentBy(stream("main", undefined))).toBe("playable");
  expect(sentBy(undefined)).toBe("playable");
});

const kept = (made: Stream, more: Partial<Stream> = {}) => ({
  ...made,
  recording: "on" as const,
  ...more,
});
const names = (streams: Stream[]) => streams.map(({ name }) => name);

it("has a next stream for where the best one has no footage: first what is as sharp", () => {
  const three = camera(
    kept(stream("main", 3840)),
    kept(stream("sub", 640)),
    kept(stream("middle", 1280)),
  );
  expect(names(recordedStreams(three, 300, all))).toEqual(["sub", "middle", "main"]);
  expect(names(recordedStreams(three, 1000, all))).toEqual(["middle", "main", "sub"]);
  expect(names(recordedStreams(three, 4000, all))).toEqual(["main", "middle", "sub"]);
});

it("has no stream that was never recorded, and none that cannot be played beside one that can", () => {
  const off = kept(stream("main", 1920), { recording: "off" });
  expect(names(recordedStreams(camera(off, kept(stream("sub", 640))), 4000, all))).toEqual(["sub"]);
  const recorded = { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" };
  const once = camera(kept(off, { recording: "off", recorded }), kept(stream("sub", 640)));
  expect(names(recordedStreams(once, 300, all))).toEqual(["sub", "main"]);
  const mixed = camera(kept(stream("main", 3840, "H.265")), kept(stream("sub", 640)));
  expect(names(recordedStreams(mixed, 4000, noH265))).toEqual(["sub"]);
  expect(names(recordedStreams(camera(...mixed.streams.slice(0, 1)), 300, noH265))).toEqual([
    "main",
  ]);
});

it("shows live what comes before what does not, and what it likes best where nothing comes", () => {
  const standing = (main: Stream["state"], sub: Stream["state"]) =>
    camera({ ...stream("main", 1920), state: main }, { ...stream("sub", 640), state: sub });
  const picked = (of: Camera, ...down: string[]) => pickLive(of, 300, all, new Set(down))?.name;
  expect(picked(standing("playing", "playing"))).toBe("sub");
  expect(picked(standing("playing", "waiting"), "sub")).toBe("main");
  // Not believed yet.
  expect(picked(standing("playing", "waiting"))).toBe("sub");
  // Tried again; it is believed to come when it does.
  expect(picked(standing("playing", "connecting"), "sub")).toBe("main");
  expect(picked(standing("waiting", "waiting"), "sub")).toBe("sub");
  expect(picked(standing("waiting", "denied"), "main", "sub")).toBe("sub");
  expect(picked(standing("paused", "waiting"), "sub")).toBe("sub");
  expect(picked(standing("waiting", "playing"), "main")).toBe("sub");
});
