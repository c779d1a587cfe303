// What the demo's cameras are to be: asked, added, changed, removed. One of them stands in a file.

const FILED = "gate";

const login = { username: "viewer", has_password: true };
const url = (slug, name) => `rtsp://192.168.1.${20 + (slug.length % 9)}/${slug}/${name}`;
const stream = (slug, name) => ({
  ...{ url: url(slug, name), transport: "auto", record: name === "main", paused: false },
  keep: name === "main" ? { max_days: 30 } : {},
});

const changed = new Map();

/** Until when somebody wants a stream to be recorded, by `camera/stream`. */
const demands = new Map();

/** When it changes by itself whether a stream is recorded. */
function planOf(slug, name, { record, schedule }) {
  const until = demands.get(`${slug}/${name}`);
  const on_demand_until = until > Date.now() ? new Date(until).toISOString() : undefined;
  const scheduled = record && !!schedule;
  const schedule_turns = scheduled ? new Date(Date.now() + 3 * 3_600_000).toISOString() : undefined;
  const plan = { scheduled, schedule_turns, on_demand_until };
  return scheduled || on_demand_until ? { recording_plan: plan } : {};
}

function settingsOf({ slug, name }) {
  const known = changed.get(slug);
  if (known) return known;
  const streams = { main: stream(slug, "main"), sub: stream(slug, "sub") };
  const made = { slug, name, managed_by_file: slug === FILED, paused: false, ...login, streams };
  changed.set(slug, made);
  return made;
}

/** A camera as the list has it, with what was changed here. */
export function withSettings(camera, described) {
  const { name, paused, managed_by_file, streams } = settingsOf(camera);
  const known = described.streams.filter((one) => streams[one.name]);
  const shown = known.map((one) => {
    const plan = planOf(camera.slug, one.name, streams[one.name]);
    const wanted = plan.recording_plan?.on_demand_until !== undefined;
    return { ...one, ...plan, ...(wanted ? { recording: "on" } : {}) };
  });
  return {
    ...{ ...described, name, paused, managed_by_file },
    streams: paused ? shown.map((one) => ({ ...one, state: "paused", recording: "off" })) : shown,
  };
}

/** RFC 7396. */
function merge(into, patch) {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const merged = { ...into };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(merged[key] ?? {}, value);
  }
  return merged;
}

/** Answers that a camera at such an address would give. */
function probe({ url: asked = "", password }, picture) {
  const of = (kind, detail) => ({
    ...{ usable: false, tracks: [], advice: [] },
    problem: { kind, detail },
  });
  if (password === "wrong") return of("denied", "401 Unauthorized");
  if (asked.includes("nobody")) return of("unreachable", "connection refused");
  const size = /sub|102|stream2|video2/.test(asked) ? "640×360" : "1920×1080";
  const track = (media, summary, frame_rate, bit_rate) => ({
    ...{ media, summary, recordable: true, frame_rate, bit_rate },
  });
  return {
    usable: true,
    tracks: [
      track("video", `H.264 High ${size}`, 25, 4_160_000),
      track("audio", "AAC 16 kHz mono", 15.6, 32_000),
    ],
    advice: [
      {
        kind: "key-frames-rare",
        detail: "key frames are 8 s apart: 1 to 2 s make seeking and live view start faster",
      },
    ],
    ...{ clock_offset_ms: -4200, key_frame_interval_ms: 8000, first_frame_ms: 740 },
    ...{ software: "IP Camera", picture },
  };
}

const nameTaken = (name) => ({
  ...{ type: "name-taken", title: "", status: 409, field: "name" },
  detail: `there is a camera "${name}" already`,
});

/**
 * The answer to what concerns them, as status and body; undefined for anything else. `cameras` is
 * the house's own list.
 */
export function manage(method, path, body, cameras, picture) {
  if (method === "POST" && path === "cameras/probe") return [200, probe(body, picture())];
  if (method === "POST" && path === "cameras") {
    if (cameras.some(({ name }) => name === body.name)) return [409, nameTaken(body.name)];
    const slug = body.name.toLowerCase().replace(/[^a-z0-9]+/g, "-") || "camera";
    const { password, ...rest } = body;
    changed.set(slug, { ...rest, slug, managed_by_file: false, has_password: !!password });
    const made = { slug, name: body.name, days: 1 };
    cameras.push(made);
    return [201, made];
  }
  const [, slug, leaf] = /^cameras\/([^/]+)(\/settings|\/record)?$/.exec(path) ?? [];
  const camera = cameras.find((one) => one.slug === slug);
  if (!camera) return undefined;
  if (leaf === "/record") {
    const [, n, unit] = /^(\d+)([smh])$/.exec(body?.for ?? "0s") ?? [];
    const until = Date.now() + n * { s: 1e3, m: 60e3, h: 3600e3 }[unit];
    const { streams } = settingsOf(camera);
    const names = Object.keys(streams);
    for (const name of body?.streams ?? names) demands.set(`${slug}/${name}`, until);
    return [200, { ...camera, streams: names.map((name) => planOf(slug, name, streams[name])) }];
  }
  if (method === "GET" && leaf) return [200, settingsOf(camera)];
  if (method !== "PATCH" && method !== "DELETE") return undefined;
  if (slug === FILED) return [409, { type: "managed-by-file", title: "", status: 409, detail: "" }];
  if (method === "DELETE") {
    cameras.splice(cameras.indexOf(camera), 1);
    changed.delete(slug);
    return [204, undefined];
  }
  const { password, ...rest } = body;
  if (cameras.some((one) => one !== camera && one.name === rest.name)) {
    return [409, nameTaken(rest.name)];
  }
  const after = merge(settingsOf(camera), rest);
  changed.set(slug, { ...after, paused: after.paused ?? false });
  camera.name = after.name;
  return [200, camera];
}
