// How far each camera's picture is zoomed: the same live and in the past, as long as the page lives.

import { SvelteMap } from "svelte/reactivity";
import { WHOLE, type Zoom } from "./zoom";

const kept = new SvelteMap<string, Zoom>();

export const zooms = {
  of: (camera: string): Zoom => kept.get(camera) ?? WHOLE,
  set(camera: string, zoom: Zoom): void {
    if (zoom.scale === 1) kept.delete(camera);
    else kept.set(camera, zoom);
  },
};
