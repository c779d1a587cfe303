// The names that the interface uses for what the server says and hears. Their shape is the server's
// own: openapi.d.ts is made from its API document (`npm run types`), so that drift does not compile.

import type { components } from "./openapi";

type Schemas = components["schemas"];

export type Alarm = Schemas["Alarm"];
export type AlarmsPage = Schemas["Alarms"];
export type Camera = Schemas["Camera"];
/** What is missing stays, in each part. */
export type CameraChange = Partial<Schemas["CameraChange"]>;
export type CameraSettings = Schemas["CameraSettings"];
export type ChangeMessage = Schemas["ChangeMessage"];
export type Export = Schemas["Export"];
export type ExportsPage = Schemas["Exports"];
export type Keep = Schemas["Keep"];
export type KeepChange = Schemas["KeepChange"];
export type LiveMessage = Schemas["LiveMessage"];
export type LogLevel = Schemas["LogLevel"];
export type LogLine = Schemas["LogLine"];
export type LogPage = Schemas["Log"];
export type MadeToken = Schemas["MadeToken"];
export type NewCamera = Schemas["NewCamera"];
export type NewExport = Schemas["NewExport"];
export type NewToken = Schemas["NewToken"];
export type Permission = Schemas["Permission"];
export type Probed = Schemas["Probed"];
export type ProbeHint = Schemas["ProbeHint"];
export type ProbeRequest = Schemas["ProbeRequest"];
export type Problem = Schemas["Problem"];
export type Recording = Schemas["Recording"];
export type RecordingsPage = Schemas["Recordings"];
export type Root = Schemas["Root"];
export type Session = Schemas["Session"];
export type Span = Schemas["Span"];
export type Stream = Schemas["Stream"];
export type StreamChange = Schemas["StreamChange"];
export type StreamOutcome = Schemas["StreamOutcome"];
export type StreamSettings = Schemas["StreamSettings"];
export type Timeline = Schemas["Timeline"];
export type Token = Schemas["Token"];
export type Track = Schemas["Track"];
export type Volume = Schemas["Volume"];
export type VolumeChange = Schemas["VolumeChange"];
export type VolumeUse = Schemas["VolumeUse"];
export type VideoTrack = Extract<Track, { kind: "video" }>;
