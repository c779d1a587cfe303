// The house that the demo watches: its cameras, and what was recorded of them. All made up from the
// clock, so that every question about the past has the same answer.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const iso = (ms) => new Date(ms).toISOString();

export const cameras = [
  { slug: "driveway", name: "Driveway", scene: "driveway", days: 21, hue: "0x31465e" },
  { slug: "front-door", name: "Front door", scene: "hall", days: 21, hue: "0x5e4a31" },
  { slug: "garden", name: "Garden", scene: "garden", days: 9, hue: "0x35532f" },
  { slug: "workshop", name: "Workshop", scene: "driveway", days: 2, hue: "0x4a3560", gone: true },
];

/** `count` cameras with a year of footage each. */
export const many = (count) =>
  Array.from({ length: count }, (_, i) => ({
    ...cameras[i % 3],
    slug: `camera-${i + 1}`,
    name: `Camera ${i + 1}`,
    days: 365,
  }));

/** Breaks in a camera's footage, oldest first. */
export function breaks(camera, now) {
  const day = Math.floor(now / DAY) * DAY;
  const found = [];
  for (let d = camera.days; d >= 0; d--) {
    const at = day - d * DAY;
    const seed = (d * 7 + camera.name.length * 13) % 10;
    if (seed < 4)
      found.push({ from: at + 9.3 * HOUR, to: at + (9.4 + seed / 9) * HOUR, cause: "camera-gone" });
    if (seed === 7) found.push({ from: at + 2 * HOUR, to: at + 4.5 * HOUR, cause: "shutdown" });
  }
  found.push({
    from: now - (now % HOUR) - HOUR * 0.4,
    to: now - (now % HOUR) - HOUR * 0.36,
    cause: "silent",
  });
  if (camera.gone) found.push({ from: now - 0.07 * HOUR, to: now + DAY, cause: "camera-gone" });
  return found.filter((gap) => gap.from < now).sort((a, b) => a.from - b.from);
}

export function footage(camera, now) {
  const spans = [];
  let from = now - camera.days * DAY;
  for (const gap of breaks(camera, now)) {
    if (gap.from > from) spans.push({ from, to: gap.from });
    from = Math.max(from, gap.to);
  }
  if (from < now) spans.push({ from, to: now });
  return spans;
}

const cut = (spans, from, to) =>
  spans
    .filter((span) => span.to > from && span.from < to)
    .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }));

const times = (span) => ({ ...span, from: iso(span.from), to: iso(span.to) });

export function timeline(camera, from, to, resolution, now) {
  const merged = [];
  for (const span of footage(camera, now)) {
    const last = merged.at(-1);
    if (last && span.from - last.to < resolution) last.to = span.to;
    else merged.push({ ...span });
  }
  const gaps = merged.slice(1).map((span, i) => ({
    from: merged[i].to,
    to: span.from,
    cause: breaks(camera, now).find((gap) => gap.from === merged[i].to)?.cause ?? null,
  }));
  const all = footage(camera, now);
  return {
    from: iso(from),
    to: iso(to),
    resolution_ms: resolution,
    recorded: times({ from: all[0].from, to: all.at(-1).to }),
    durable_until: iso(all.at(-1).to),
    footage: cut(merged, from, to).map(times),
    gaps: cut(gaps, from, to).map(times),
  };
}

const tracks = (width, height) => [
  {
    kind: "video",
    codec: "H.264",
    codec_string: "avc1.64001f",
    width,
    height,
    aspect: width / height,
  },
];

/** Segments of up to an hour, newest first. */
export function recordings(camera, stream, from, to, now, cursor, limit) {
  const rate = stream === "main" ? 520_000 : 60_000;
  const rows = [];
  const before = cursor ? Number(cursor) : Math.min(to, now);
  for (const span of footage(camera, now).reverse()) {
    for (let end = span.to; end > span.from; ) {
      const hour = Math.max(span.from, Math.floor((end - 1) / HOUR) * HOUR);
      if (hour < before && end > from) {
        rows.push({ from: hour, to: end, cause: end === span.to ? span.to : undefined });
      }
      end = hour;
      if (rows.length > limit) break;
    }
    if (rows.length > limit) break;
  }
  const page = rows.slice(0, limit);
  return {
    recordings: page.map((row) => ({
      id: `${camera.slug}-${stream}-${row.from}`,
      run: "r",
      segments: 12,
      from: iso(row.from),
      to: iso(row.to),
      bytes: Math.round(((row.to - row.from) / 1000) * rate),
      frames: Math.round((row.to - row.from) / 40),
      growing: row.to >= now - 2000,
      end_cause: breaks(camera, now).find((gap) => gap.from === row.to)?.cause,
      tracks: stream === "main" ? tracks(1920, 1080) : tracks(640, 360),
    })),
    ...(rows.length > limit ? { next: String(page.at(-1).from) } : {}),
  };
}

export function describe(camera, now) {
  const all = footage(camera, now);
  const stream = (name, width, height, rate) => ({
    id: `${camera.slug}-${name}`,
    name,
    state: camera.gone ? "waiting" : "playing",
    since: iso(now - HOUR),
    ...(camera.gone ? { last_error: "connection refused", retry_at: iso(now + 8000) } : {}),
    warnings: [],
    recording: camera.gone ? "stalled" : "on",
    tracks: tracks(width, height),
    frame_rate: 25,
    bit_rate: rate,
    recorded: times({ from: all[0].from, to: all.at(-1).to }),
    durable_until: iso(all.at(-1).to),
    bytes: 4e11,
    frames: 9e6,
    lost_frames: 0,
    reconnects: 2,
    viewers: 1,
  });
  return {
    id: camera.slug,
    slug: camera.slug,
    name: camera.name,
    managed_by_file: true,
    paused: false,
    streams: [stream("main", 1920, 1080, 4_160_000), stream("sub", 640, 360, 480_000)],
  };
}

/** What is wrong, and what was: newest first. */
export function alarms(now) {
  const began = now - 0.07 * HOUR;
  const words = "the camera does not send: no answer within 10 s";
  return [
    { id: "1", kind: "camera-lost", subject: "workshop/main", began: iso(began), words },
    {
      id: "2",
      kind: "disk-slow",
      subject: "disk1",
      began: iso(now - 26 * HOUR),
      ended: iso(now - 25.8 * HOUR),
      words: "the disk is slow: footage is durable only after 2400 ms",
    },
  ];
}
