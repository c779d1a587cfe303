// Volumes, and how far streams reach.

import { ask, at } from "./http";
import type { Keep, StreamOutcome, Volume, VolumeChange } from "./types";

/** All that a volume holds may have to be forgotten; the server gives that ten minutes. */
const REMOVAL_MS = 630_000;

export async function listVolumes(signal?: AbortSignal): Promise<Volume[]> {
  return (await ask<{ volumes: Volume[] }>("GET", "volumes", { signal })).volumes;
}

export function changeVolume(id: string, change: VolumeChange): Promise<void> {
  return ask("PATCH", at`volumes/${id}`, { body: change, patient: true });
}

/** Takes it out; with `forget` what is on it is forgotten too: its disk is dead. */
export function removeVolume(id: string, forget: boolean): Promise<unknown> {
  const query = forget ? { forget_footage: "true" } : {};
  return ask("DELETE", at`volumes/${id}`, { query, patient: REMOVAL_MS });
}

/** Limits that somebody thinks of. */
export interface Proposed {
  camera: string;
  stream: string;
  keep: Keep;
}

/** Space that somebody thinks of leaving free. */
export interface ProposedFree {
  /** By id. */
  volume: string;
  keep_free: string;
}

/** What other limits would do to each stream; nothing is changed. */
export async function forecast(
  streams: Proposed[],
  volumes: ProposedFree[],
  signal?: AbortSignal,
): Promise<StreamOutcome[]> {
  const body = { streams, volumes };
  return (await ask<{ streams: StreamOutcome[] }>("POST", "forecast", { body, signal })).streams;
}
