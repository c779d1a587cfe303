// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => vi.unstubAllGlobals());

/** How long an answer may take in the server: `base::limits`. */
const CONFIG_ANSWER_MS = 30_000;
const VOLUME_REMOVE_MS = 600_000;

it("does not give up a change before the recorder does", async () => {
  const { addCamera, changeCamera, removeCamera } = await import("./camera-settings");
  const { changeVolume, listVolumes, removeVolume } = await import("./storage");
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ volumes: [] })));
  const timeout = vi.spyOn(AbortSignal, "timeout");
  const waited = async (asked: Promise<unknown>) => {
    await asked;
    return timeout.mock.lastCall?.[0];
  };
  const camera = { name: "Door", paused: false, streams: {} };
  for (const change of [
    () => addCamera(camera),
    () => changeCamera("door", { paused: true }),
    () => removeCamera("door", true),
    () => changeVolume("1", { use: "keep" }),
  ]) {
    expect(await waited(change())).toBeGreaterThan(CONFIG_ANSWER_MS);
  }
  expect(await waited(removeVolume("1", true))).toBeGreaterThan(VOLUME_REMOVE_MS);
  expect(await waited(listVolumes())).toBe(20_000);
});
