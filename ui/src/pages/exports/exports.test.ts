import { beforeEach, expect, it } from "vitest";
import type { Camera } from "../../api/types";
import { setFormat } from "../../texts/format";
import { leftOf, rateOf, type Samples, seen } from "./pace";
import { fromExact, toExact } from "./times";
import { faultOf, insideOf, readWish, request } from "./wish";

beforeEach(() => setFormat({ language: "en-GB", zone: "Europe/Berlin" }));

const camera = (slug: string, ...streams: string[]) =>
  ({ slug, name: slug, streams: streams.map((name) => ({ name })) }) as unknown as Camera;
const cameras = [camera("front", "main", "sub"), camera("yard", "main", "sub")];
const now = Date.parse("2026-11-22T20:00:00.400Z");

it("takes range and cameras from the address, to the millisecond", () => {
  const wish = readWish(
    {
      from: "2026-11-22T19:10:00.250Z",
      to: "2026-11-22T19:15:00Z",
      cameras: "yard/sub,front,gone",
    },
    cameras,
    now,
  );
  expect(wish.streams).toEqual({ yard: "sub", front: "main" });
  expect(request(wish)).toMatchObject({
    name: null,
    streams: ["yard/sub", "front/main"],
    from: "2026-11-22T19:10:00.250Z",
    to: "2026-11-22T19:15:00.000Z",
  });
  expect(faultOf(wish)).toBeUndefined();
});

it("offers the last minutes where the address says nothing, and the only camera", () => {
  const wish = readWish({ new: "" }, cameras, now);
  expect(wish).toMatchObject({ streams: {}, to: Date.parse("2026-11-22T20:00:00Z") });
  expect(faultOf(wish)).toBe("noCamera");
  expect(readWish({}, [camera("one", "main")], now).streams).toEqual({ one: "main" });
});

it("says what is wrong before the server has to", () => {
  const wish = readWish({ cameras: "front" }, cameras, now);
  expect(faultOf({ ...wish, from: undefined })).toBe("noRange");
  expect(faultOf({ ...wish, from: wish.to })).toBe("backwards");
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`c${i}`, "main"]));
  expect(faultOf({ ...wish, streams: many })).toBe("tooMany");
});

it("never puts one camera's clip together with nothing", () => {
  const wish = readWish({ cameras: "front", together: "1" }, cameras, now);
  expect(request(wish).together).toBe(false);
});

it("shows exact times in the archive's zone, and reads them back", () => {
  const at = Date.parse("2026-11-22T19:10:05.250Z");
  expect(toExact(at)).toBe("2026-11-22T20:10:05.250");
  expect(fromExact(toExact(at))).toBe(at);
  expect(toExact(at - 250)).toBe("2026-11-22T20:10:05");
  expect(fromExact("2026-11-22T20:10")).toBe(at - 5250);
  expect(fromExact("2026-11-22T20:10:05.5")).toBe(at + 250);
  expect(fromExact("")).toBeUndefined();
});

it("counts what is inside, and the gaps at its ends and between", () => {
  const span = (from: number, to: number) => ({ from: from * 1000, to: to * 1000 });
  expect(insideOf([span(0, 60)], 0, 60_000)).toEqual({ recordedMs: 60_000, gaps: 0, whole: true });
  expect(insideOf([span(10, 20), span(30, 40)], 0, 60_000)).toEqual({
    ...{ recordedMs: 20_000, gaps: 3, whole: false },
  });
  expect(insideOf([], 0, 60_000)).toEqual({ recordedMs: 0, gaps: 0, whole: false });
});

it("tells rate and time left from what was seen lately", () => {
  let samples: Samples = [];
  expect(rateOf(samples)).toBeUndefined();
  for (let i = 0; i <= 20; i++) samples = seen(samples, i * 1000, i * 5e6);
  expect(rateOf(samples)).toBeCloseTo(5e6);
  expect(leftOf(samples, 150e6)).toBeCloseTo(10_000);
  // A restart begins anew.
  expect(rateOf(seen(samples, 21_000, 1e6))).toBeUndefined();
});
