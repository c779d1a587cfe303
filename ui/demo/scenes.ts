// Which scene each camera of the demo shows, and its films, fetched once.

import { Film } from "./film";

/** How long a scene lasts until it comes round again. */
export const SCENE_MS = 20_000;
/** Stills are of key frames, which come so often. */
export const STILL_MS = 2_000;

const SCENES: Record<string, string> = {
  driveway: "drive",
  "front-door": "door",
  garden: "garden",
  gate: "drive",
};

export function sceneOf(slug: string): string {
  const number = Number(/^camera-(\d+)$/.exec(slug)?.[1] ?? 3);
  return SCENES[slug] ?? ["drive", "door", "garden"][(number - 1) % 3] ?? "garden";
}

const films = new Map<string, Promise<Film>>();

/** The film of a stream; `base` is where the demo's files are. */
export function filmOf(slug: string, stream: string, base: string): Promise<Film> {
  const name = `${sceneOf(slug)}-${stream === "sub" ? "sub" : "main"}`;
  let film = films.get(name);
  if (!film) {
    film = load(new URL(`scenes/${name}.mp4`, base).href, stream === "sub");
    film.catch(() => films.delete(name));
    films.set(name, film);
  }
  return film;
}

async function load(url: string, sub: boolean): Promise<Film> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const [width, height] = sub ? [640, 360] : [1280, 720];
  return new Film(await answer.arrayBuffer(), SCENE_MS, width, height);
}

export const stillName = (slug: string, at: number) => {
  const number = Math.floor((at % SCENE_MS) / STILL_MS);
  return `scenes/${sceneOf(slug)}-${String(number).padStart(2, "0")}.jpg`;
};
