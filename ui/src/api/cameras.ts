// Cameras and their streams.

import { ask } from "./http";
import { plainName } from "./name";
import type { Camera } from "./types";

/** All cameras that the caller may see, by name. */
export async function listCameras(signal?: AbortSignal): Promise<Camera[]> {
  const { cameras } = await ask<{ cameras: Camera[] }>("GET", "cameras", { signal });
  return cameras.map((camera) => ({ ...camera, name: plainName(camera.name) }));
}
