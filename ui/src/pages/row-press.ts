// A row is pressed wherever nothing of its own is. No link lies over it: under one no text of the row
// could be marked, and no tip of what stands in it would be seen.

/** What of its own a press in a row is on. */
export function ownPressed(event: MouseEvent): Element | null {
  return (event.target as Element).closest("a, button, input, label");
}

/** Whether a press is one of the row, and none that marks text. */
export function isOfRow(event: MouseEvent): boolean {
  return !ownPressed(event) && (getSelection()?.isCollapsed ?? true);
}
