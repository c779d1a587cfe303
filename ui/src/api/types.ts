// The names that the interface uses for what the server says and hears. Their shape is the server's
// own: openapi.d.ts is made from its API document (`npm run types`), so that drift does not compile.

import type { components } from "./openapi";

type Schemas = components["schemas"];

export type Alarm = Schemas["Alarm"];
export type AlarmsPage = Schemas["Alarms"];
export type Camera = Schemas["Camera"];
export type ChangeMessage = Schemas["ChangeMessage"];
export type LiveMessage = Schemas["LiveMessage"];
export type Permission = Schemas["Permission"];
export type Problem = Schemas["Problem"];
export type Recording = Schemas["Recording"];
export type RecordingsPage = Schemas["Recordings"];
export type Root = Schemas["Root"];
export type Span = Schemas["Span"];
export type Stream = Schemas["Stream"];
export type Timeline = Schemas["Timeline"];
export type Track = Schemas["Track"];
export type VideoTrack = Extract<Track, { kind: "video" }>;
