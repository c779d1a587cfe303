// Which cameras hang on the wall and how: groups, their arrangement, kiosk; kept per device.

import type { Camera } from "../../api/types";
import { groupId, type Kept, type KeptGroup, readGroups, writeGroups } from "../../state/groups";
import type { Query } from "../../state/router.svelte";
import { firstGrid, isGrid, type Tile, withCameras } from "./grid";

export type Group = KeptGroup<Tile>;

const UNDO_MAX = 50;
/** A kiosk changes groups no faster. */
const EVERY_S_MIN = 5;

function device(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

export class Wall {
  private kept = $state.raw<Kept<Tile>>(readGroups(device(), isGrid));
  /** The group of the address; all cameras when undefined, or when there is no such group here. */
  private id = $state<string>();
  kiosk = $state(false);
  /** Seconds from group to group in a kiosk; 0 stays. */
  every = $state(0);
  /** Tiles are being moved and sized. */
  arranging = $state(false);
  /** The list of groups is open. */
  choosing = $state(false);
  private past = $state.raw<(Tile[] | undefined)[]>([]);

  readonly groups = $derived(this.kept.groups);
  readonly group = $derived(this.groups.find(({ id }) => id === this.id));
  readonly tiles = $derived(this.group ? this.group.tiles : this.kept.all);
  readonly undoable = $derived(this.past.length > 0);

  constructor(private write: (replace: boolean) => void) {}

  // --- the address ----------------------------------------------------------------------------

  read(query: Query): void {
    if (query.group !== this.id) this.endArranging();
    this.id = query.group;
    this.kiosk = query.kiosk === "1";
    const every = Number(query.every);
    this.every = every > 0 ? Math.max(EVERY_S_MIN, every) : 0;
  }

  query(): Record<string, string | undefined> {
    return {
      group: this.id,
      kiosk: this.kiosk ? "1" : undefined,
      every: this.every > 0 ? String(this.every) : undefined,
    };
  }

  enterKiosk(): void {
    this.endArranging();
    this.kiosk = true;
    this.write(false);
  }

  leaveKiosk(): void {
    if (!this.kiosk) return;
    this.kiosk = false;
    this.every = 0;
    this.write(false);
  }

  /** Seconds between two groups of a kiosk that begins next; 0 stays. */
  setEvery(seconds: number): void {
    this.every = seconds;
    this.write(true);
  }

  // --- groups ---------------------------------------------------------------------------------

  /** Those of the group, in its order. */
  of(all: readonly Camera[]): Camera[] {
    const { group } = this;
    if (!group) return [...all];
    return group.cameras.flatMap((slug) => all.find((camera) => camera.slug === slug) ?? []);
  }

  choose(id: string | undefined): void {
    this.endArranging();
    this.id = id;
    this.write(false);
  }

  /** The next group with cameras, for a kiosk; all cameras only where there is none. */
  next(all: readonly Camera[]): void {
    const at = this.groups.findIndex(({ id }) => id === this.id);
    const after = [...this.groups.slice(at + 1), ...this.groups.slice(0, at + 1)];
    const there = (slug: string) => all.some((camera) => camera.slug === slug);
    this.id = after.find(({ cameras }) => cameras.some(there))?.id;
    this.write(true);
  }

  /** Keeps a group; a new one when `id` is undefined. */
  save(id: string | undefined, name: string, cameras: string[]): void {
    const old = this.groups.find((group) => group.id === id);
    const taken = this.groups.map((group) => group.id);
    if (old) this.replace({ ...old, name, cameras });
    else {
      const group = { id: groupId(name, taken), name, cameras };
      this.keep({ ...this.kept, groups: [...this.groups, group] });
      this.choose(group.id);
    }
  }

  remove(id: string): void {
    this.keep({ ...this.kept, groups: this.groups.filter((group) => group.id !== id) });
    if (this.id === id) this.choose(undefined);
  }

  // --- the arrangement ------------------------------------------------------------------------

  /** The tiles of these cameras, where a person arranged them. */
  gridOf(cameras: readonly string[]): Tile[] | undefined {
    return this.tiles && withCameras(this.tiles, cameras);
  }

  arrange(): void {
    this.past = [];
    this.arranging = true;
  }

  endArranging(): void {
    this.arranging = false;
    this.past = [];
  }

  /** The grid that a change starts from. */
  grid(cameras: readonly string[]): Tile[] {
    return this.gridOf(cameras) ?? firstGrid(cameras);
  }

  /** Notes how it was, for undo, before one change or a whole drag. */
  remember(): void {
    this.past = [...this.past, this.tiles].slice(-UNDO_MAX);
  }

  /** Nothing changed after all. */
  forgetLast(): void {
    this.past = this.past.slice(0, -1);
  }

  setTiles(tiles: Tile[] | undefined): void {
    const { group } = this;
    if (!group) {
      const { all: _, ...rest } = this.kept;
      this.keep(tiles ? { ...rest, all: tiles } : rest);
      return;
    }
    const { tiles: _, ...rest } = group;
    this.replace(tiles ? { ...rest, tiles } : rest);
  }

  /** By the pictures' shapes again. */
  automatic(): void {
    this.remember();
    this.setTiles(undefined);
  }

  undo(): void {
    const { past } = this;
    if (past.length === 0) return;
    this.past = past.slice(0, -1);
    this.setTiles(past.at(-1));
  }

  private replace(group: Group): void {
    this.keep({
      ...this.kept,
      groups: this.groups.map((other) => (other.id === group.id ? group : other)),
    });
  }

  private keep(kept: Kept<Tile>): void {
    this.kept = kept;
    writeGroups(device(), kept);
  }
}
