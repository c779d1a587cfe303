// What the demo's recorder says of itself: a few lines of before, and one every few seconds.

const said = [
  ["info", "holdfast::daemon", "how the process ended before", { ended: "shutdown" }],
  ["info", "holdfast::daemon::record", "recording", { volume: "disk1", path: "/srv/holdfast" }],
  ["info", "holdfast::daemon::house", "cameras are as configured", { stopped: 0, started: 8 }],
  ["info", "holdfast::daemon::serving", "the page is at http://192.0.2.5:8080/", {}],
  [
    ...["info", "camera::run", "receiving"],
    { stream: "front-door/main", tracks: "H.264 2560x1440, AAC" },
  ],
  ["info", "camera::run", "receiving", { stream: "driveway/main", tracks: "H.265 3840x2160" }],
  [
    ...[
      "warn",
      "camera::run",
      "the camera closed the connection: it may restart",
      { stream: "garden/main" },
    ],
  ],
  [
    ...["error", "holdfast::daemon::alarms", "the camera has not sent for 30 s"],
    { alarm: "camera-lost", subject: "garden/main" },
  ],
  [
    ...[
      "warn",
      "holdfast::daemon::retaining",
      "the disk is slow: footage is safe later than promised",
    ],
    { volume: "attic" },
  ],
  ["info", "holdfast::daemon::exporting", "exported", { export: "0193-51", bytes: 184_220_113 }],
];
const begun = Date.now();
const first = begun * 1000;
const EVERY_MS = 5_000;

function line(number, at) {
  const [level, target, message, fields] = said[number % said.length];
  const about = fields.stream ?? fields.subject;
  return {
    ...{ number: first + number, at: new Date(at).toISOString(), level, target, message },
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, String(value)]),
    ),
    ...(about ? { camera: about.split("/")[0] } : {}),
  };
}

const LEVELS = ["debug", "info", "warn", "error"];

/** The answer to `GET logs`. */
export function logs(now, asked) {
  const count = 40 + Math.floor((now - begun) / EVERY_MS);
  const all = Array.from({ length: count }, (_, i) => line(i, begun - (39 - i) * EVERY_MS));
  const after = Number(asked.get("after") ?? 0);
  const before = Number(asked.get("before") ?? Number.MAX_SAFE_INTEGER);
  const least = LEVELS.indexOf(asked.get("level") || "debug");
  const camera = asked.get("camera");
  const text = (asked.get("text") ?? "").toLowerCase();
  const lines = all.filter(
    (one) =>
      one.number > after &&
      one.number < before &&
      LEVELS.indexOf(one.level) >= least &&
      (!camera || one.camera === camera) &&
      JSON.stringify(one).toLowerCase().includes(text),
  );
  return { lines, next: first + count - 1, more: false, lost: 0, restarted: false };
}
