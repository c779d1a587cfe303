// Exports of the demo's house: one of each state, and those that are asked for while it runs.

const iso = (ms) => new Date(ms).toISOString();
const MINUTE = 60_000;
const SPEED = 12e6;

const begun = Date.now();
const stream = (camera, camera_name, name = "main", has_footage = true) => ({
  ...{ camera, camera_name, stream: name, has_footage },
});

let next = 100;
const one = (name, ago, length, streams, more) => ({
  id: `01930000-0000-7000-8000-000000000${next++}`,
  name,
  asked: iso(begun - ago * MINUTE),
  by: "Anna",
  from: iso(begun - (ago + 40 + length) * MINUTE),
  to: iso(begun - (ago + 40) * MINUTE),
  bytes: Math.round(length * 60 * 520_000 * streams.length),
  streams: streams.map((own) => stream(...own)),
  together: false,
  timestamps: false,
  ...more,
});

const door = ["front-door", "Front door"];
const drive = ["driveway", "Driveway"];
let list = [
  one("Who took the bins", 0.1, 25, [drive, door], { state: "writing" }),
  one(
    "Everything of Sunday, for the insurance, with all that was seen at the gate",
    0.05,
    180,
    [drive, door, ["garden", "Garden", "sub"]],
    { state: "waiting" },
  ),
  one("The parcel", 190, 1, [door, drive], { state: "done", timestamps: true }),
  one(
    "Fox",
    1600,
    1,
    [
      ["garden", "Garden"],
      ["gate", "Gate", "main", false],
    ],
    {
      state: "done",
      by: "Bert",
    },
  ),
  one("Hail", 4000, 30, [drive], {
    state: "failed",
    problem:
      "the footage of driveway/main aged out before it was written: protect what is to be exported, and ask again",
  }),
];

export function clear() {
  list = [];
}

function standing(row, now) {
  if (row.state === "writing") {
    const written = Math.min(row.bytes, ((now - Date.parse(row.asked)) / 1000) * SPEED);
    if (written < row.bytes) return { ...row, written_bytes: Math.round(written) };
    row.state = "done";
  }
  return { ...row, written_bytes: row.state === "done" ? row.bytes : 0 };
}

export function exports(now) {
  const rows = list.map((row) => standing(row, now));
  const bytes = rows.reduce((sum, row) => sum + (row.state === "failed" ? 0 : row.bytes), 0);
  return { exports: rows, bytes, max_bytes: 20e9 };
}

export function add(asked, names, now) {
  const row = one(asked.name ?? names(asked.streams[0].split("/")[0]), 0, 1, [], {
    ...{ from: asked.from, to: asked.to, asked: iso(now), by: "demo", state: "writing" },
    ...{ together: asked.together, timestamps: asked.timestamps },
  });
  row.streams = asked.streams.map((path) => {
    const [camera, name] = path.split("/");
    return stream(camera, names(camera), name);
  });
  const seconds = (Date.parse(asked.to) - Date.parse(asked.from)) / 1000;
  row.bytes = Math.round(seconds * 520_000 * row.streams.length);
  list = [row, ...list];
  return standing(row, now);
}

/** What the file of one that is done says of itself; undefined where there is none. */
export function manifest(id, gapsOf) {
  const row = list.find((one) => one.id === id && one.state === "done");
  if (!row) return undefined;
  const hashes = { bytes: 1e6, blake3: "0".repeat(64), sha256: "0".repeat(64) };
  const clip = ({ camera, camera_name, stream }) => ({
    ...{ file: `${camera}_${stream}.mp4`, ...hashes, shown: { from: row.from, to: row.to } },
    streams: [
      {
        ...{ camera, camera_name, stream, codecs: ["avc1.64001f"] },
        gaps: gapsOf(camera, Date.parse(row.from), Date.parse(row.to)),
      },
    ],
  });
  const empty = row.streams.filter(({ has_footage }) => !has_footage);
  return {
    ...{ holdfast_export: 1, id, name: row.name, public_key: "a1".repeat(32), by: row.by },
    ...{ software: "holdfast 0.1.0", made: row.asked, asked: { from: row.from, to: row.to } },
    clips: row.streams.filter(({ has_footage }) => has_footage).map(clip),
    without_footage: empty.map(({ camera, stream }) => `${camera}/${stream}`),
    page: hashes,
  };
}

export function remove(id) {
  list = list.filter((row) => row.id !== id);
}
