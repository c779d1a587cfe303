// BLAKE3 (the paper of 2020, section 2) of bytes that are all there.

const IV = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const [START, END, PARENT, ROOT] = [1, 2, 4, 8];
const CHUNK = 1024;

/** What is compressed last of a node: with ROOT, if it is the root. */
interface Node {
  value: number[];
  words: number[];
  counter: number;
  length: number;
  flags: number;
}

const turned = (word: number, by: number) => (word >>> by) | (word << (32 - by));

function compress({ value, words, counter, length, flags }: Node, more = 0): number[] {
  const s = [...value, ...IV.slice(0, 4), counter | 0, Math.floor(counter / 2 ** 32)];
  s.push(length, flags | more);
  let m = words;
  const at = (list: number[], place: number) => list[place] ?? 0;
  const mix = (a: number, b: number, c: number, d: number, x: number, y: number) => {
    s[a] = (at(s, a) + at(s, b) + at(m, x)) | 0;
    s[d] = turned(at(s, d) ^ at(s, a), 16);
    s[c] = (at(s, c) + at(s, d)) | 0;
    s[b] = turned(at(s, b) ^ at(s, c), 12);
    s[a] = (at(s, a) + at(s, b) + at(m, y)) | 0;
    s[d] = turned(at(s, d) ^ at(s, a), 8);
    s[c] = (at(s, c) + at(s, d)) | 0;
    s[b] = turned(at(s, b) ^ at(s, c), 7);
  };
  for (let round = 0; round < 7; round++) {
    for (let i = 0; i < 4; i++) mix(i, 4 + i, 8 + i, 12 + i, 2 * i, 2 * i + 1);
    for (let i = 0; i < 4; i++) {
      const [b, c, d] = [4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4)];
      mix(i, b, c, d, 8 + 2 * i, 9 + 2 * i);
    }
    const before = m;
    m = ORDER.map((place) => at(before, place));
  }
  return IV.map((_, i) => at(s, i) ^ at(s, i + 8));
}

function chunkNode(bytes: Uint8Array, counter: number): Node {
  let value = IV;
  for (let at = 0; ; at += 64) {
    const block = new Uint8Array(64);
    const piece = bytes.subarray(at, at + 64);
    block.set(piece);
    const view = new DataView(block.buffer);
    const words = Array.from({ length: 16 }, (_, i) => view.getInt32(4 * i, true));
    const last = at + 64 >= bytes.length;
    const flags = (at === 0 ? START : 0) | (last ? END : 0);
    const node = { value, words, counter, length: piece.length, flags };
    if (last) return node;
    value = compress(node);
  }
}

const parentOf = (left: number[], right: number[]): Node => ({
  ...{ value: IV, words: [...left, ...right], counter: 0, length: 64, flags: PARENT },
});

/** The hash in hexadecimal digits. */
export function blake3(bytes: Uint8Array): string {
  const chunks = Math.max(1, Math.ceil(bytes.length / CHUNK));
  // Values of whole trees on the left, the largest first.
  const left: number[][] = [];
  for (let i = 0; i < chunks - 1; i++) {
    let value = compress(chunkNode(bytes.subarray(i * CHUNK, (i + 1) * CHUNK), i));
    for (let total = i + 1; total % 2 === 0; total /= 2) {
      value = compress(parentOf(left.pop() ?? [], value));
    }
    left.push(value);
  }
  let node = chunkNode(bytes.subarray((chunks - 1) * CHUNK), chunks - 1);
  while (left.length > 0) node = parentOf(left.pop() ?? [], compress(node));
  const root = new DataView(new ArrayBuffer(32));
  compress(node, ROOT).forEach((word, i) => {
    root.setInt32(4 * i, word, true);
  });
  const hex = (_: unknown, i: number) => root.getUint8(i).toString(16).padStart(2, "0");
  return Array.from({ length: 32 }, hex).join("");
}
