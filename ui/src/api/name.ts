// Names that people, or cameras, gave.

/** Controls, and marks that turn the direction of what follows them: U+202E and its kin. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/gu;

/**
 * A name as it can stand inside a sentence: nothing in it reaches the words around it. Letters of
 * all scripts, and what joins emoji, stay.
 */
export function plainName(name: string): string {
  return name.replace(UNSEEN, " ").replace(/\s+/g, " ").trim();
}
