// What a recorder answers, made up: everything but media. It lives as long as the page.

import * as managed from "./cameras.mjs";
import * as exported from "./exports.mjs";
import * as house from "./house.mjs";
import { logs } from "./log.mjs";
import * as system from "./system.mjs";

const PERMISSIONS = [
  ...["public", "signed-in", "view-live", "view-footage", "export"],
  ...["manage-footage", "manage-cameras", "manage-system"],
];
const MANY = 16;

const iso = (ms) => new Date(ms).toISOString();
const when = (value, other) =>
  value === null ? other : /^\d+$/.test(value) ? Number(value) : Date.parse(value);

const ok = (body, status = 200) => ({ status, body });
const problem = (status, type, detail) => ({
  status,
  body: { type, title: type, status, detail },
});

function camerasOf(state) {
  if (state === "empty") return [];
  if (state === "many") return house.many(MANY);
  return state === "well" ? house.cameras.filter(({ gone }) => !gone) : house.cameras;
}

/**
 * A recorder in one of these states: of `well` nothing is wrong, `empty` has no cameras, `many` has
 * sixteen with a year of footage each, `login` knows nobody yet, `setup` has no account. In any
 * other, one camera is gone. `picture` gives a still's address.
 */
export function recorder(state, publicKey, picture) {
  const cameras = camerasOf(state);
  if (state === "empty") exported.clear();
  const begun = Date.now() - 5 * 86_400_000;
  let signedIn = state !== "login" && state !== "setup";
  /** What was protected here, by stream. */
  const kept = new Map();

  const nameOf = (slug) => cameras.find((camera) => camera.slug === slug)?.name ?? slug;

  function root(now) {
    return ok({
      ...{ name: "holdfast", version: "0.1.0", archive: "demo", public_key: publicKey },
      started: iso(begun),
      caller: signedIn ? { kind: "user", name: "demo" } : { kind: "anonymous" },
      permissions: signedIn ? PERMISSIONS : ["public"],
      time_zone: "Europe/Berlin",
      now: iso(now),
      setup_needed: state === "setup" && !signedIn,
    });
  }

  function stream(method, camera, name, leaf, params, now) {
    const from = when(params.get("from"), 0);
    const to = when(params.get("to"), now);
    const path = `${camera.slug}/${name}`;
    const spans = kept.get(path) ?? [];
    if (leaf === "timeline") {
      const ms = Number.parseFloat(params.get("resolution") ?? "1000");
      return ok(house.timeline(camera, from, to, ms, now, spans));
    }
    if (leaf === "recordings") {
      const limit = Number(params.get("limit") ?? 50);
      return ok(house.recordings(camera, name, from, to, now, params.get("cursor"), limit));
    }
    const others = spans.filter((span) => span.from >= to || span.to <= from);
    kept.set(path, method === "PUT" ? [...others, { from, to }].sort(byTime) : others);
    return method === "DELETE" ? ok(undefined, 204) : ok({ from, to });
  }

  function exportsOf(method, path, body, now) {
    if (method === "POST") return ok(exported.add(body, nameOf, now), 201);
    if (method === "DELETE") {
      exported.remove(path.slice("exports/".length));
      return ok(undefined, 204);
    }
    const [, id] = /^exports\/([^/]+)\/manifest\.json$/.exec(path) ?? [];
    if (!id) return ok(exported.exports(now));
    const gapsOf = (slug, from, to) => {
      const camera = cameras.find((one) => one.slug === slug);
      return camera ? house.timeline(camera, from, to, 1, now).gaps : [];
    };
    const said = exported.manifest(id, gapsOf);
    return said ? ok(said) : problem(404, "not-found", "there is no such export");
  }

  function systemOf(method, path, body, now) {
    if (path === "volumes") return ok(system.volumes(now, cameras));
    if (path.startsWith("volumes/")) {
      const id = path.slice("volumes/".length);
      if (method === "DELETE") system.removeVolume(id);
      else system.changeVolume(id, body ?? {});
      return ok(undefined, 204);
    }
    if (path === "forecast") return ok(system.forecast(cameras, body, now));
    const answer = system.access(method, path, body);
    if (answer) return ok(answer, method === "POST" ? 201 : 200);
    return problem(404, "no-such-route", "there is nothing here");
  }

  /** @param path below `api/v1/`; @param body what was sent as JSON, if anything */
  function answer(method, path, params, body) {
    const now = Date.now();
    if (path === "login" || path === "logout" || path === "setup") {
      signedIn = path !== "logout";
      return ok(undefined, 204);
    }
    if (path === "") return root(now);
    if (!signedIn) return problem(401, "unauthenticated", "sign in first");
    if (
      /^cameras\/(probe|[^/]+\/(settings|record))$/.test(path) ||
      /^(POST|PATCH|DELETE) cameras(\/[^/]+)?$/.test(`${method} ${path}`)
    ) {
      const [status, said] = managed.manage(method, path, body, cameras, picture) ?? [];
      return status ? ok(said, status) : problem(404, "not-found", "there is no such camera");
    }
    if (path === "cameras") {
      return ok({
        cameras: cameras.map((one) => managed.withSettings(one, house.describe(one, now))),
      });
    }
    if (path.startsWith("exports")) return exportsOf(method, path, body, now);
    if (path === "logs") return ok(logs(now, params));
    if (path === "alarms") {
      return ok({ alarms: house.alarms(cameras, now, params.get("active")) });
    }
    const [, slug, name, leaf] =
      /^cameras\/([^/]+)\/streams\/([^/]+)\/(timeline|recordings|protected)$/.exec(path) ?? [];
    const camera = cameras.find((own) => own.slug === slug);
    if (leaf && !camera) return problem(404, "no-such-camera", "there is no such camera");
    if (leaf) return stream(method, camera, name, leaf, params, now);
    return systemOf(method, path, body, now);
  }

  const goneSince = (slug) => {
    const camera = cameras.find((own) => own.slug === slug);
    return camera?.gone ? house.breaks(camera, Date.now()).at(-1).from : undefined;
  };
  const exportOf = (id) => exported.exports(Date.now()).exports.find((own) => own.id === id);
  return { answer, cameras: () => cameras, goneSince, exportOf };
}

const byTime = (one, other) => one.from - other.from;
