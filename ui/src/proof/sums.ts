// SHA-256 (FIPS 180-4) and the CRC-32 of ZIPs, of what comes piece by piece: the browser's own hash
// wants all bytes at once, and is missing on plain http.

/** The first 32 bits behind the point of a root of the primes, as the standard takes its constants. */
function rootBits(root: (n: number) => number, count: number): Uint32Array {
  const bits = new Uint32Array(count);
  for (let n = 2, found = 0; found < count; n++) {
    let prime = true;
    for (let by = 2; by * by <= n; by++) if (n % by === 0) prime = false;
    if (!prime) continue;
    const value = root(n);
    bits[found++] = Math.floor((value - Math.floor(value)) * 2 ** 32);
  }
  return bits;
}

const START = rootBits(Math.sqrt, 8);
const ROUNDS = rootBits(Math.cbrt, 64);

export class Sha256 {
  private state = Uint32Array.from(START);
  private words = new Uint32Array(64);
  private block = new Uint8Array(64);
  private filled = 0;
  private length = 0;

  update(bytes: Uint8Array): void {
    this.length += bytes.length;
    let at = 0;
    if (this.filled > 0) {
      at = Math.min(64 - this.filled, bytes.length);
      this.block.set(bytes.subarray(0, at), this.filled);
      this.filled += at;
      if (this.filled < 64) return;
      this.mix(this.block, 0);
      this.filled = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) this.mix(bytes, at);
    this.block.set(bytes.subarray(at));
    this.filled = bytes.length - at;
  }

  /** The hash in hexadecimal digits; nothing can be added afterwards. */
  hex(): string {
    const { length, filled } = this;
    const rest = new Uint8Array(filled < 56 ? 64 - filled : 128 - filled);
    rest[0] = 0x80;
    const view = new DataView(rest.buffer);
    view.setUint32(rest.length - 8, Math.floor(length / 2 ** 29));
    view.setUint32(rest.length - 4, (length << 3) >>> 0);
    this.update(rest);
    return [...this.state].map((word) => word.toString(16).padStart(8, "0")).join("");
  }

  private mix(bytes: Uint8Array, from: number): void {
    const { words: w, state } = this;
    for (let i = 0; i < 16; i++) {
      const at = from + i * 4;
      w[i] =
        ((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number);
    }
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15] as number;
      const y = w[i - 2] as number;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = ((w[i - 16] as number) + s0 + (w[i - 7] as number) + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [
      ...[number, number, number, number, number, number, number, number],
    ];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUNDS[i] as number) + (w[i] as number)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      state[i] = (state[i] as number) + value;
    });
  }
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

export class Crc32 {
  private rest = 0xffffffff;

  update(bytes: Uint8Array): void {
    let rest = this.rest;
    for (const byte of bytes) rest = (rest >>> 8) ^ (TABLE[(rest ^ byte) & 255] as number);
    this.rest = rest;
  }

  get value(): number {
    return ~this.rest >>> 0;
  }
}
