// Plays a live stream: a WebSocket's segments into Media Source Extensions. Reconnects by itself,
// stays close to now, and says what it sees.

import { type LiveFacts, type LiveView, liveView, noFacts } from "./live-view";
import { type Buffered, pace } from "./pace";

/** The messages of the live socket that this engine understands. */
export type LiveEvent =
  | {
      type: "state";
      state: "live" | "waiting-for-key-frame" | "unplayable" | "no-signal";
      since?: string;
      cause?: string;
    }
  | { type: "init"; mime: string; tracks: { kind: string; codec: string }[] }
  | { type: "clock"; media_s: number; wall: string }
  | { type: "late"; skipped_s: number };

export type OpenLive = (listener: {
  message(message: LiveEvent): void;
  segment(bytes: ArrayBuffer): void;
  closed(): void;
}) => () => void;

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;
/** New starts for the decoder's sake without one picture, after which it counts as unable. */
const FAULTS_MAX = 4;
/** From then on it is only tried again this rarely. */
const RETRY_MS_UNABLE = 60_000;
/** A socket that says nothing at all for this long is dead, whatever TCP thinks. */
const SILENCE_MS = 12_000;
/** For this long even a slow camera's socket is not quiet; a sign to doubt it, not a verdict. */
const QUIET_MS = 2_500;
/** Between two beats of this engine; far more than that passed means the machine slept. */
const BEAT_MS = 250;
const SLEPT_MS = 5_000;
/** What has been shown is dropped after this. */
const BEHIND_S = 8;
/** Segments waiting for the decoder; beyond it something is stuck and a new start is due. */
const QUEUE_MAX = 400;

type MediaSourceKind = typeof MediaSource;

/** The browser's Media Source, iPhones' managed one included. */
export function mediaSource(): MediaSourceKind | undefined {
  const scope = globalThis as {
    MediaSource?: MediaSourceKind;
    ManagedMediaSource?: MediaSourceKind;
  };
  return scope.MediaSource ?? scope.ManagedMediaSource;
}

export class LivePlayer {
  view: LiveView = { kind: "connecting" };
  private facts: LiveFacts;
  /** Sockets in a row that have said nothing. */
  private silent = 0;
  private link: "connecting" | "open" | "lost" = "connecting";
  private close: (() => void) | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private wait = RETRY_MS_MIN;
  /** New starts for the decoder's sake since the last picture. */
  private faults = 0;
  private codec = "";
  private heardAt = 0;
  private beat: ReturnType<typeof setInterval>;
  private beatAt: number;
  private source: MediaSource | undefined;
  private buffer: SourceBuffer | undefined;
  private objectUrl: string | undefined;
  private queue: (ArrayBuffer | { changeType: string })[] = [];
  private mime = "";
  private started = false;
  private shownTime = -1;
  private clock: { media: number; wall: number } | undefined;

  constructor(
    readonly video: HTMLVideoElement,
    private open: OpenLive,
    /** The server's clock in milliseconds. */
    private now: () => number,
    private listener: {
      view(view: LiveView): void;
      /** The picture is about to go away for a new start: keep it. */
      keep(): void;
      /** The first picture after a start is seen. */
      picture(): void;
      /** A socket is gone; so many in a row have said nothing at all. */
      lost?(silent: number): void;
    },
  ) {
    this.facts = noFacts(now());
    this.beatAt = performance.now();
    video.playsInline = true;
    video.disableRemotePlayback = true;
    this.beat = setInterval(() => this.onBeat(), BEAT_MS);
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.connect();
  }

  destroy(): void {
    clearInterval(this.beat);
    clearTimeout(this.retry);
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.close?.();
    this.dropSource();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** The instant of the picture that is seen. */
  get shown(): number | undefined {
    return this.facts.picture;
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.close?.();
    this.heardAt = performance.now();
    this.fresh = false;
    this.link = "connecting";
    this.facts.camera = "unknown";
    this.close = this.open({
      message: (message) => this.onMessage(message),
      segment: (bytes) => {
        this.heard();
        this.enqueue(bytes);
      },
      closed: () => this.lost(),
    });
    this.tell();
  }

  private lost(): void {
    this.close?.();
    this.close = undefined;
    this.link = "lost";
    this.facts.lostSince ??= this.now();
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, RETRY_MS_MAX);
    this.tell();
    this.silent += 1;
    this.listener.lost?.(this.silent);
  }

  /**
   * The network is back or another one, the machine woke, the recorder answers: no waiting. A
   * socket that has been quiet for longer than any camera is one of the network before.
   */
  hurry = (): void => {
    const quiet = performance.now() - this.heardAt > QUIET_MS;
    if (document.visibilityState !== "visible" || (this.link !== "lost" && !quiet)) return;
    this.wait = RETRY_MS_MIN;
    this.connect();
  };

  private heard(): void {
    this.heardAt = performance.now();
    this.silent = 0;
    if (this.link === "open") return;
    this.link = "open";
    this.facts.lostSince = undefined;
  }

  private onMessage(message: LiveEvent): void {
    this.heard();
    if (message.type === "state") {
      this.facts.camera = message.state;
      this.facts.cameraSince = message.since ? Date.parse(message.since) : this.now();
      this.facts.cause = message.cause;
    } else if (message.type === "init") this.onInit(message);
    else if (message.type === "clock") {
      this.clock = { media: message.media_s, wall: Date.parse(message.wall) };
    }
    this.tell();
  }

  private onInit(message: Extract<LiveEvent, { type: "init" }>): void {
    this.codec = message.tracks.find((track) => track.kind === "video")?.codec ?? message.mime;
    if (!mediaSource()?.isTypeSupported(message.mime)) {
      this.facts.unsupported = this.codec;
      this.mime = "";
      this.queue = [];
      return;
    }
    // What could not be decoded is believed only once it is seen.
    if (this.faults < FAULTS_MAX) this.facts.unsupported = undefined;
    if (this.source && this.mime && this.fresh) {
      // A middle of the same socket: media time goes on, only the parameters change.
      if (message.mime !== this.mime) this.queue.push({ changeType: message.mime });
      this.mime = message.mime;
      return;
    }
    this.mime = message.mime;
    this.fresh = true;
    this.startSource();
  }

  /** Whether the source belongs to the socket that is open now. */
  private fresh = false;

  private startSource(): void {
    const Kind = mediaSource();
    if (!Kind) return;
    this.listener.keep();
    this.dropSource();
    const source = new Kind();
    this.source = source;
    this.fresh = true;
    this.started = false;
    this.shownTime = -1;
    this.objectUrl = URL.createObjectURL(source);
    this.video.src = this.objectUrl;
    source.addEventListener("sourceopen", () => {
      if (this.source !== source || this.buffer) return;
      try {
        this.buffer = source.addSourceBuffer(this.mime);
      } catch {
        this.restart();
        return;
      }
      this.buffer.addEventListener("updateend", () => this.onAppended());
      this.buffer.addEventListener("error", () => this.restart());
      this.feed();
    });
  }

  private dropSource(): void {
    if (this.objectUrl) URL.revokeObjectURL(this.objectUrl);
    this.objectUrl = undefined;
    this.source = undefined;
    this.buffer = undefined;
    this.queue = [];
    this.fresh = false;
  }

  /** Something is wrong with the decoder or its data: from the start again. */
  private restart(): void {
    this.fresh = false;
    // Browsers may well leave a hidden page's video alone.
    if (document.visibilityState === "visible") this.faults += 1;
    if (this.faults >= FAULTS_MAX) {
      this.facts.unsupported = this.codec;
      this.wait = RETRY_MS_UNABLE;
    }
    this.lost();
  }

  private enqueue(bytes: ArrayBuffer): void {
    if (!this.source || this.mime === "") return;
    this.queue.push(bytes);
    if (this.queue.length > QUEUE_MAX) this.restart();
    else this.feed();
  }

  private feed(): void {
    const { buffer } = this;
    if (!buffer || buffer.updating || this.source?.readyState !== "open") return;
    const next = this.queue.shift();
    if (next === undefined) {
      this.trim(buffer);
      return;
    }
    try {
      if (next instanceof ArrayBuffer) buffer.appendBuffer(next);
      else {
        buffer.changeType(next.changeType);
        this.feed();
      }
    } catch (error) {
      if ((error as DOMException).name === "QuotaExceededError") {
        this.queue.unshift(next);
        this.trim(buffer, 1);
      } else this.restart();
    }
  }

  private trim(buffer: SourceBuffer, keep = BEHIND_S): void {
    const start = buffer.buffered.length > 0 ? buffer.buffered.start(0) : undefined;
    const until = this.video.currentTime - keep;
    if (start !== undefined && until - start > keep) buffer.remove(start, until);
  }

  private onAppended(): void {
    if (!this.buffer) return;
    this.steer();
    this.feed();
  }

  private ranges(): Buffered[] {
    const ranges = this.buffer?.buffered;
    return Array.from({ length: ranges?.length ?? 0 }, (_, i) => ({
      start: ranges?.start(i) ?? 0,
      end: ranges?.end(i) ?? 0,
    }));
  }

  private steer(): void {
    const { video } = this;
    let ranges: Buffered[];
    try {
      ranges = this.ranges();
    } catch {
      return;
    }
    if (ranges.length === 0) return;
    const step = pace(ranges, video.currentTime, this.started);
    if ("jumpTo" in step) {
      video.currentTime = step.jumpTo;
      this.started = true;
    } else if (video.playbackRate !== step.rate) video.playbackRate = step.rate;
    if (video.paused) video.play().catch((error) => this.refused(error));
  }

  /** Sound is not allowed before the first touch: pictures are worth more. */
  private refused(error: unknown): void {
    if ((error as DOMException | undefined)?.name === "NotAllowedError") this.video.muted = true;
  }

  private onBeat(): void {
    const now = performance.now();
    const slept = now - this.beatAt > SLEPT_MS;
    this.beatAt = now;
    if (slept && document.visibilityState === "visible") {
      this.wait = RETRY_MS_MIN;
      this.connect();
      return;
    }
    if (this.link !== "lost" && now - this.heardAt > SILENCE_MS) {
      this.lost();
      return;
    }
    if (this.fresh) this.steer();
    this.look();
    this.tell();
  }

  /** Notes whether a new picture is seen, and of when it is. */
  private look(): void {
    const { video } = this;
    if (!this.started || video.readyState < 2 || video.seeking) return;
    if (video.currentTime === this.shownTime) return;
    const first = this.shownTime < 0;
    this.shownTime = video.currentTime;
    this.facts.shownAt = this.now();
    this.facts.picture = this.clock
      ? this.clock.wall + (video.currentTime - this.clock.media) * 1000
      : this.now();
    if (!first || this.mime === "") return;
    this.wait = RETRY_MS_MIN;
    this.faults = 0;
    this.facts.unsupported = undefined;
    this.listener.picture();
  }

  private tell(): void {
    this.view = liveView(this.facts, this.now());
    this.listener.view(this.view);
  }
}
