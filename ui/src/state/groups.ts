// Groups of cameras as a device keeps them: reading what is stored, and writing it. Pure, but for
// the store that is handed in.

/** A tile and its cells, as the page's grid has them; judged there. */
export interface KeptGroup<Tile> {
  id: string;
  /** As the person wrote it. */
  name: string;
  /** Slugs, in order. */
  cameras: string[];
  /** Absent: sized and placed by the pictures' shapes. */
  tiles?: Tile[];
}

export interface Kept<Tile> {
  /** How all cameras together are arranged. */
  all?: Tile[];
  groups: KeptGroup<Tile>[];
}

const KEY = "holdfast.groups";
const VERSION = 1;
const GROUPS_MAX = 50;
const CAMERAS_MAX = 500;
const NAME_MAX = 60;

type Store = Pick<Storage, "getItem" | "setItem">;
type Judge<Tile> = (value: unknown) => value is Tile[];

/** What is stored, without what makes no sense; nothing of a version that is not known. */
export function readGroups<Tile>(store: Store | undefined, isGrid: Judge<Tile>): Kept<Tile> {
  try {
    const value: unknown = JSON.parse(store?.getItem(KEY) ?? "null");
    if (!isObject(value) || value.version !== VERSION) return { groups: [] };
    const list = Array.isArray(value.groups) ? value.groups.slice(0, GROUPS_MAX) : [];
    const groups: KeptGroup<Tile>[] = [];
    for (const one of list) {
      const group = groupOf(one, isGrid);
      if (group && !groups.some(({ id }) => id === group.id)) groups.push(group);
    }
    return isGrid(value.all) ? { all: value.all, groups } : { groups };
  } catch {
    return { groups: [] };
  }
}

export function writeGroups<Tile>(store: Store | undefined, kept: Kept<Tile>): void {
  try {
    store?.setItem(KEY, JSON.stringify({ version: VERSION, ...kept }));
  } catch {
    // Full or switched off: the groups last as long as the page.
  }
}

/** A short name for addresses, of a group's own name and unlike all others. */
export function groupId(name: string, taken: readonly string[]): string {
  const plain =
    name
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 40) || "group";
  let id = plain;
  for (let i = 2; taken.includes(id); i++) id = `${plain}-${i}`;
  return id;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "" && value.length <= NAME_MAX;

function groupOf<Tile>(value: unknown, isGrid: Judge<Tile>): KeptGroup<Tile> | undefined {
  if (!isObject(value) || !isName(value.id) || !isName(value.name)) return undefined;
  if (!Array.isArray(value.cameras)) return undefined;
  const cameras = [...new Set(value.cameras)].slice(0, CAMERAS_MAX);
  if (!cameras.every((slug) => typeof slug === "string")) return undefined;
  const group = { id: value.id, name: value.name, cameras };
  return isGrid(value.tiles) ? { ...group, tiles: value.tiles } : group;
}
