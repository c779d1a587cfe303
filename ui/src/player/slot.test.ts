// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { Slot } from "./slot";

/** An element whose paintings are told by hand. */
function slotOf() {
  let told: VideoFrameRequestCallback | undefined;
  const video = Object.assign(document.createElement("video"), {
    requestVideoFrameCallback: (callback: VideoFrameRequestCallback) => {
      told = callback;
      return 0;
    },
  });
  vi.spyOn(video, "load").mockReturnValue();
  const slot = new Slot(video, () => {});
  const paint = (mediaTime: number) => told?.(0, { mediaTime } as VideoFrameCallbackMetadata);
  slot.load({ from: 10_000, to: 20_000 }, "clip", 10_000);
  return { slot, paint };
}

it("knows whether what was sought is painted", () => {
  const { slot, paint } = slotOf();
  paint(0);
  expect(slot.sawSought).toBe(true);
  slot.seek(15_000);
  expect(slot.sawSought).toBe(false);
  // What was under way when it was sent elsewhere.
  paint(0.08);
  expect(slot.sawSought).toBe(false);
  paint(4.96);
  expect(slot.sawSought).toBe(true);
});

it("takes nothing for seen that was painted before it came into sight", () => {
  const { slot, paint } = slotOf();
  paint(0);
  slot.appear();
  expect(slot.sawSought).toBe(false);
  paint(0.08);
  expect(slot.sawSought).toBe(true);
});
