// Cameras and their streams.

import { ask } from "./http";
import type { Camera } from "./types";

/** All cameras that the caller may see, by name. */
export async function listCameras(signal?: AbortSignal): Promise<Camera[]> {
  return (await ask<{ cameras: Camera[] }>("GET", "cameras", { signal })).cameras;
}
