// The live pictures of one tile: by the best way that works, back to it by itself, and what a
// person is told meanwhile.

import type { StreamName } from "../../api/footage";
import { livePlaylist, newestStill, openLive, probeLive } from "../../api/live";
import { HlsPlayer, playsPlaylists } from "../../player/hls-player";
import {
  climbAfterMs,
  down,
  firstStep,
  type Reason,
  type Sent,
  type Standing,
} from "../../player/ladder";
import { LivePlayer, mediaSource, type OpenLive } from "../../player/live-player";
import type { LiveView } from "../../player/live-view";
import { StillsPlayer } from "../../player/stills-player";
import { cameras } from "../../state/cameras.svelte";
import { session } from "../../state/session.svelte";
import { keepStill, lastStill } from "../../state/stills";

/** So many sockets in a row that say nothing, while the recorder answers: none gets through. */
const SILENT_MAX = 4;
const PROBE_MS = 4_000;
/** What one tile has found out holds for all of them for a while. */
const BLOCKED_MS = 60_000;
let blockedUntil = 0;

const abilities = () => ({ media: mediaSource() !== undefined, playlists: playsPlaylists() });

/** What is played, and how large it is seen. */
export interface Wanted extends StreamName {
  sent: Sent;
  codec: string | undefined;
  /** In device pixels, for stills. */
  width: number;
}

type Player = LivePlayer | HlsPlayer | StillsPlayer;

export class LiveSource {
  view = $state.raw<LiveView>({ kind: "connecting" });
  still = $state.raw<{ url: string; at: number }>();
  /** The still lies over the stream: there is no picture of that yet, or none will come. */
  covered = $state(true);
  hasSound = $state(false);
  standing = $state.raw<Standing>({ step: "socket" });
  /** Seconds from still to still. */
  every = $state(2);
  private player: Player | undefined;
  private spent: StillsPlayer | undefined;
  private climbing: ReturnType<typeof setTimeout> | undefined;
  private destroyed = false;

  constructor(private camera: string) {
    this.still = lastStill(camera);
  }

  /** The instant of the picture that is seen. */
  get shown(): number {
    return this.player?.shown ?? this.still?.at ?? session.now();
  }

  /** Plays until the returned function is called. */
  play(video: HTMLVideoElement, wanted: Wanted): () => void {
    this.hasSound = false;
    const blocked = performance.now() < blockedUntil;
    this.begin(firstStep(abilities(), wanted.sent, blocked), video, wanted);
    return () => this.end(video);
  }

  /** Nothing is shown any more; what still plays is ended by who plays it, before or after. */
  destroy(): void {
    this.destroyed = true;
    this.dropStills();
  }

  /** The recorder answers again: no reason to sit out a wait. */
  hurry(): void {
    if (this.player instanceof LivePlayer) this.player.hurry();
  }

  private begin(standing: Standing, video: HTMLVideoElement, wanted: Wanted): void {
    this.end(video);
    if (JSON.stringify(standing) !== JSON.stringify(this.standing)) this.standing = standing;
    const fall = (reason: Reason) =>
      this.begin(down(this.standing, reason, abilities()), video, wanted);
    switch (standing.step) {
      case "socket":
        this.player = this.overSocket(video, wanted, fall);
        break;
      case "hls":
        this.player = this.overHls(video, wanted, fall);
        break;
      case "stills":
        this.player = this.asStills(wanted);
    }
    this.climbLater(video, wanted);
  }

  private end(video: HTMLVideoElement): void {
    clearTimeout(this.climbing);
    const { player } = this;
    if (!player) return;
    this.player = undefined;
    if (player instanceof StillsPlayer) {
      player.destroy();
      // One that came to no picture leaves the one before it on the screen.
      if (player.shown !== undefined) this.spent = player;
      if (this.destroyed) this.dropStills();
      return;
    }
    this.keep(video, player.shown);
    player.destroy();
  }

  private keep(video: HTMLVideoElement, at: number | undefined): void {
    keepStill(this.camera, video, at ?? session.now());
    this.still = lastStill(this.camera) ?? this.still;
    this.covered = true;
  }

  private overSocket(video: HTMLVideoElement, wanted: Wanted, fall: (why: Reason) => void) {
    let heardAt = 0;
    const open: OpenLive = (listener) =>
      openLive(wanted, {
        ...listener,
        message: (message) => {
          heardAt = performance.now();
          if (message.type === "init") {
            this.hasSound = message.tracks.some(({ kind }) => kind === "audio");
          }
          listener.message(message);
        },
      });
    // What the player says while it is made or has just been told is acted on afterwards.
    const later = (reason: Reason) => queueMicrotask(() => this.player === player && fall(reason));
    const player: LivePlayer = new LivePlayer(video, open, session.now, {
      view: (view) => {
        this.see(view);
        if (view.kind === "unsupported") later("codec");
      },
      keep: () => this.keep(video, this.player?.shown),
      picture: () => {
        this.covered = false;
        this.dropStills();
      },
      lost: async (silent) => {
        if (silent < SILENT_MAX || !cameras.online) return;
        // A recorder that has just gone is not known to be away yet: only its answer tells.
        const asked = performance.now();
        if (!(await cameras.answers()) || this.player !== player || heardAt > asked) return;
        blockedUntil = performance.now() + BLOCKED_MS;
        later("blocked");
      },
    });
    return player;
  }

  private overHls(video: HTMLVideoElement, wanted: Wanted, fall: (why: Reason) => void) {
    return new HlsPlayer(video, livePlaylist(wanted), abilities().media, session.now, {
      view: (view) => this.see(view),
      picture: () => {
        this.covered = false;
        this.dropStills();
      },
      sound: (has) => {
        this.hasSound = has;
      },
      failed: () => fall("hls"),
    });
  }

  private asStills(wanted: Wanted): StillsPlayer {
    const { reason } = this.standing;
    const transport = reason === "blocked" || reason === "hls";
    const told = transport ? undefined : { name: wanted.codec };
    this.covered = true;
    return new StillsPlayer(
      (signal) => newestStill(wanted, wanted.width, signal),
      session.now,
      {
        view: (view) => this.see(view),
        still: (still) => {
          this.still = still;
          this.dropStills();
        },
        every: (seconds) => {
          this.every = seconds;
        },
      },
      told,
    );
  }

  /** Looks now and then whether a better way works again. */
  private climbLater(video: HTMLVideoElement, wanted: Wanted): void {
    const { standing } = this;
    const wait = climbAfterMs(standing);
    if (wait === undefined) return;
    this.climbing = setTimeout(async () => {
      const { player } = this;
      const through = standing.reason === "codec" || (await probeLive(wanted, PROBE_MS));
      if (this.player !== player || !player) return;
      if (through) {
        blockedUntil = 0;
        this.begin({ step: "socket" }, video, wanted);
      } else if (standing.step === "stills" && cameras.online) {
        this.begin(down({ step: "socket" }, "blocked", abilities()), video, wanted);
      } else this.climbLater(video, wanted);
    }, wait);
  }

  private dropStills(): void {
    this.spent?.forget();
    this.spent = undefined;
  }

  private see(view: LiveView): void {
    if (JSON.stringify(view) !== JSON.stringify(this.view)) this.view = view;
  }
}
