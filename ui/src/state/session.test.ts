// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask } from "../api/http";
import { session, wasSignedIn } from "./session.svelte";

const STILL = "holdfast.still.door";
const root = {
  name: "holdfast",
  caller: { kind: "user", name: "Anna" },
  permissions: ["view-live"],
  time_zone: "UTC",
  now: "2026-11-22T20:00:00Z",
  setup_needed: false,
};

let answer: () => Response;

beforeEach(async () => {
  vi.stubGlobal("fetch", async () => answer());
  answer = () => Response.json(root);
  await session.ask();
  sessionStorage.setItem(STILL, "{}");
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("signing out", () => {
  it.each([
    ["the server fails", () => new Response(null, { status: 503 })],
    [
      "nobody answers",
      () => {
        throw new TypeError("offline");
      },
    ],
  ])("is not done when %s", async (_, failing) => {
    answer = failing;
    expect(await session.leave()).toBe(false);
    expect(session.standing).toBe("in");
    expect(session.root).toBeDefined();
    expect(wasSignedIn()).toBe(true);
  });

  it.each([204, 401])("is done when the server says %i", async (status) => {
    answer = () => new Response(null, { status });
    expect(await session.leave()).toBe(true);
    expect(session.standing).toBe("anonymous");
    expect(session.ended).toBe(false);
    expect(wasSignedIn()).toBe(false);
    expect(sessionStorage.getItem(STILL)).toBeNull();
  });
});

it("forgets the pictures when the session ends by itself", async () => {
  answer = () => new Response(null, { status: 401 });
  await expect(ask("GET", "cameras")).rejects.toThrow();
  expect(session.standing).toBe("anonymous");
  expect(session.ended).toBe(true);
  expect(sessionStorage.getItem(STILL)).toBeNull();
});

it("takes the server's clock in whole milliseconds", () => {
  vi.spyOn(Date, "now").mockReturnValue(1_001);
  session.setClock("1970-01-01T00:00:05Z", 1_000);
  expect(Number.isInteger(session.now())).toBe(true);
  expect(Math.abs(session.now() - 5_000)).toBeLessThanOrEqual(1);
});

it("forgets the pictures of a session that ended while nobody looked", async () => {
  answer = () => Response.json({ ...root, permissions: [] });
  session.standing = "asking";
  await session.ask();
  expect(session.standing).toBe("anonymous");
  expect(sessionStorage.getItem(STILL)).toBeNull();
});
