// Lists of spans of time: in order, not overlapping, half open.

export interface Span {
  from: number;
  to: number;
}

/** The index of the first span that ends after `time`; the length when there is none. */
export function firstEndingAfter(spans: readonly Span[], time: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.to ?? Number.POSITIVE_INFINITY) > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The span that `time` is in. */
export function spanAt<S extends Span>(spans: readonly S[], time: number): S | undefined {
  const span = spans[firstEndingAfter(spans, time)];
  return span && span.from <= time ? span : undefined;
}

/** The first span that begins after `time`. */
export function spanAfter<S extends Span>(spans: readonly S[], time: number): S | undefined {
  const i = firstEndingAfter(spans, time);
  const span = spans[i];
  return span && span.from <= time ? spans[i + 1] : span;
}

/** The last span that ends at or before `time`. */
export function spanBefore<S extends Span>(spans: readonly S[], time: number): S | undefined {
  return spans[firstEndingAfter(spans, time) - 1];
}

/** What of the spans lies in [from, to). */
export function cut<S extends Span>(spans: readonly S[], from: number, to: number): S[] {
  const found: S[] = [];
  for (let i = firstEndingAfter(spans, from); i < spans.length; i++) {
    const span = spans[i];
    if (!span || span.from >= to) break;
    found.push(
      span.from < from || span.to > to
        ? { ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }
        : span,
    );
  }
  return found;
}

/** What of the spans lies in none of the holes. */
export function without<S extends Span>(spans: readonly S[], holes: readonly Span[]): S[] {
  return spans.flatMap((span) => {
    const left: S[] = [];
    let { from } = span;
    for (const hole of cut(holes, span.from, span.to)) {
      if (hole.from > from) left.push({ ...span, from, to: hole.from });
      from = hole.to;
    }
    return from < span.to ? [...left, { ...span, from }] : left;
  });
}

/** One list of all; spans nearer than `nearness` become one. */
export function join(spans: readonly Span[], nearness = 0): Span[] {
  const sorted = [...spans].sort((a, b) => a.from - b.from);
  const joined: Span[] = [];
  for (const span of sorted) {
    const last = joined.at(-1);
    if (last && span.from <= last.to + nearness) last.to = Math.max(last.to, span.to);
    else joined.push({ from: span.from, to: span.to });
  }
  return joined;
}
