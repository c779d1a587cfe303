// The house that the demo watches: its cameras, and what was recorded of them. All made up from the
// clock, so that every question about the past has the same answer.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Key frames of all scenes come so often. */
const KEY_MS = 2_000;
const iso = (ms) => new Date(ms).toISOString();

export const cameras = [
  { slug: "driveway", name: "Driveway", days: 21 },
  { slug: "front-door", name: "Front door", days: 21 },
  { slug: "garden", name: "Garden", days: 9 },
  { slug: "gate", name: "Gate", days: 2, gone: true },
];

/** `count` cameras with a year of footage each. */
export const many = (count) =>
  Array.from({ length: count }, (_, i) => ({
    ...cameras[i % 3],
    slug: `camera-${i + 1}`,
    name: `Camera ${i + 1}`,
    days: 365,
  }));

/** The camera of that name, as it would be if there were so many; or one that was added just now. */
export function cameraOf(slug) {
  const known = cameras.find((camera) => camera.slug === slug);
  const number = Number(/^camera-(\d+)$/.exec(slug)?.[1]);
  return known ?? (number ? many(number)[number - 1] : { slug, name: slug, days: 1 });
}

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
  // Footage begins with a key frame.
  return spans.map((span) => ({ ...span, from: Math.ceil(span.from / KEY_MS) * KEY_MS }));
}

const cut = (spans, from, to) =>
  spans
    .filter((span) => span.to > from && span.from < to)
    .map((span) => ({ ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) }));

const times = (span) => ({ ...span, from: iso(span.from), to: iso(span.to) });

/** Something moves now and then, by day more than at night. */
function activity(camera, from, to, resolution, now) {
  const step = Math.max(1000, resolution);
  const start = Math.floor(from / step) * step;
  const all = footage(camera, now);
  const values = [];
  for (let at = start; at < Math.min(to, now) && values.length < 4096; at += step) {
    const there = all.some((span) => span.from < at + step && span.to > at);
    // Each five minutes are quiet or not; a second of them stands for a step.
    const part = Math.floor(at / 300_000);
    const seed = ((part * 2654435761 + camera.name.length * 97) >>> 0) % 1000;
    const hour = (at / HOUR) % 24;
    const busy = seed < (hour > 6 && hour < 20 ? 260 : 40) || step > 300_000;
    const wave = Math.abs(Math.sin(at / 41_000) * Math.sin(at / 7_300 + seed));
    values.push(there && busy ? Math.round(wave ** 2 * (60 + (seed % 190))) : 0);
  }
  return { from: iso(start), step_ms: step, values };
}

/** What somebody has protected, a while ago. */
const kept = (camera, now) => {
  const at = Math.floor(now / HOUR) * HOUR - 2.2 * HOUR;
  return camera.slug === "front-door" ? [{ from: at, to: at + 0.3 * HOUR }] : [];
};

export function timeline(camera, from, to, resolution, now, more = []) {
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
    activity: activity(camera, from, to, resolution, now),
    protected: cut([...kept(camera, now), ...more], from, to).map(times),
  };
}

export const tracks = (stream) => {
  const [width, height] = stream === "sub" ? [640, 360] : [1280, 720];
  const codec_string = stream === "sub" ? "avc1.42c01e" : "avc1.64001f";
  return [{ kind: "video", codec: "H.264", codec_string, width, height, aspect: width / height }];
};

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
      tracks: tracks(stream),
    })),
    ...(rows.length > limit ? { next: String(page.at(-1).from) } : {}),
  };
}

export function describe(camera, now) {
  const all = footage(camera, now);
  const stream = (name, rate) => ({
    id: `${camera.slug}-${name}`,
    name,
    state: camera.gone ? "waiting" : "playing",
    since: iso(now - HOUR),
    ...(camera.gone ? { last_error: "connection refused", retry_at: iso(now + 8000) } : {}),
    warnings: [],
    recording: camera.gone ? "stalled" : "on",
    tracks: tracks(name),
    frame_rate: name === "sub" ? 12.5 : 25,
    bit_rate: rate,
    recorded: times({ from: all[0].from, to: all.at(-1).to }),
    durable_until: iso(all.at(-1).to),
    bytes: 4e11,
    frames: 9e6,
    lost_frames: 0,
    reconnects: 2,
    viewers: 1,
    clock: {
      ...{ source: "sender-reports", jumps: 0, since: iso(now - HOUR) },
      ...{ offset_ms: camera.slug === "garden" ? -4200 : 12, drift_ppm: 8.4 },
    },
  });
  return {
    id: camera.slug,
    slug: camera.slug,
    name: camera.name,
    managed_by_file: true,
    paused: false,
    streams: [stream("main", 4_160_000), stream("sub", 480_000)],
  };
}

/** What is wrong, and what was: newest first; those that last, or that do not, where `active` says. */
export function alarms(cameras, now, active) {
  const words = "the camera does not send: no answer within 10 s";
  const lost = cameras
    .filter(({ gone }) => gone)
    .map(({ slug }) => ({
      ...{ id: `lost-${slug}`, kind: "camera-lost", subject: `${slug}/main` },
      ...{ began: iso(now - 0.07 * HOUR), words },
    }));
  const all = [
    ...lost,
    {
      id: "2",
      kind: "disk-slow",
      subject: "disk1",
      began: iso(now - 26 * HOUR),
      ended: iso(now - 25.8 * HOUR),
      words: "the disk is slow: footage is durable only after 2400 ms",
    },
  ];
  return all.filter(({ ended }) => active === null || (active === "true") === !ended);
}
