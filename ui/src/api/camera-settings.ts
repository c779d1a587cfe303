// What cameras are to be: adding, asking, changing and removing them.

import { ask, at } from "./http";
import { plainName } from "./name";
import type {
  Camera,
  CameraChange,
  CameraSettings,
  NewCamera,
  Probed,
  ProbeRequest,
} from "./types";

export function addCamera(camera: NewCamera): Promise<Camera> {
  return ask("POST", "cameras", { body: camera, patient: true });
}

/** What it is to be; the password is in no answer. */
export async function getSettings(camera: string, signal?: AbortSignal): Promise<CameraSettings> {
  return ask("GET", at`cameras/${camera}/settings`, { signal });
}

export function changeCamera(camera: string, change: CameraChange): Promise<Camera> {
  return ask("PATCH", at`cameras/${camera}`, { body: change, patient: true });
}

/** With `footage` what was recorded is deleted at once. */
export function removeCamera(camera: string, footage: boolean): Promise<void> {
  const query = footage ? { footage: "delete" } : {};
  return ask("DELETE", at`cameras/${camera}`, { query, patient: true });
}

/** Asks an address once what it sends; nothing is saved. */
export async function probe(request: ProbeRequest, signal?: AbortSignal): Promise<Probed> {
  const body = request;
  const probed = await ask<Probed>("POST", "cameras/probe", { body, signal, patient: true });
  return probed.software === undefined
    ? probed
    : { ...probed, software: plainName(probed.software) };
}
