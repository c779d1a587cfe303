// Wheel, fingers, keys and the mouse on a tile: zoom, pan, press, hold.

import { pan, WHOLE, type Zoom, zoomAt } from "./zoom";

/** A hand that moves less does not move anything, in pixels. */
const SLOP_PX = 6;
/** A press on a zoomed picture waits so long for a second one. */
const DOUBLE_MS = 260;
const HOLD_MS = 500;
const KEY_FACTOR = 1.4;
const KEY_PAN = 0.12;

interface Answers {
  zoom(): Zoom;
  set(zoom: Zoom): void;
  /** A plain press. */
  press(): void;
  /** A finger stayed where it was. */
  hold?: (() => void) | undefined;
}

interface Point {
  x: number;
  y: number;
}

/** Listens on `element` until the returned function is called. */
export function zoomGestures(element: HTMLElement, answers: Answers): () => void {
  const over = new AbortController();
  const fingers = new Map<number, Point>();
  let moved = false;
  let held = false;
  let begun: Point = { x: 0, y: 0 };
  let pressing: ReturnType<typeof setTimeout> | undefined;
  let holding: ReturnType<typeof setTimeout> | undefined;

  const share = ({ x, y }: Point): Point => {
    const box = element.getBoundingClientRect();
    return { x: (x - box.left) / box.width, y: (y - box.top) / box.height };
  };
  const spread = () => {
    const [a, b] = [...fingers.values()];
    if (!a || !b) return undefined;
    const middle = share({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    return { middle, apart: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  };

  function wheel(event: WheelEvent) {
    const zoom = answers.zoom();
    // Out of the whole picture there is nothing: the page may scroll.
    if (zoom.scale === 1 && event.deltaY > 0 && !event.ctrlKey) return;
    event.preventDefault();
    const { x, y } = share({ x: event.clientX, y: event.clientY });
    const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * 30;
    answers.set(zoomAt(zoom, Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), x, y));
  }

  function pointerdown(event: PointerEvent) {
    if (event.button !== 0) return;
    if (fingers.size === 0) {
      moved = false;
      held = false;
      begun = { x: event.clientX, y: event.clientY };
      if (event.pointerType === "touch" && answers.hold) {
        holding = setTimeout(() => {
          held = true;
          answers.hold?.();
        }, HOLD_MS);
      }
    } else clearTimeout(holding);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  function pointermove(event: PointerEvent) {
    const from = fingers.get(event.pointerId);
    if (!from || held) return;
    const to = { x: event.clientX, y: event.clientY };
    if (!moved && Math.hypot(to.x - begun.x, to.y - begun.y) > SLOP_PX) {
      moved = true;
      clearTimeout(holding);
    }
    const zoom = answers.zoom();
    if (fingers.size > 1) {
      moved = true;
      const before = spread();
      fingers.set(event.pointerId, to);
      const after = spread();
      if (!before || !after) return;
      const { middle } = before;
      const grown = zoomAt(zoom, after.apart / before.apart, middle.x, middle.y);
      answers.set(pan(grown, after.middle.x - middle.x, after.middle.y - middle.y));
      return;
    }
    fingers.set(event.pointerId, to);
    if (!moved || zoom.scale === 1) return;
    // Only now: a captured pointer's press would not be seen by what lies below.
    if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
    const [a, b] = [share(from), share(to)];
    answers.set(pan(zoom, b.x - a.x, b.y - a.y));
  }

  function pointerend(event: PointerEvent) {
    clearTimeout(holding);
    fingers.delete(event.pointerId);
  }

  /** The press that a lifted finger would make falls on what the hold has opened. */
  function touchend(event: TouchEvent) {
    if (held && event.cancelable) event.preventDefault();
  }

  function click(event: MouseEvent) {
    if (moved || held) {
      moved = false;
      held = false;
      return;
    }
    clearTimeout(pressing);
    // A key's press means what it says, and so does one on the whole picture.
    if (answers.zoom().scale === 1 || event.detail === 0) answers.press();
    else if (event.detail === 1) pressing = setTimeout(() => answers.press(), DOUBLE_MS);
  }

  function dblclick() {
    clearTimeout(pressing);
    if (answers.zoom().scale > 1) answers.set(WHOLE);
  }

  function contextmenu(event: Event) {
    // A finger's long press has its own meaning here.
    if (held || fingers.size > 0) event.preventDefault();
  }

  function keydown(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = keyed(event.key, answers.zoom());
    if (!next) return;
    event.preventDefault();
    answers.set(next);
  }

  const { signal } = over;
  element.addEventListener("wheel", wheel, { signal, passive: false });
  element.addEventListener("pointerdown", pointerdown, { signal });
  element.addEventListener("pointermove", pointermove, { signal });
  for (const end of ["pointerup", "pointercancel", "pointerleave"] as const) {
    element.addEventListener(end, pointerend, { signal });
  }
  element.addEventListener("touchend", touchend, { signal, passive: false });
  element.addEventListener("click", click, { signal });
  element.addEventListener("dblclick", dblclick, { signal });
  element.addEventListener("contextmenu", contextmenu, { signal });
  element.addEventListener("keydown", keydown, { signal });
  return () => {
    over.abort();
    clearTimeout(pressing);
    clearTimeout(holding);
  };
}

/** What a key makes of it; undefined when it means nothing here. */
export function keyed(key: string, zoom: Zoom): Zoom | undefined {
  if (key === "+" || key === "=") return zoomAt(zoom, KEY_FACTOR, 0.5, 0.5);
  // The whole picture has nothing to zoom out of, and no other side: such keys are the ruler's.
  if (zoom.scale === 1) return undefined;
  switch (key) {
    case "-":
      return zoomAt(zoom, 1 / KEY_FACTOR, 0.5, 0.5);
    case "0":
    case "Escape":
      return WHOLE;
    case "ArrowLeft":
      return pan(zoom, KEY_PAN, 0);
    case "ArrowRight":
      return pan(zoom, -KEY_PAN, 0);
    case "ArrowUp":
      return pan(zoom, 0, KEY_PAN);
    case "ArrowDown":
      return pan(zoom, 0, -KEY_PAN);
    default:
      return undefined;
  }
}
