// Which cameras are shown: those of a group, of an address, or the one that fills the page.

import type { Camera } from "../../api/types";
import { cameras } from "../../state/cameras.svelte";
import type { Query } from "../../state/router.svelte";
import { Wall } from "./wall.svelte";

export class Shown {
  focus = $state<string>();
  /** Cameras chosen by address; all when undefined. */
  chosen = $state.raw<string[] | undefined>(undefined);
  /** Groups of cameras, how they are arranged, kiosk. */
  readonly wall = new Wall((replace) => this.rehang(replace));
  readonly hung = $derived(this.wall.of(cameras.list));
  readonly all = $derived(
    this.chosen ? this.hung.filter(({ slug }) => this.chosen?.includes(slug)) : this.hung,
  );
  readonly now = $derived(
    this.focus ? this.all.filter(({ slug }) => slug === this.focus) : this.all,
  );

  /** @param changed the address has to say so: in place of what it says, or after it */
  constructor(private changed: (replace: boolean) => void) {}

  read(query: Query): void {
    this.focus = query.focus;
    this.wall.read(query);
    this.chosen = query.cams?.split(",");
  }

  query(): Record<string, string | undefined> {
    return { ...this.wall.query(), focus: this.focus, cams: this.chosen?.join(",") };
  }

  /** Another group may not have the camera that fills the page. */
  private rehang(replace: boolean): void {
    if (!this.all.some(({ slug }) => slug === this.focus)) this.focus = undefined;
    this.changed(replace);
  }

  /** Shows or hides a camera among the others. */
  toggle(camera: Camera): void {
    const all = cameras.list.map(({ slug }) => slug);
    const chosen = this.chosen ?? all;
    const next = chosen.includes(camera.slug)
      ? chosen.filter((slug) => slug !== camera.slug)
      : all.filter((slug) => slug === camera.slug || chosen.includes(slug));
    if (next.length === 0) return;
    this.chosen = next.length === all.length ? undefined : next;
    if (this.focus && !next.includes(this.focus)) this.focus = undefined;
    this.changed(true);
  }
}
