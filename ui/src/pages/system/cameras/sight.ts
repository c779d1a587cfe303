// What may move the page by itself.

/**
 * Whether an answer may be brought into sight: not under who has gone on meanwhile, typing say, and
 * not where it is in sight already, above what covers the page from `edge` on.
 */
export function mayCome(answer: Element, pressed: Element | undefined, edge = Infinity): boolean {
  const at = document.activeElement;
  // A button that cannot be pressed for now has lost the focus to nothing.
  const still = at === null || at === document.body || pressed?.contains(at) === true;
  const { top, bottom } = answer.getBoundingClientRect();
  return still && (top < 0 || bottom > Math.min(edge, innerHeight));
}
