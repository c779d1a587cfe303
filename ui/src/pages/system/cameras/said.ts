// What is wrong with a field of the form, in words: what the page sees itself, and what the recorder
// refused. And what it makes of a camera.

import { ApiError } from "../../../api/http";
import type { ProbeHint } from "../../../api/types";
import { problemText } from "../../../texts";
import { t } from "../../../texts/later";
import { hostOf } from "./brands";
import type { Draft, Wrong } from "./draft";

/** Words by field: `name`, `main.url`, `sub.maxDays`. */
export type Said = Record<string, string>;

/** @param brands whether a brand can be chosen, which is another way to an address */
export function saidOf(wrong: Wrong, draft: Draft, brands: boolean): Said {
  const { needsUrl: url, needsNumber: number, needsSize: size, needsOrder: order } = t.manage;
  // The editor of schedules says itself at which row, and why.
  const words = { url, number, size, order, schedule: "" };
  const said = ([place, kind]: [string, Wrong[string]]) => {
    if (kind !== "host") return [place, words[kind]];
    const host = hostOf(String(valueAt(draft, place))) ?? "";
    return [place, (brands ? t.manage.needsBrand : t.manage.needsPath)(host)];
  };
  return Object.fromEntries(Object.entries(wrong).map(said));
}

/** A value that the recorder did not take. */
export interface Refused {
  place: string;
  value: unknown;
  words: string;
}

/** What was refused, where the form has a field for it. */
export function refusedIn(draft: Draft, error: unknown): Refused | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const { problem } = error;
  const place = placeOf(problem.field ?? undefined);
  const value = place === undefined ? undefined : valueAt(draft, place);
  if (place === undefined || value === undefined) return undefined;
  const own = problem.type === "name-taken" ? t.manage.nameTaken : ownWords(place);
  return { place, value, words: problemText(problem, own) };
}

/** The same words, as long as the value is the one that was refused. */
export function stillRefused(draft: Draft, refused: Refused | undefined): Said {
  if (!refused || valueAt(draft, refused.place) !== refused.value) return {};
  return { [refused.place]: refused.words };
}

const LEAVES: Record<string, string> = {
  ...{ url: "url", volume: "volume" },
  ...{ "keep.max_days": "maxDays", "keep.max_bytes": "maxSize", "keep.min_days": "minDays" },
};

/** The form's field for a member of the API. */
function placeOf(field = ""): string | undefined {
  if (["name", "username", "password"].includes(field)) return field;
  const [, stream, member = ""] = /^streams\.([^.]+)\.(.+)$/.exec(field) ?? [];
  const leaf = LEAVES[member];
  return stream && leaf ? `${stream}.${leaf}` : undefined;
}

function valueAt(draft: Draft, place: string): unknown {
  const [first = "", leaf] = place.split(".");
  const of = leaf === undefined ? draft : draft.streams[first];
  return (of as unknown as Record<string, unknown> | undefined)?.[leaf ?? first];
}

function ownWords(place: string): string | undefined {
  const { manage } = t;
  const words: Record<string, string> = {
    ...{ name: manage.needsName, password: manage.needsUser, url: manage.needsUrl },
    ...{ maxDays: manage.needsNumber, maxSize: manage.needsSize, minDays: manage.needsOrder },
    volume: manage.needsVolume,
  };
  return words[place.replace(/^.*\./, "")];
}

/** What the recorder has to say of a camera: in its own words where it is newer than the page. */
export function hintText({ kind, detail }: ProbeHint): string {
  // Why a track is left out has many reasons, some of the camera's own.
  if (kind === "track-left-out") return t.manage.trackLeftOut(detail);
  const own: Record<string, string> = t.manage.hints;
  return own[kind] ?? detail;
}
