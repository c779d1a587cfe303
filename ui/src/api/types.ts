// What the server says and hears as JSON. Times are RFC 3339 in UTC with microseconds.

/** An instant: RFC 3339, UTC. */
export type Time = string;

/** A half-open span of time. */
export interface Span {
  from: Time;
  to: Time;
}

export type Permission =
  | "public"
  | "set-up"
  | "signed-in"
  | "view-live"
  | "view-footage"
  | "export"
  | "manage-cameras"
  | "manage-system";

/** Who serves, who asks, what they may do. */
export interface Root {
  name: string;
  version?: string;
  archive?: string;
  caller: { kind: "user" | "token" | "socket" | "anonymous"; name?: string };
  permissions: Permission[];
  time_zone: string;
  now: Time;
  setup_needed: boolean;
}

export type StreamState = "connecting" | "playing" | "waiting" | "denied" | "paused";

export type Track =
  | {
      kind: "video";
      codec: string;
      codec_string: string;
      width: number;
      height: number;
      aspect: number;
    }
  | { kind: "audio"; codec: string; codec_string: string; sample_rate: number; channels: number };

export type VideoTrack = Extract<Track, { kind: "video" }>;

export interface Stream {
  id: string;
  name: string;
  state: StreamState;
  since?: Time;
  retry_at?: Time;
  last_error?: string;
  warnings: string[];
  recording: "on" | "off" | "stalled";
  recording_problem?: string;
  tracks: Track[];
  frame_rate?: number;
  bit_rate?: number;
  recorded?: Span;
  durable_until?: Time;
  bytes: number;
  frames: number;
  lost_frames: number;
  reconnects: number;
  viewers: number;
}

export interface Camera {
  id: string;
  slug: string;
  name: string;
  managed_by_file: boolean;
  paused: boolean;
  streams: Stream[];
}

export interface Gap extends Span {
  cause: string | null;
}

/** What a timeline draws of one stream. */
export interface Timeline extends Span {
  resolution_ms: number;
  recorded?: Span;
  durable_until?: Time;
  footage: Span[];
  gaps: Gap[];
}

/** Footage of one session with the camera without a break, up to an hour. */
export interface Recording extends Span {
  id: string;
  run: string;
  segments: number;
  bytes: number;
  frames: number;
  growing: boolean;
  end_cause?: string;
  tracks: Track[];
}

export interface RecordingsPage {
  recordings: Recording[];
  next?: string;
}

/** An error as the server words it (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  field?: string;
  recorded?: Span;
  retry_after_s?: number;
}

export type LiveMessage =
  | {
      type: "state";
      state: "live" | "waiting-for-key-frame" | "unplayable" | "no-signal";
      since?: Time;
      cause?: string;
    }
  | { type: "init"; mime: string; tracks: Track[]; left_out: Track[]; run: string }
  | { type: "clock"; media_s: number; wall: Time }
  | { type: "late"; skipped_fragments: number; skipped_s: number };

export type ChangeMessage =
  | { type: "reset"; now: Time }
  | { type: "cameras" }
  | {
      type: "stream-state";
      camera: string;
      stream: string;
      state: StreamState;
      last_error?: string;
    }
  | { type: "footage"; camera: string; stream: string; durable_until: Time }
  | { type: "volumes" };
