// The head of a clip.mp4: when each of its pictures is shown, and where its bytes are. Reads what
// the recorder writes (docs/design/playback.md), no other MP4.

export interface Sample {
  /** When it is presented, in milliseconds of the clip's time. */
  at: number;
  key: boolean;
  /** Whether the clip shows it; lead-in is only decoded. */
  shown: boolean;
  offset: number;
  size: number;
}

export interface ClipTable {
  /** In decode order. */
  samples: Sample[];
  /** What a decoder has to be told; undefined for what is neither H.264 nor H.265. */
  config: { codec: string; description: Uint8Array<ArrayBuffer> } | undefined;
}

interface Box {
  type: string;
  /** Of the body. */
  from: number;
  to: number;
}

/** How many bytes the head takes, as far as the first bytes tell: ask for so many if they are more. */
export function headLength(buffer: ArrayBuffer): number {
  const view = new DataView(buffer);
  let at = 0;
  while (at + 8 <= view.byteLength) {
    const size = view.getUint32(at);
    if (size < 8) break;
    at += size;
    if (text(view, at - size + 4) === "moov") return at;
  }
  return at + 8;
}

/** Throws where the bytes are no head of a clip. */
export function readClipTable(buffer: ArrayBuffer): ClipTable {
  const view = new DataView(buffer);
  const moov = need(boxes(view, 0, headLength(buffer)), "moov");
  const inside = boxes(view, moov.from, moov.to);
  const movieScale = scale(view, need(inside, "mvhd"));
  for (const trak of inside.filter(({ type }) => type === "trak")) {
    const parts = boxes(view, trak.from, trak.to);
    const mdia = within(view, parts, "mdia");
    if (text(view, need(mdia, "hdlr").from + 8) !== "vide") continue;
    const ticks = scale(view, need(mdia, "mdhd"));
    const stbl = within(view, within(view, mdia, "minf"), "stbl");
    const edit = readEdit(view, parts, movieScale, ticks);
    const samples = times(view, stbl).map(({ at, key }) => {
      const place = { offset: 0, size: 0 };
      const shown = at >= edit.start - 0.5 && at < edit.end - 0.5;
      return { at: ((at - edit.start) * 1000) / ticks + edit.delay, key, shown, ...place };
    });
    places(view, stbl, samples);
    return { samples, config: readConfig(view, need(stbl, "stsd")) };
  }
  throw new Error("there are no pictures in this clip");
}

/** When the pictures that are shown are shown, in order, in milliseconds of the clip's time. */
export function shownTimes({ samples }: ClipTable): number[] {
  return samples
    .filter(({ shown }) => shown)
    .map(({ at }) => at)
    .sort((a, b) => a - b);
}

function boxes(view: DataView, from: number, to: number): Box[] {
  const found: Box[] = [];
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) break;
    found.push({ type: text(view, at + 4), from: at + 8, to: at + size });
    at += size;
  }
  return found;
}

function need(among: Box[], type: string): Box {
  const box = among.find((each) => each.type === type);
  if (!box) throw new Error(`a clip without ${type}`);
  return box;
}

function within(view: DataView, among: Box[], type: string): Box[] {
  const box = need(among, type);
  return boxes(view, box.from, box.to);
}

function text(view: DataView, at: number): string {
  return String.fromCharCode(...new Uint8Array(view.buffer, at, 4));
}

const long = (view: DataView, at: number) => Number(view.getBigUint64(at));

/** The timescale of `mvhd` or `mdhd`. */
function scale(view: DataView, { from }: Box): number {
  return view.getUint32(from + (view.getUint8(from) === 1 ? 20 : 12));
}

/** Which media time the clip begins and ends with, and how long (ms) nothing is shown before. */
function readEdit(view: DataView, trak: Box[], movieScale: number, ticks: number) {
  let delay = 0;
  const edts = trak.find(({ type }) => type === "edts");
  if (!edts) return { start: 0, end: Number.POSITIVE_INFINITY, delay };
  const { from } = need(boxes(view, edts.from, edts.to), "elst");
  const wide = view.getUint8(from) === 1;
  for (let i = 0, at = from + 8; i < view.getUint32(from + 4); i++, at += wide ? 20 : 12) {
    const length = wide ? long(view, at) : view.getUint32(at);
    const start = wide ? Number(view.getBigInt64(at + 8)) : view.getInt32(at + 4);
    if (start >= 0) return { start, end: start + (length / movieScale) * ticks, delay };
    delay += (length * 1000) / movieScale;
  }
  return { start: 0, end: 0, delay };
}

/** Presentation times in ticks, in decode order. */
function times(view: DataView, stbl: Box[]): { at: number; key: boolean }[] {
  const found: { at: number; key: boolean }[] = [];
  const stts = need(stbl, "stts").from;
  const sync = stbl.find(({ type }) => type === "stss");
  let time = 0;
  for (let i = 0; i < view.getUint32(stts + 4); i++) {
    const [count, delta] = [view.getUint32(stts + 8 + 8 * i), view.getUint32(stts + 12 + 8 * i)];
    for (let n = 0; n < count; n++, time += delta) found.push({ at: time, key: !sync });
  }
  const ctts = stbl.find(({ type }) => type === "ctts")?.from;
  let sample = 0;
  for (let i = 0; ctts !== undefined && i < view.getUint32(ctts + 4); i++) {
    const count = view.getUint32(ctts + 8 + 8 * i);
    for (let n = 0; n < count; n++, sample++) {
      const one = found[sample];
      if (one) one.at += view.getInt32(ctts + 12 + 8 * i);
    }
  }
  for (let i = 0; sync && i < view.getUint32(sync.from + 4); i++) {
    const one = found[view.getUint32(sync.from + 8 + 4 * i) - 1];
    if (one) one.key = true;
  }
  return found;
}

/** Fills in where the bytes of each sample are. */
function places(view: DataView, stbl: Box[], samples: Sample[]): void {
  const sizes = need(stbl, "stsz").from;
  const one = view.getUint32(sizes + 4);
  const stsc = need(stbl, "stsc").from;
  const wide = stbl.find(({ type }) => type === "co64")?.from;
  const chunks = wide ?? need(stbl, "stco").from;
  let [entry, next] = [0, 0];
  for (let chunk = 0; chunk < view.getUint32(chunks + 4); chunk++) {
    while (
      entry + 1 < view.getUint32(stsc + 4) &&
      view.getUint32(stsc + 8 + 12 * (entry + 1)) <= chunk + 1
    ) {
      entry++;
    }
    let at = wide ? long(view, chunks + 8 + 8 * chunk) : view.getUint32(chunks + 8 + 4 * chunk);
    for (let n = view.getUint32(stsc + 12 + 12 * entry); n > 0; n--, next++) {
      const sample = samples[next];
      if (!sample) return;
      sample.offset = at;
      sample.size = one || view.getUint32(sizes + 12 + 4 * next);
      at += sample.size;
    }
  }
}

/** Bytes of a visual sample entry before the boxes in it. */
const VISUAL_BYTES = 78;

function readConfig(view: DataView, stsd: Box): ClipTable["config"] {
  // Other parameters are another entry: then the decoder cannot be told once for all.
  if (view.getUint32(stsd.from + 4) !== 1) return undefined;
  const [entry] = boxes(view, stsd.from + 8, stsd.to);
  const inner = entry ? boxes(view, entry.from + VISUAL_BYTES, entry.to) : [];
  const box = inner.find(({ type }) => type === "avcC" || type === "hvcC");
  if (!entry || !box) return undefined;
  const description = new Uint8Array(view.buffer as ArrayBuffer, box.from, box.to - box.from);
  return { codec: codecName(entry.type, description), description };
}

function codecName(entry: string, body: Uint8Array): string {
  const hex = (byte: number | undefined) => (byte ?? 0).toString(16).padStart(2, "0");
  if (!entry.startsWith("hvc") && !entry.startsWith("hev")) {
    return `${entry}.${hex(body[1])}${hex(body[2])}${hex(body[3])}`;
  }
  const [profile = 0, level = 0] = [body[1], body[12]];
  const space = ["", "A", "B", "C"][profile >> 6] ?? "";
  let flags = new DataView(body.buffer, body.byteOffset).getUint32(2);
  let reversed = 0;
  for (let i = 0; i < 32; i++, flags >>>= 1) reversed = ((reversed << 1) | (flags & 1)) >>> 0;
  const tier = profile & 0x20 ? "H" : "L";
  const constraints = [...body.subarray(6, 12)].map((byte) => byte.toString(16).toUpperCase());
  while (constraints.at(-1) === "0") constraints.pop();
  const parts = [entry, `${space}${profile & 31}`, reversed.toString(16), `${tier}${level}`];
  return [...parts, ...constraints].join(".");
}
