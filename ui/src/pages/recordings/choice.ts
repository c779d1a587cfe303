// Rows that are chosen, and what they come to.

import type { Row } from "./list.svelte";

/** The keys of `rows` between two of them, both included; of `to` alone where `from` is not there. */
export function between(rows: readonly Row[], from: string | undefined, to: string): string[] {
  const [a, b] = [from, to].map((key) => rows.findIndex((row) => row.key === key)) as [
    number,
    number,
  ];
  if (a < 0 || b < 0) return [to];
  return rows.slice(Math.min(a, b), Math.max(a, b) + 1).map(({ key }) => key);
}

/** About as many bytes as what is played of it. */
export const sizeOf = ({ recording, start, end, from, to }: Row) =>
  (recording.bytes / Math.max(1, end - start)) * (to - from);

/** More of a stream that is not chosen is worth a word. */
const SLACK_MS = 2_000;

export interface Sum {
  ms: number;
  bytes: number;
  from: number;
  to: number;
  /** As an export names them, each camera once. */
  streams: string[];
  /** From the first to the last there is more than what is chosen. */
  more: boolean;
}

export function sumOf(rows: readonly Row[]): Sum {
  const from = Math.min(...rows.map((row) => row.from));
  const to = Math.max(...rows.map((row) => row.to));
  const lengths = new Map<string, number>();
  const cameras = new Map<string, string>();
  for (const row of rows) {
    const name = `${row.of.camera}/${row.of.stream}`;
    lengths.set(name, (lengths.get(name) ?? 0) + row.to - row.from);
    const known = cameras.get(row.of.camera);
    if (!known || row.of.stream === row.camera.streams[0]?.name) cameras.set(row.of.camera, name);
  }
  return {
    ...{ from, to, streams: [...cameras.values()].sort() },
    ms: rows.reduce((sum, row) => sum + row.to - row.from, 0),
    bytes: rows.reduce((sum, row) => sum + sizeOf(row), 0),
    more: [...lengths.values()].some((ms) => to - from - ms > SLACK_MS),
  };
}
