// @vitest-environment happy-dom

import { afterEach, expect, it, vi } from "vitest";
import type { Camera, Stream } from "../api/types";
import { demandable, record } from "./demand";

type Plan = Stream["recording_plan"];
const camera = (...streams: [Stream["recording"], Plan?, Stream["state"]?][]) =>
  ({
    ...{ slug: "door", name: "Front door", paused: false },
    streams: streams.map(([recording, recording_plan, state = "playing"], i) => ({
      ...{ name: i === 0 ? "main" : "sub", recording, recording_plan, state },
    })),
  }) as unknown as Camera;
const scheduled: Plan = { scheduled: true };
const demanded: Plan = { scheduled: false, on_demand_until: "2026-11-30T04:00:00.000000Z" };

afterEach(() => vi.unstubAllGlobals());

it.each([
  ["is recorded always", [], camera(["on"])],
  ["should be recorded always, and is not", [], camera(["stalled"])],
  ["is recorded always, and its sub-stream never", ["sub"], camera(["on"], ["off"])],
  ["is recorded always, its sub-stream paused", [], camera(["on"], ["off", undefined, "paused"])],
  ["is never recorded", ["main"], camera(["off"], ["off"])],
  ["is never recorded, and paused in part", ["sub"], camera(["off", undefined, "paused"], ["off"])],
  ["is paused stream by stream", [], camera(["off", scheduled, "paused"])],
  ["is within its schedule", ["main"], camera(["on", scheduled])],
  ["is outside its schedule", ["main"], camera(["off", scheduled], ["off"])],
  ["has one stream by a schedule", ["sub"], camera(["on"], ["off", scheduled])],
  ["is recorded on demand", ["main"], camera(["on", demanded], ["off"])],
  ["has its sub-stream recorded on demand", ["sub"], camera(["on"], ["on", demanded])],
])("of a camera that %s: %j", (_, streams, of) => expect(demandable(of)).toEqual(streams));

it("is nothing for a camera that is paused", () => {
  expect(demandable({ ...camera(["off"]), paused: true })).toEqual([]);
});

it("asks for the stream that is not recorded anyway", async () => {
  const fetched = vi.fn(async (_: unknown, init?: RequestInit) =>
    init?.method === "POST"
      ? Response.json(camera(["on"], ["on", demanded]))
      : Response.json({ cameras: [] }),
  );
  vi.stubGlobal("fetch", fetched);
  expect(await record(camera(["on"], ["off"]), 10)).toBe(true);
  const bodies = fetched.mock.calls.flatMap(([, init]) => (init?.body ? [init.body] : []));
  expect(bodies.map((body) => JSON.parse(String(body)))).toEqual([
    { for: "10m", streams: ["sub"] },
  ]);
});
