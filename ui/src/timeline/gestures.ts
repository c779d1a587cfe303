// Hands on the timeline: wheel, drag, pinch, tap. Turns pointers into a few plain words.

export interface Hands {
  /** What a drag that begins at (x, y) does. */
  grip(x: number, y: number, kind: string): "pan" | "scrub";
  pan(dx: number): void;
  /** The drag was let go with this speed, in pixels a millisecond. */
  fling(speed: number): void;
  zoom(x: number, factor: number): void;
  scrub(x: number, phase: "start" | "move" | "end"): void;
  tap(x: number, y: number): void;
  hover(at: { x: number; y: number } | undefined): void;
}

/** A press that moves less is a tap. */
const SLOP_PX = 5;
/** One notch of a wheel (100 px or so) zooms by a quarter or so. */
const WHEEL = 0.0022;
const PINCH_WHEEL = 0.01;
/** Speed is measured over the last of the drag. */
const FLING_MS = 80;

interface Press {
  x: number;
  y: number;
  startX: number;
  startY: number;
}

/** Attaches to `element`; the answer detaches. */
export function attachHands(element: HTMLElement, hands: Hands): () => void {
  const presses = new Map<number, Press>();
  let mode: "none" | "press" | "pan" | "scrub" | "pinch" = "none";
  let trail: { x: number; at: number }[] = [];

  const place = (event: { clientX: number; clientY: number }) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  function down(event: PointerEvent) {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    const { x, y } = place(event);
    presses.set(event.pointerId, { x, y, startX: x, startY: y });
    hands.hover(undefined);
    hands.fling(0);
    if (presses.size === 2) {
      if (mode === "scrub") hands.scrub(x, "end");
      mode = "pinch";
      return;
    }
    trail = [{ x, at: event.timeStamp }];
    mode = "press";
  }

  function move(event: PointerEvent) {
    const at = place(event);
    const press = presses.get(event.pointerId);
    if (!press) {
      if (event.pointerType === "mouse") hands.hover(at);
      return;
    }
    if (mode === "pinch") {
      pinch(press, at);
      return;
    }
    const dx = at.x - press.x;
    if (mode === "press") {
      if (Math.hypot(at.x - press.startX, at.y - press.startY) < SLOP_PX) return;
      mode = hands.grip(press.startX, press.startY, event.pointerType);
      if (mode === "scrub") hands.scrub(press.startX, "start");
    }
    press.x = at.x;
    press.y = at.y;
    trail.push({ x: at.x, at: event.timeStamp });
    if (mode === "scrub") hands.scrub(at.x, "move");
    else if (mode === "pan") hands.pan(dx);
  }

  function pinch(press: Press, at: { x: number; y: number }) {
    const other = [...presses.values()].find((p) => p !== press);
    if (!other) return;
    const before = Math.max(24, Math.abs(press.x - other.x));
    const after = Math.max(24, Math.abs(at.x - other.x));
    const middle = (press.x + other.x) / 2;
    hands.pan((at.x + other.x) / 2 - middle);
    hands.zoom((at.x + other.x) / 2, before / after);
    press.x = at.x;
    press.y = at.y;
  }

  function up(event: PointerEvent) {
    const press = presses.get(event.pointerId);
    presses.delete(event.pointerId);
    if (!press) return;
    if (mode === "press" && event.type === "pointerup") hands.tap(press.x, press.y);
    if (mode === "scrub") hands.scrub(press.x, "end");
    if (mode === "pan") hands.fling(speed(event.timeStamp));
    mode = presses.size > 0 ? "pan" : "none";
  }

  function speed(now: number): number {
    const recent = trail.filter((point) => now - point.at < FLING_MS);
    const first = recent[0];
    const last = recent.at(-1);
    if (!first || !last || last.at === first.at) return 0;
    return (last.x - first.x) / (last.at - first.at);
  }

  function wheel(event: WheelEvent) {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 24 : event.deltaMode === 2 ? 240 : 1;
    const { x } = place(event);
    const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
    if (event.ctrlKey) hands.zoom(x, Math.exp(event.deltaY * unit * PINCH_WHEEL));
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      hands.pan(-sideways * unit);
    } else hands.zoom(x, Math.exp(event.deltaY * unit * WHEEL));
  }

  const leave = () => hands.hover(undefined);
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", leave);
  element.addEventListener("wheel", wheel, { passive: false });
  return () => {
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("pointerleave", leave);
    element.removeEventListener("wheel", wheel);
  };
}
