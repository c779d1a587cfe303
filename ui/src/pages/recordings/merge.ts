// One list, newest first, out of the lists of several streams, which come in pages.

export interface Page<Row> {
  rows: Row[];
  next?: string | undefined;
}

export interface Source<Row> {
  page(cursor: string | undefined): Promise<Page<Row>>;
}

interface Head<Row> {
  source: Source<Row>;
  rows: Row[];
  next: string | undefined;
  begun: boolean;
}

export class Merged<Row> {
  private heads: Head<Row>[];

  constructor(
    sources: readonly Source<Row>[],
    /** What the list is ordered by, largest first. */
    private order: (row: Row) => number,
  ) {
    this.heads = sources.map((source) => ({ source, rows: [], next: undefined, begun: false }));
  }

  /** Whether all there is has been taken. */
  get done(): boolean {
    return this.heads.every((head) => head.begun && head.rows.length === 0 && !head.next);
  }

  /** The next rows of all, up to `count`. */
  async take(count: number): Promise<Row[]> {
    const taken: Row[] = [];
    while (taken.length < count) {
      // A stream without rows at hand may hold the newest of all: it is asked first.
      await Promise.all(this.heads.filter(isDry).map(fill));
      const newest = this.heads.reduce<Head<Row> | undefined>((best, head) => {
        const [row] = head.rows;
        if (row === undefined) return best;
        return best?.rows[0] === undefined || this.order(row) > this.order(best.rows[0])
          ? head
          : best;
      }, undefined);
      const row = newest?.rows.shift();
      if (row === undefined) break;
      taken.push(row);
    }
    return taken;
  }
}

const isDry = <Row>(head: Head<Row>) => head.rows.length === 0 && (!head.begun || !!head.next);

async function fill<Row>(head: Head<Row>): Promise<void> {
  const page = await head.source.page(head.next);
  head.begun = true;
  head.rows = page.rows;
  head.next = page.next;
  // An empty page that names a next one is allowed.
  if (isDry(head)) await fill(head);
}
