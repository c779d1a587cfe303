// The clips beside the page, each in a player of its own.

import { bytes } from "../texts/format";
import { data, element, find, time } from "./data";

type Of = (typeof data.clips)[number];

export interface Shown {
  file: string;
  video: HTMLVideoElement;
  /** ms since 1970. */
  from: number;
  to: number;
}

const GAPS_MAX = 50;
const UNPLAYABLE =
  "It cannot be played here: unpack all files into one folder, choose the ZIP below, or open it in another player.";

function gapsOf({ streams }: Of): HTMLElement {
  const list = element("ul", "", "small");
  const gaps = streams.flatMap((stream) => stream.gaps);
  for (const { from, to, cause } of gaps.slice(0, GAPS_MAX)) {
    const why = cause ? ` (${cause})` : "";
    list.append(element("li", `no footage from ${time(from)} to ${time(to)}${why}`));
  }
  const more = gaps.length - GAPS_MAX;
  if (more > 0) list.append(element("li", `and ${more} more gaps, see manifest.json`));
  return list;
}

function show(clip: Of): Shown {
  const card = element("article");
  for (const { camera_name, stream } of clip.streams) {
    card.append(element("h2", `${camera_name} · ${stream}`));
  }
  card.append(element("p", `${time(clip.from)} to ${time(clip.to)}`, "times"));
  const video = element("video");
  Object.assign(video, { controls: true, preload: "metadata", playsInline: true });
  video.src = encodeURIComponent(clip.file);
  const trouble = element("p", "", "small doubt");
  video.addEventListener("error", () => {
    trouble.textContent = UNPLAYABLE;
  });
  video.addEventListener("loadeddata", () => {
    trouble.textContent = "";
  });
  const codecs = clip.streams.flatMap((stream) => stream.codecs).join(", ");
  const facts = element("p", `${clip.file}, ${bytes(clip.bytes)}, ${codecs}`, "small");
  card.append(video, trouble, facts, gapsOf(clip));
  find("clips").append(card);
  return { file: clip.file, video, from: Date.parse(clip.from), to: Date.parse(clip.to) };
}

export const shown: Shown[] = data.clips.map(show);

/** Plays what was given in the place of what lies beside the page, which may be nothing. */
export function playFrom(blobOf: (file: string) => Blob | undefined): void {
  for (const { file, video } of shown) {
    const blob = blobOf(file);
    if (!blob) continue;
    if (video.src.startsWith("blob:")) URL.revokeObjectURL(video.src);
    video.src = URL.createObjectURL(blob.slice(0, blob.size, "video/mp4"));
  }
}
