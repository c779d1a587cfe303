// Finds what is meant by a few letters.

/** Small letters without accents. */
function plain(words: string): string {
  return words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * How well `label` answers `words`: higher is better, undefined if it does not. Letters have to come
 * in order; whole words and beginnings of words count most.
 */
export function score(label: string, words: string): number | undefined {
  const text = plain(label);
  const parts = plain(words).split(/\s+/).filter(Boolean);
  let sum = 0;
  for (const part of parts) {
    const one = scoreOf(text, part);
    if (one === undefined) return undefined;
    sum += one;
  }
  // Of two that answer alike, the shorter is closer to what was typed.
  return sum - text.length / 1000;
}

const isStart = (text: string, at: number) => at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? "");

function scoreOf(text: string, part: string): number | undefined {
  const at = text.indexOf(part);
  if (at >= 0) {
    const starts = [...text.matchAll(/[\p{L}\p{N}]+/gu)].some(({ index, 0: word }) => {
      return word.startsWith(part) && isStart(text, index);
    });
    return part.length * (starts ? 8 : 4);
  }
  let found = 0;
  let from = 0;
  for (const letter of part) {
    // The beginning of a word, if one follows; otherwise the next letter there is.
    let next = text.indexOf(letter, from);
    if (next < 0) return undefined;
    for (let i = next; i >= 0; i = text.indexOf(letter, i + 1)) {
      if (isStart(text, i)) {
        next = i;
        break;
      }
    }
    found += isStart(text, next) ? 3 : next === from ? 1 : 0;
    from = next + letter.length;
  }
  // Letters strewn about anywhere mean nothing.
  return found >= part.length ? found : undefined;
}

/** The ones that answer, best first; all of them, as they are, where nothing was typed. */
export function search<Item extends { label: string }>(items: Item[], words: string): Item[] {
  if (words.trim() === "") return items;
  return items
    .map((item) => ({ item, points: score(item.label, words) }))
    .filter((one): one is { item: Item; points: number } => one.points !== undefined)
    .sort((a, b) => b.points - a.points)
    .map(({ item }) => item);
}
