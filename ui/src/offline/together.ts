// All clips on one clock.

import { type Shown, shown } from "./clips";
import { find, time } from "./data";

const button = find("play");
const place = find<HTMLInputElement>("place");
const from = Math.min(...shown.map((clip) => clip.from));
const to = Math.max(...shown.map((clip) => clip.to));
/** A player is a little late or early; what can be seen is put right. */
const APART_MAX_S = 0.3;

/** ms after `from`. */
let at = 0;
let timer: number | undefined;

function follow(clip: Shown): void {
  const { video } = clip;
  const seconds = (from + at - clip.from) / 1000;
  const isInside = seconds >= 0 && from + at < clip.to;
  if (isInside && Math.abs(video.currentTime - seconds) > APART_MAX_S) video.currentTime = seconds;
  if (!isInside || timer === undefined) video.pause();
  else if (video.paused) video.play().catch(() => {});
}

function show(): void {
  shown.forEach(follow);
  place.value = String((1000 * at) / Math.max(1, to - from));
  find("now").textContent = time(from + at);
}

function play(): void {
  let last = performance.now();
  timer = window.setInterval(() => {
    const now = performance.now();
    at += now - last;
    last = now;
    if (from + at >= to) pause();
    else show();
  }, 250);
  for (const { video } of shown.slice(1)) video.muted = true;
  show();
  button.textContent = "Pause";
}

function pause(): void {
  clearInterval(timer);
  timer = undefined;
  for (const { video } of shown) video.pause();
  button.textContent = "Play all in step";
}

export function playTogether(): void {
  find("together").hidden = false;
  button.addEventListener("click", () => (timer === undefined ? play() : pause()));
  place.addEventListener("input", () => {
    at = (Number(place.value) / 1000) * (to - from);
    show();
  });
}
