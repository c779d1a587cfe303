// Recording on demand, as the live page and the list of cameras offer it.

import { recordAsSet, recordNow } from "../api/recording";
import type { Camera } from "../api/types";
import { cameras } from "../state/cameras.svelte";
import { notices } from "../state/notices.svelte";
import { about, clockMinutes } from "../texts/format";
import { scheduleTexts } from "../texts/schedule";
import { wordsOf } from "./words";

/** What is offered, in minutes. */
export const LENGTHS = [10, 30, 60, 240] as const;

export const lengthText = (minutes: number) => about(minutes * 60_000);

/** Until when somebody wants it recorded, whatever its settings say. */
export function demandedUntil(camera: Camera): number | undefined {
  const ends = camera.streams.flatMap(({ recording_plan: plan }) =>
    plan?.on_demand_until ? [Date.parse(plan.on_demand_until)] : [],
  );
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

/**
 * The streams for which it would do something: those that are recorded at times, or else the first
 * that never is. None where all are recorded always, or paused: those send nothing.
 */
export function demandable({ paused, streams }: Camera): string[] {
  const sending = paused ? [] : streams.filter(({ state }) => state !== "paused");
  const planned = sending.filter(({ recording_plan: plan }) => plan !== undefined);
  const never = sending.filter(({ recording }) => recording === "off").slice(0, 1);
  return (planned.length > 0 ? planned : never).map(({ name }) => name);
}

/** Says what came of it; whether it was done. */
async function told(what: Promise<Camera>, words: (made: Camera) => string): Promise<boolean> {
  try {
    const made = await what;
    notices.tell(words(made));
    await cameras.refresh();
    return true;
  } catch (error) {
    notices.tell(scheduleTexts().failed(wordsOf(error)), true);
    return false;
  }
}

export function record(camera: Camera, minutes: number): Promise<boolean> {
  return told(recordNow(camera.slug, `${minutes}m`, demandable(camera)), (made) =>
    scheduleTexts().begun(camera.name, clockMinutes(demandedUntil(made) ?? Date.now())),
  );
}

export function recordAsIsSet(camera: Camera): Promise<boolean> {
  return told(recordAsSet(camera.slug), () => scheduleTexts().ended(camera.name));
}
