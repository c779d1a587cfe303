// What is watched: which cameras, what is marked, and its address. What moves its clock is in `Moving`.

import type { Watching } from "../../actions/watch";
import type { Camera } from "../../api/types";
import { aspectOf, cameras } from "../../state/cameras.svelte";
import { lanes } from "../../state/lanes.svelte";
import { go, type Query, route } from "../../state/router.svelte";
import { session } from "../../state/session.svelte";
import { Address } from "./address";
import { oldestOf } from "./lanes";
import { Mark } from "./mark.svelte";
import { Moving } from "./moving.svelte";
import { Shown } from "./shown.svelte";
import { Sight } from "./sight.svelte";

/** There is at least so much time to look at. */
const SPAN_MS_MIN = 10 * 60_000;
const TEN_MS = 10_000;
const MARK_PX = 90;

export class Watch extends Moving implements Watching {
  muted = $state(true);
  fullScreen = $state(false);
  asking = $state(false);
  /** A phone turned sideways: pictures and the ruler over them, nothing else. */
  flat = $state(false);
  /** Which download of the marked range is being chosen. */
  taking = $state(false);
  /** The paper of the lanes was moved: the hand may have meant the playhead. */
  pulled = $state(false);
  readonly mark = new Mark();
  readonly sight = new Sight(this);
  readonly show = new Shown((replace) => this.address.write(replace));
  protected readonly address = new Address(
    () => this.posture,
    () => this.query(),
  );
  zoomBy: (factor: number) => void = () => {};

  readonly posture = $derived(route.page === "timeline" ? "timeline" : "live");
  readonly marked = $derived(this.mark.some);
  readonly range = $derived(this.mark.range);
  readonly mayTake = $derived(
    this.range !== undefined && this.posture === "timeline" && !this.flat,
  );
  readonly looping = $derived(this.mark.looping);
  readonly protectedNow = $derived(this.mark.protectedNow);
  readonly mayProtect = $derived(session.can("manage-footage"));
  readonly mayExport = $derived(session.can("export"));
  readonly merged = $derived(lanes.choice ? lanes.choice === "merged" : this.sight.locked);
  readonly mayMerge = $derived(this.posture === "timeline" && cameras.list.length > 1);
  /** Where footage of any camera begins; undefined without any. */
  readonly oldest = $derived.by(() => {
    void cameras.footageVersion;
    return oldestOf(cameras.list);
  });
  readonly earliest = $derived(
    Math.min(session.now() - SPAN_MS_MIN, this.oldest ?? Number.POSITIVE_INFINITY),
  );

  private frame = 0;

  constructor() {
    super();
    this.read(route.query);
    const tick = (at: number) => {
      this.frame = requestAnimationFrame(tick);
      this.tick(at);
    };
    this.frame = requestAnimationFrame(tick);
  }

  destroy(): void {
    this.address.end();
    cancelAnimationFrame(this.frame);
    this.group.pause();
  }

  // --- what is shown, and its address ---------------------------------------------------------

  get focus(): string | undefined {
    return this.show.focus;
  }

  get cameras(): Camera[] {
    return this.show.all;
  }

  get shown(): Camera[] {
    return this.show.now;
  }

  get wall() {
    return this.show.wall;
  }

  /** Takes up an address that was not written here. */
  read(query: Query): void {
    // Another page's: this one only stays until that one has come.
    if (route.page !== "timeline" && route.page !== "live") return;
    if (!this.address.isNews(query)) return;
    this.show.read(query);
    const at = query.at ? Date.parse(query.at) : Number.NaN;
    if (route.page === "timeline" && !Number.isNaN(at)) {
      const playing = query.play === "1";
      this.seek(Math.min(at, session.now()), { playing });
      this.stepped = !playing && at % 1_000 !== 0;
    } else this.beLive();
    this.sight.want(Number(query.span));
    this.group.prefer(this.focus);
  }

  private query(): Record<string, string | undefined> {
    const timeline = this.posture === "timeline";
    return {
      ...this.show.query(),
      // Rounded down: a picture's own instant must not lead to the one after it.
      at: timeline && !this.live ? new Date(Math.floor(this.time)).toISOString() : undefined,
      span: timeline ? this.sight.seconds?.toString() : undefined,
    };
  }

  /** From Live into the past: the same page, its other posture. */
  protected enterTimeline(): void {
    this.live = false;
    const at = new Date(Math.round(this.time)).toISOString();
    this.address.enter("timeline", { ...this.query(), at });
  }

  setFocus(camera: string | undefined): void {
    this.show.focus = camera;
    this.group.prefer(camera);
    this.address.write(false);
  }

  setMerged(merged: boolean): void {
    lanes.set(merged ? "merged" : "stacked");
  }

  // --- the rest ---------------------------------------------------------------------------------

  /** A hand is on the ruler. */
  touched = (): void => {
    this.sight.touch();
    this.address.note();
  };

  zoom(factor: number): void {
    this.zoomBy(factor);
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  aspect = aspectOf;

  toggleFullScreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.stage?.requestFullscreen?.();
  }

  markHere(side: "from" | "to"): void {
    this.mark.set(side, this.time);
  }

  markTen(): void {
    // Who sees it live wants what has just been.
    if (this.live) this.hold(TEN_MS / 2);
    this.mark.ten(this.time, this.now, oldestOf(this.shown));
    // Somebody who marks wants to see it: as wide as a hand can take.
    const { msPerPx } = this.sight.view;
    if (TEN_MS / msPerPx < MARK_PX) this.zoomBy(TEN_MS / MARK_PX / msPerPx);
  }

  clearMark(): void {
    this.mark.clear();
    this.taking = false;
  }

  toggleLoop(): void {
    const { mark } = this;
    mark.looping = !mark.looping;
    if (mark.looping && mark.range) this.seek(mark.range.from, { playing: true });
  }

  toggleProtection(): void {
    void this.mark.toggleProtection(this.shown);
  }

  /** The marked range as a file: which one is asked where there are several cameras. */
  take(): void {
    const { range, shown } = this;
    const [only, ...others] = shown;
    if (!range || !only || others.length > 0) this.taking = true;
    else void import("./take").then((take) => take.saveFile(take.clipOf(only, range)));
  }

  exportMarked(): void {
    const { range, shown } = this;
    if (range) void import("./take").then(({ toExport }) => go("exports", toExport(shown, range)));
  }

  askTime(): void {
    this.asking = true;
  }
}
