// Plays a live stream over HLS: by the browser itself, or by hls.js, which is loaded when it is
// needed. Says what it sees like the other ways; who owns it decides what to do when it fails.

import type Hls from "hls.js";
import { type LiveFacts, type LiveView, liveView, noFacts } from "./live-view";

const BEAT_MS = 250;
/** Without a first picture after this long, or a further one, it has failed. */
const START_MS = 12_000;
const STALL_MS = 15_000;
/** What HLS is behind by nature is not late. */
const LEAD_MS = 5_000;

export function playsPlaylists(): boolean {
  const probe = document.createElement("video");
  return probe.canPlayType("application/vnd.apple.mpegurl") !== "";
}

interface Listener {
  view(view: LiveView): void;
  /** The first picture is seen. */
  picture(): void;
  sound(has: boolean): void;
  /** It does not work; nothing more comes. */
  failed(): void;
}

export class HlsPlayer {
  private facts: LiveFacts;
  private hls: Hls | undefined;
  private beat: ReturnType<typeof setInterval>;
  private movedAt = performance.now();
  private shownTime = -1;
  private over = false;

  constructor(
    readonly video: HTMLVideoElement,
    private url: string,
    media: boolean,
    private now: () => number,
    private listener: Listener,
  ) {
    this.facts = noFacts(now());
    this.facts.camera = "live";
    video.playsInline = true;
    video.addEventListener("error", this.fail);
    this.beat = setInterval(() => this.onBeat(), BEAT_MS);
    if (media) void this.attach();
    else {
      video.src = url;
      video.play().catch(() => {});
    }
  }

  destroy(): void {
    this.over = true;
    clearInterval(this.beat);
    this.video.removeEventListener("error", this.fail);
    this.hls?.destroy();
    this.video.removeAttribute("src");
    this.video.load();
  }

  get shown(): number | undefined {
    return this.facts.picture;
  }

  private async attach(): Promise<void> {
    try {
      const { default: Library } = await import("hls.js/light");
      if (this.over) return;
      const hls = new Library({
        // A worker of its own would need an address that the page's policy allows.
        enableWorker: false,
        lowLatencyMode: true,
        backBufferLength: 8,
        maxBufferLength: 12,
        maxLiveSyncPlaybackRate: 1.15,
      });
      this.hls = hls;
      hls.on(Library.Events.ERROR, (_, { fatal }) => {
        if (fatal) this.fail();
      });
      hls.on(Library.Events.BUFFER_CODECS, (_, tracks) => {
        this.listener.sound(!!(tracks.audio || tracks.audiovideo?.codec?.includes("mp4a")));
      });
      hls.loadSource(this.url);
      hls.attachMedia(this.video);
    } catch {
      this.fail();
    }
  }

  private fail = (): void => {
    if (this.over) return;
    this.over = true;
    clearInterval(this.beat);
    this.listener.failed();
  };

  private onBeat(): void {
    const { video, facts } = this;
    if (video.paused) video.play().catch(() => {});
    if (video.readyState >= 2 && video.currentTime !== this.shownTime) {
      const first = this.shownTime < 0;
      this.shownTime = video.currentTime;
      this.movedAt = performance.now();
      facts.shownAt = this.now();
      facts.picture = this.instant() ?? this.now();
      if (first) this.listener.picture();
    }
    const limit = this.shownTime < 0 ? START_MS : STALL_MS;
    if (document.visibilityState === "visible" && performance.now() - this.movedAt > limit) {
      this.fail();
      return;
    }
    this.listener.view(liveView(facts, this.now(), LEAD_MS));
  }

  /** The time of day of the picture, from the playlist. */
  private instant(): number | undefined {
    if (this.hls) return this.hls.playingDate?.getTime();
    const start = (this.video as { getStartDate?: () => Date }).getStartDate?.().getTime();
    return start && !Number.isNaN(start) ? start + this.video.currentTime * 1000 : undefined;
  }
}
