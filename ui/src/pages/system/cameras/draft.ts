// What somebody writes about a camera, and what of it is sent: all of a new one, only the changes
// of one that is there.

import type {
  CameraChange,
  CameraSettings,
  Keep,
  NewCamera,
  StreamChange,
  StreamSettings,
} from "../../../api/types";
import { hostOf } from "./brands";
import { type Row, rowsOf, textsOf, wrongWith } from "./schedule";

const GB = 1e9;

/** One stream as its fields have it; a limit that is empty is none. */
export interface StreamDraft {
  /** Empty: there is no such stream. */
  url: string;
  record: boolean;
  /** When in a week; empty: always. */
  schedule: Row[];
  paused: boolean;
  /** Empty: where most room is. */
  volume: string;
  maxDays: string;
  maxSize: string;
  minDays: string;
}

export interface Draft {
  name: string;
  username: string;
  /** Empty: as it was. */
  password: string;
  streams: Record<string, StreamDraft>;
}

/** What is said of a stream: of the two that people know, or of another by its name. */
export function ofStream<T>(name: string, of: { main: T; sub: T; other: (name: string) => T }): T {
  return name === "main" ? of.main : name === "sub" ? of.sub : of.other(name);
}

/** A sub-stream is for watching: whoever wants it recorded says so. */
const empty = (record: boolean): StreamDraft => ({
  ...{ url: "", record, schedule: [], paused: false, volume: "" },
  ...{ maxDays: "", maxSize: "", minDays: "" },
});

export function blank(): Draft {
  const streams = { main: empty(true), sub: empty(false) };
  return { name: "", username: "", password: "", streams };
}

/** The fields of a camera that is there. */
export function draftOf(settings: CameraSettings): Draft {
  const streams: Record<string, StreamDraft> = {};
  for (const [name, stream] of Object.entries(settings.streams)) streams[name] = fieldsOf(stream);
  return {
    ...{ name: settings.name, username: settings.username ?? "", password: "" },
    streams: { ...streams, sub: streams.sub ?? empty(false) },
  };
}

/** The stream that has to be there: `main`, where the camera has one of that name. */
export function firstOf(draft: Draft): string {
  return draft.streams.main ? "main" : (Object.keys(draft.streams)[0] ?? "main");
}

function fieldsOf({ url, record, schedule, paused, volume, keep }: StreamSettings): StreamDraft {
  const text = (n: number | undefined) => (n ? String(n) : "");
  return {
    ...{ url, record, schedule: rowsOf(schedule ?? []), paused, volume: volume ?? "" },
    maxDays: text(keep.max_days),
    maxSize: text(keep.max_bytes && keep.max_bytes / GB),
    minDays: text(keep.min_days),
  };
}

function keepOf(draft: StreamDraft): Keep {
  const days = (text: string) => Number.parseInt(text, 10);
  return {
    ...(draft.maxDays.trim() ? { max_days: days(draft.maxDays) } : {}),
    ...(draft.maxSize.trim() ? { max_bytes: Math.round(sizeOf(draft.maxSize) * GB) } : {}),
    ...(draft.minDays.trim() ? { min_days: days(draft.minDays) } : {}),
  };
}

const sizeOf = (text: string) => Number(text.trim().replace(",", "."));

function settingsOf(draft: StreamDraft): StreamSettings {
  return {
    ...{ url: draft.url.trim(), transport: "auto", record: draft.record, paused: draft.paused },
    ...(draft.schedule.length > 0 ? { schedule: textsOf(draft.schedule) } : {}),
    ...(draft.volume ? { volume: draft.volume } : {}),
    keep: keepOf(draft),
  };
}

export function newCamera(draft: Draft): NewCamera {
  const streams: Record<string, StreamSettings> = {};
  for (const [name, stream] of Object.entries(draft.streams)) {
    if (stream.url.trim()) streams[name] = settingsOf(stream);
  }
  return {
    ...{ name: draft.name.trim(), paused: false, streams },
    ...(draft.username.trim() ? { username: draft.username.trim() } : {}),
    ...(draft.password ? { password: draft.password } : {}),
  };
}

/** What is to change, as a merge patch; undefined: nothing. */
export function changeOf(settings: CameraSettings, draft: Draft): CameraChange | undefined {
  const streams: Record<string, StreamChange | null> = {};
  for (const [name, stream] of Object.entries(draft.streams)) {
    const was = settings.streams[name];
    const change = was ? streamChange(was, stream) : stream.url.trim() && settingsOf(stream);
    if (change !== undefined && change !== "") streams[name] = change;
  }
  const name = draft.name.trim();
  const username = draft.username.trim();
  const change = {
    ...(name !== settings.name ? { name } : {}),
    ...(username !== (settings.username ?? "") ? { username: username || null } : {}),
    ...(draft.password ? { password: draft.password } : {}),
    ...(Object.keys(streams).length > 0 ? { streams } : {}),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

function streamChange(was: StreamSettings, draft: StreamDraft): StreamChange | null | undefined {
  const url = draft.url.trim();
  if (!url) return null;
  const keep = keepOf(draft);
  const limits = (["max_days", "max_bytes", "min_days"] as const).flatMap((key) =>
    (keep[key] ?? 0) === (was.keep[key] ?? 0) ? [] : [[key, keep[key] ?? null]],
  );
  const schedule = textsOf(draft.schedule);
  const sameTimes = schedule.join() === textsOf(rowsOf(was.schedule ?? [])).join();
  const change = {
    ...(url !== was.url ? { url } : {}),
    ...(sameTimes ? {} : { schedule: schedule.length > 0 ? schedule : null }),
    ...(draft.record !== was.record ? { record: draft.record } : {}),
    ...(draft.paused !== was.paused ? { paused: draft.paused } : {}),
    ...(draft.volume !== (was.volume ?? "") ? { volume: draft.volume || null } : {}),
    ...(limits.length > 0 ? { keep: Object.fromEntries(limits) } : {}),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

/** What is wrong in a draft, by field: `main.url`, `sub.maxDays`. */
export type Wrong = Record<string, "url" | "host" | "number" | "size" | "order" | "schedule">;

export function wrongIn(draft: Draft): Wrong {
  const wrong: Wrong = {};
  const whole = (text: string) => text.trim() === "" || /^0*[1-9]\d{0,5}$/.test(text.trim());
  const first = firstOf(draft);
  for (const [name, stream] of Object.entries(draft.streams)) {
    const url = stream.url.trim();
    const none = url === "" && name !== first;
    if (!none && !/^rtsp:\/\/[^/?\s]+(\/\S*|\?\S*)?$/i.test(url))
      wrong[`${name}.url`] = kindOf(url);
    if (!whole(stream.maxDays)) wrong[`${name}.maxDays`] = "number";
    if (!whole(stream.minDays)) wrong[`${name}.minDays`] = "number";
    if (stream.record && stream.schedule.some((row) => wrongWith(row) !== undefined)) {
      wrong[`${name}.schedule`] = "schedule";
    }
    const [most, least] = [stream.maxDays, stream.minDays].map((text) => Number.parseInt(text, 10));
    if (least !== undefined && most !== undefined && least > most) {
      wrong[`${name}.minDays`] ??= "order";
    }
    // 100 kB is the least that the server takes.
    if (stream.maxSize.trim() && !(sizeOf(stream.maxSize) >= 0.0001)) {
      wrong[`${name}.maxSize`] = "size";
    }
  }
  return wrong;
}

/** A host alone, as a router or a browser has it, lacks what a brand would tell: the path. */
function kindOf(url: string): "host" | "url" {
  const alone = /^(https?:\/\/)?[^/]+\/?$/i.test(url) && !/^rtsp:/i.test(url);
  return alone && hostOf(url) !== undefined ? "host" : "url";
}

/** `proposed`, or the first of “… 2”, “… 3” that no other camera has. */
export function freeName(proposed: string, taken: readonly string[]): string {
  const numbered = (n: number) => (n === 1 ? proposed : `${proposed.slice(0, 58).trim()} ${n}`);
  let n = 1;
  while (taken.includes(numbered(n))) n++;
  return numbered(n);
}
