// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { admitStills, forgetStills, keepStill, lastStill } from "./stills";

const video = { readyState: 4, videoWidth: 640, videoHeight: 360 } as HTMLVideoElement;
const stored = () => Object.keys(sessionStorage).filter((key) => key.startsWith("holdfast.still."));

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, "toDataURL").mockReturnValue("data:image/jpeg;base64,AA");
  forgetStills();
});

it("keeps nothing before somebody is signed in", () => {
  keepStill("door", video, 1);
  expect(lastStill("door")).toBeUndefined();
  expect(stored()).toEqual([]);
});

it("takes nothing any more once all was forgotten, until the next sign-in", () => {
  admitStills();
  keepStill("door", video, 1);
  expect(lastStill("door")?.at).toBe(1);
  expect(stored()).toEqual(["holdfast.still.door"]);
  forgetStills();
  // A tile that is taken off the page has a last picture to give.
  keepStill("door", video, 2);
  expect(lastStill("door")).toBeUndefined();
  expect(stored()).toEqual([]);
  admitStills();
  keepStill("door", video, 3);
  expect(lastStill("door")?.at).toBe(3);
});
