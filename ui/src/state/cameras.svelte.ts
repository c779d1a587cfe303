// The cameras, kept up to date, and what is known of each stream's footage.

import { listCameras } from "../api/cameras";
import { type Changes, listenToChanges } from "../api/changes";
import { getTimeline, type StreamName } from "../api/footage";
import { ApiError } from "../api/http";
import type { Camera, ChangeMessage, Span, Stream, VideoTrack } from "../api/types";
import { t } from "../texts";
import { type Answer, Footage } from "../timeline/footage";
import { session } from "./session.svelte";
import { updates } from "./updates.svelte";

const RETRY_MS = 2_000;
/** A server that restarts in so short a time is no news. */
const GRACE_MS = 1_500;
/** Numbers on the page (rates, viewers) are asked for again this often. */
const REFRESH_MS = 20_000;
/** Each stream grows once a second, at its own time; all lanes that show it are painted anew. */
const GROWTH_MS = 250;

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
    kept: spans(answer.protected),
    activity: {
      from: Date.parse(answer.activity.from),
      stepMs: answer.activity.step_ms,
      values: answer.activity.values,
    },
    recorded: answer.recorded ? spans([answer.recorded])[0] : undefined,
    durableUntil: answer.durable_until ? Date.parse(answer.durable_until) : undefined,
  };
}

class Cameras {
  list = $state.raw<Camera[]>([]);
  /** Whether the list has come at least once. */
  known = $state(false);
  /** Why the list does not come. */
  problem = $state.raw<unknown>(undefined);
  /** Goes up whenever the server is back: what failed meanwhile may be tried again. */
  returns = $state(0);
  /** Whether the server answers. */
  online = $state(true);
  /** Goes up whenever some footage is known better than before. */
  footageVersion = $state(0);
  /** Goes up with what was answered, and not with what has only grown. */
  private learnt = $state(0);
  /** Where the footage that grows ended when that was last shown. */
  private grownTo = $state.raw<number[]>([]);
  private footages = new Map<string, Footage>();
  private changes: Changes | undefined;
  private stop: (() => void) | undefined;
  /** Counts the ends: an answer to what was asked for before one is nobody's any more. */
  private ends = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private offlineTimer: ReturnType<typeof setTimeout> | undefined;
  private growing: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    if (this.stop) return;
    void this.refresh();
    const changes = listenToChanges({
      message: (message) => this.onChange(message),
      connected: (yes) => this.onConnected(yes),
    });
    const clock = setInterval(() => {
      if (document.visibilityState === "visible") void this.refresh();
    }, REFRESH_MS);
    this.changes = changes;
    this.stop = () => {
      changes.stop();
      clearInterval(clock);
    };
  }

  end(): void {
    this.stop?.();
    this.stop = undefined;
    this.ends++;
    this.early = undefined;
    clearTimeout(this.timer);
    clearTimeout(this.offlineTimer);
    clearTimeout(this.growing);
    this.growing = undefined;
    this.grownTo = [];
    this.list = [];
    this.known = false;
    this.problem = undefined;
    this.away = false;
    this.missed = 0;
    this.online = true;
    this.footages.clear();
  }

  get(slug: string): Camera | undefined {
    return this.list.find((camera) => camera.slug === slug);
  }

  /** A stream, written `camera/stream`, by the name that people gave; as it is where none is known. */
  named(path: string): string {
    const [slug = "", stream] = path.split("/");
    const camera = this.get(slug);
    return camera && stream ? `${camera.name} ${t.common.stream(stream)}` : path;
  }

  /** What is known of a stream's footage. Reading it in an effect follows what becomes known. */
  footage(of: StreamName): Footage {
    const name = `${of.camera}/${of.stream}`;
    let footage = this.footages.get(name);
    if (!footage) {
      footage = new Footage(
        (from, to, ms) => load(of, from, to, ms),
        session.now,
        () => {
          this.learnt++;
          this.footageVersion++;
        },
        () => this.onGrowth(),
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
    const early = listCameras();
    this.early = early;
    // A refusal is not kept for who signs in.
    early.catch(() => {
      if (this.early === early) this.early = undefined;
    });
  }

  private early: Promise<Camera[]> | undefined;

  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    const asked = this.early ?? listCameras();
    this.early = undefined;
    const { ends } = this;
    const began = performance.now();
    try {
      const list = await asked;
      if (ends !== this.ends) return;
      this.list = list;
      this.known = true;
      this.problem = undefined;
      this.answered();
    } catch (error) {
      if (ends !== this.ends) return;
      this.problem = error;
      if (error instanceof ApiError && error.offline) this.miss(performance.now() - began);
      // While it is away any refusal may be a proxy's: an answer, or a socket, ends that.
      else if (!this.away) this.answered();
      if (this.stop) this.timer = setTimeout(() => this.refresh(), RETRY_MS);
    }
  }

  /** Whether the recorder answers a question that is asked now. */
  async answers(): Promise<boolean> {
    try {
      await listCameras();
      return true;
    } catch (error) {
      return !(error instanceof ApiError && error.offline);
    }
  }

  private away = false;
  /** Questions in a row that nobody answered. */
  private missed = 0;

  /** A socket says nothing of a recorder that has vanished: what is not answered does. */
  private miss(tookMs: number): void {
    this.missed++;
    // A moment's grace, as for a socket.
    if (!this.online || (this.missed < 2 && tookMs < GRACE_MS)) return;
    this.away = true;
    this.online = false;
    void session.ask();
  }

  private answered(): void {
    // Away and online is it all the time where only sockets do not get through.
    const back = this.away && (this.missed > 0 || !this.online);
    this.missed = 0;
    this.online = true;
    if (!back) return;
    this.returned();
    // It may still wait for the recorder that was there before.
    this.changes?.renew();
  }

  private returned(): void {
    this.away = false;
    this.returns++;
    updates.ask();
  }

  private onConnected(yes: boolean): void {
    clearTimeout(this.offlineTimer);
    if (yes) {
      if (this.away) this.returned();
      this.online = true;
    }
    // A moment's grace: a server that restarts in a second is no news.
    else {
      this.away = true;
      this.offlineTimer = setTimeout(() => void this.doubt(), GRACE_MS);
    }
  }

  /** The socket is gone. Where only sockets do not get through, the recorder is not out of reach. */
  private async doubt(): Promise<void> {
    const { ends } = this;
    try {
      const list = await listCameras();
      if (ends !== this.ends) return;
      this.list = list;
      this.answered();
    } catch {
      if (ends !== this.ends || !this.away) return;
      this.online = false;
      void session.ask();
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

  private onGrowth(): void {
    this.growing ??= setTimeout(() => {
      this.growing = undefined;
      this.grownTo = [...this.footages.values()].flatMap(({ durableUntil: end }) => end ?? []);
      this.footageVersion++;
    }, GROWTH_MS);
  }

  /** Another number whenever footage before `until` is known better: not where it grows after it. */
  versionUntil(until: number): number {
    // An end goes up, and once it has passed the instant it is none: no sum comes twice.
    return this.grownTo.reduce((sum, end) => (end < until ? sum + end : sum), this.learnt);
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
    const { ends } = this;
    if (state === "playing") setTimeout(() => ends === this.ends && this.refresh(), 1_000);
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
