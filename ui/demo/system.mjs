// Disks, shares, sessions and tokens of the demo's house.

const iso = (ms) => new Date(ms).toISOString();
const DAY = 86_400;
const begun = Date.now();

const uses = { attic: "drain" };
const keepFree = { disk1: "200 GB", attic: "5%" };
/** Ids of volumes that were taken out. */
const takenOut = new Set();

export function volumes(now, cameras) {
  const streams = cameras.map(({ slug }) => `${slug}/main`);
  const one = (name, more) => ({ id: `id-${name}`, name, path: `/mnt/${name}/holdfast`, ...more });
  const free = (name, total) => ({
    keep_free: keepFree[name],
    keep_free_bytes: bytesOf(keepFree[name], total),
  });
  if (cameras.length === 0) return { volumes: [] };
  const all = [
    one("disk1", {
      ...{ use: "record", managed_by_file: true, state: "ok", streams },
      ...{ total_bytes: 4e12, free_bytes: 0.31e12, ...free("disk1", 4e12) },
      ...{
        footage_bytes: 3.55e12,
        sync_ms: 18.4 + (now % 7),
        oldest: iso(now - 21 * DAY * 1000),
      },
    }),
    one("attic", {
      ...{ use: uses.attic, managed_by_file: false, state: "degraded", streams: [] },
      ...{ total_bytes: 2e12, free_bytes: 1.2e12, ...free("attic", 2e12) },
      ...{ footage_bytes: 0.6e12, sync_ms: 1840, oldest: iso(now - 9 * DAY * 1000) },
      problem: "the disk is slow: the last writes took 1840 ms. Look at its SMART values",
    }),
  ];
  return { volumes: all.filter(({ id }) => !takenOut.has(id)) };
}

const bytesOf = (text, total) => {
  const [, number, unit] = /^([\d.]+) ?(%|[kMGT]B)$/.exec(text) ?? [];
  const sizes = { "%": total / 100, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
  return number ? Number(number) * sizes[unit] : undefined;
};

export function changeVolume(id, change) {
  if (change.use) uses[id.slice(3)] = change.use;
  if (change.keep_free) keepFree[id.slice(3)] = change.keep_free;
}

export function removeVolume(id) {
  takenOut.add(id);
}

/** Streams share what there is; one with a limit leaves the rest to the others. */
export function forecast(cameras, { streams: proposals, volumes = [] }, now) {
  const asIs = bytesOf(keepFree.attic, 2e12);
  const free = volumes.map(({ keep_free }) => bytesOf(keep_free, 2e12) ?? asIs);
  const room = 3.8e12 - (free[0] ?? asIs) + asIs;
  const all = cameras.flatMap(({ slug }) => [
    { camera: slug, stream: "main", rate: 520_000, own: slug === "garden" ? { max_days: 9 } : {} },
    { camera: slug, stream: "sub", rate: 60_000, own: { max_days: 30 } },
  ]);
  for (const row of all) {
    const asked = proposals.find((p) => p.camera === row.camera && p.stream === row.stream);
    row.changed = asked !== undefined;
    row.keep = asked ? asked.keep : row.own;
    const days = row.keep.max_days ?? 3650;
    row.most = Math.min(days * DAY, (row.keep.max_bytes ?? 1e18) / row.rate);
  }
  // The reach at which all of it fills the disk.
  let [low, high] = [0, 3650 * DAY];
  for (let i = 0; i < 60; i++) {
    const reach = (low + high) / 2;
    const bytes = all.reduce((sum, { rate, most }) => sum + rate * Math.min(reach, most), 0);
    if (bytes > room) high = reach;
    else low = reach;
  }
  return {
    streams: all.map(({ camera, stream, rate, most, changed }) => {
      const reach = Math.round(Math.min(low, most));
      const held = 21 * DAY;
      return {
        ...{ camera, stream },
        forecast: { reaches_back_s: reach, share_bytes: reach * rate, protected_bytes: 0 },
        ...(changed && reach < held - DAY
          ? {
              removed: {
                ...{ bytes: (held - reach) * rate, segments: 100, complete: true },
                ...{ from: iso(now - held * 1000), to: iso(now - reach * 1000) },
              },
            }
          : {}),
      };
    }),
  };
}

let sessions = [
  ["s1", 0, true, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"],
  [
    "s2",
    3,
    false,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1",
  ],
  ["s3", 12, false, "curl/8.5.0"],
].map(([id, days, current, user_agent]) => ({
  ...{ id, current, user_agent },
  created: iso(begun - days * DAY * 1000),
  expires: iso(begun + (30 - days) * DAY * 1000),
}));
let tokens = [
  {
    ...{ name: "Home Assistant", username: "demo", permissions: ["view-live", "view-footage"] },
    created: iso(begun - 90 * DAY * 1000),
  },
];

/** The answer to what concerns accounts; undefined for anything else. */
export function access(method, path, body) {
  const [kind, name] = path.split("/").map(decodeURIComponent);
  if (kind === "sessions" && method === "GET") return { sessions };
  if (kind === "tokens" && method === "GET") return { tokens };
  if (kind === "sessions" && method === "DELETE") {
    sessions = sessions.filter(({ id }) => id !== name);
    return {};
  }
  if (kind === "tokens" && method === "DELETE") {
    tokens = tokens.filter((token) => token.name !== name);
    return {};
  }
  if (kind === "tokens" && method === "POST") {
    const made = { ...body, username: "demo", created: iso(Date.now()) };
    tokens = [made, ...tokens];
    return { ...made, secret: "hf_demo_5d41402abc4b2a76b9719d911017c592" };
  }
  return undefined;
}
