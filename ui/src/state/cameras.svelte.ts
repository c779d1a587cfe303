// The cameras, kept up to date, and what is known of each stream's footage.

import { listCameras } from "../api/cameras";
import { listenToChanges } from "../api/changes";
import { getTimeline, type StreamName } from "../api/footage";
import type { Camera, ChangeMessage, Span, Stream, VideoTrack } from "../api/types";
import { type Answer, Footage } from "../timeline/footage";
import { session } from "./session.svelte";

const RETRY_MS = 2_000;
/** Numbers on the page (rates, viewers) are asked for again this often. */
const REFRESH_MS = 20_000;

const spans = (list: Span[]) =>
  list.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));

async function load(of: StreamName, from: number, to: number, ms: number): Promise<Answer> {
  const answer = await getTimeline(of, from, to, ms);
  return {
    footage: spans(answer.footage),
    gaps: answer.gaps.map((gap) => ({
      from: Date.parse(gap.from),
      to: Date.parse(gap.to),
      cause: gap.cause,
    })),
    recorded: answer.recorded ? spans([answer.recorded])[0] : undefined,
    durableUntil: answer.durable_until ? Date.parse(answer.durable_until) : undefined,
  };
}

class Cameras {
  list = $state.raw<Camera[]>([]);
  /** Whether the list has come at least once. */
  known = $state(false);
  /** Whether the server answers. */
  online = $state(true);
  /** Goes up whenever some footage is known better than before. */
  footageVersion = $state(0);
  private footages = new Map<string, Footage>();
  private stop: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private offlineTimer: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    if (this.stop) return;
    void this.refresh();
    const silence = listenToChanges({
      message: (message) => this.onChange(message),
      connected: (yes) => this.onConnected(yes),
    });
    const clock = setInterval(() => {
      if (document.visibilityState === "visible") void this.refresh();
    }, REFRESH_MS);
    this.stop = () => {
      silence();
      clearInterval(clock);
    };
  }

  end(): void {
    this.stop?.();
    this.stop = undefined;
    clearTimeout(this.timer);
    clearTimeout(this.offlineTimer);
    this.list = [];
    this.known = false;
    this.online = true;
    this.footages.clear();
  }

  get(slug: string): Camera | undefined {
    return this.list.find((camera) => camera.slug === slug);
  }

  /** What is known of a stream's footage. Reading it in an effect follows what becomes known. */
  footage(of: StreamName): Footage {
    const name = `${of.camera}/${of.stream}`;
    let footage = this.footages.get(name);
    if (!footage) {
      footage = new Footage(
        (from, to, ms) => load(of, from, to, ms),
        session.now,
        () => this.footageVersion++,
      );
      const stream = streamOf(this.get(of.camera), of.stream);
      footage.recorded = stream?.recorded ? spans([stream.recorded])[0] : undefined;
      if (stream?.durable_until) footage.durableUntil = Date.parse(stream.durable_until);
      this.footages.set(name, footage);
    }
    return footage;
  }

  /** Asks already while the server is still asked who we are. */
  prefetch(): void {
    this.early = listCameras();
    this.early.catch(() => {});
  }

  private early: Promise<Camera[]> | undefined;

  private async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const asked = this.early ?? listCameras();
    this.early = undefined;
    try {
      this.list = await asked;
      this.known = true;
      this.online = true;
    } catch {
      if (this.stop) this.timer = setTimeout(() => this.refresh(), RETRY_MS);
    }
  }

  private onConnected(yes: boolean): void {
    clearTimeout(this.offlineTimer);
    if (yes) this.online = true;
    // A moment's grace: a server that restarts in a second is no news.
    else {
      this.offlineTimer = setTimeout(() => {
        this.online = false;
        void session.ask();
      }, 1_500);
    }
  }

  private onChange(message: ChangeMessage): void {
    switch (message.type) {
      case "reset":
        session.setClock(message.now);
        void this.refresh();
        for (const footage of this.footages.values()) footage.refresh();
        break;
      case "cameras":
        void this.refresh();
        break;
      case "footage":
        this.footages
          .get(`${message.camera}/${message.stream}`)
          ?.grow(Date.parse(message.durable_until));
        break;
      case "stream-state":
        this.onStreamState(message);
        break;
      case "volumes":
        break;
    }
  }

  private onStreamState(message: Extract<ChangeMessage, { type: "stream-state" }>): void {
    const { camera: slug, stream: name, state, last_error } = message;
    this.list = this.list.map((camera) =>
      camera.slug !== slug
        ? camera
        : {
            ...camera,
            streams: camera.streams.map((stream) =>
              stream.name !== name
                ? stream
                : { ...stream, state, ...(last_error === undefined ? {} : { last_error }) },
            ),
          },
    );
    // A gap begins or ends: growing alone does not explain what follows.
    const footage = this.footages.get(`${slug}/${name}`);
    const newest = footage?.durableUntil;
    setTimeout(() => footage?.refresh(newest === undefined ? undefined : newest - 60_000), 2_500);
    if (state === "playing") setTimeout(() => this.refresh(), 1_000);
  }
}

export const cameras = new Cameras();

export function streamOf(camera: Camera | undefined, name: string): Stream | undefined {
  return camera?.streams.find((stream) => stream.name === name);
}

export function videoOf(stream: Stream | undefined): VideoTrack | undefined {
  return stream?.tracks.find((track): track is VideoTrack => track.kind === "video");
}

/** Width over height of a camera's pictures, before any has been seen too. */
export function aspectOf(camera: Camera): number {
  for (const stream of camera.streams) {
    const aspect = videoOf(stream)?.aspect;
    if (aspect && aspect > 0.1) return aspect;
  }
  return 16 / 9;
}
