// @vitest-environment happy-dom

import { expect, it } from "vitest";
import type { Camera, Stream } from "../api/types";
import { mayBeDemanded } from "./demand";

type Plan = Stream["recording_plan"];
const camera = (...streams: [Stream["recording"], Plan?][]) =>
  ({
    paused: false,
    streams: streams.map(([recording, recording_plan]) => ({ recording, recording_plan })),
  }) as unknown as Camera;
const scheduled: Plan = { scheduled: true };
const demanded: Plan = { scheduled: false, on_demand_until: "2026-11-30T04:00:00.000000Z" };

it.each([
  ["is recorded always", false, camera(["on"])],
  ["should be recorded always, and is not", false, camera(["stalled"])],
  ["is recorded always, and its sub-stream never", false, camera(["on"], ["off"])],
  ["is never recorded", true, camera(["off"], ["off"])],
  ["is within its schedule", true, camera(["on", scheduled])],
  ["is outside its schedule", true, camera(["off", scheduled])],
  ["has one stream by a schedule", true, camera(["on"], ["off", scheduled])],
  ["is recorded on demand", true, camera(["on", demanded], ["off"])],
])("of a camera that %s: %s", (_, may, of) => expect(mayBeDemanded(of)).toBe(may));

it("is nothing for a camera that is paused", () => {
  expect(mayBeDemanded({ ...camera(["off"]), paused: true })).toBe(false);
});
