// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { updates } from "./updates.svelte";

let answer: () => Response;
const reload = vi.fn();
const running = (version?: string) => () => Response.json({ version, permissions: [] });

beforeEach(() => {
  sessionStorage.removeItem("holdfast.reloaded");
  vi.stubGlobal("fetch", async () => answer());
  vi.spyOn(location, "reload").mockImplementation(reload);
  reload.mockClear();
  updates.ready = false;
  updates.hear("1.0.0");
  updates.ready = false;
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it.each<[string, () => Response]>([
  [
    "nobody answers",
    () => {
      throw new TypeError("offline");
    },
  ],
  ["the server fails", () => new Response(null, { status: 503 })],
  ["the server is the one that it was", running("1.0.0")],
  ["the server does not say which one it is", running()],
])("leaves the page as it is when a part of it does not come and %s", async (_, then) => {
  answer = then;
  await updates.missed();
  expect(reload).not.toHaveBeenCalled();
  expect(updates.ready).toBe(false);
});

it("loads the page again when a newer server no longer has a part of it, once", async () => {
  answer = running("2.0.0");
  await updates.missed();
  expect(reload).toHaveBeenCalledTimes(1);
  await updates.missed();
  expect(reload).toHaveBeenCalledTimes(1);
  // It is said all the same, with a button.
  expect(updates.ready).toBe(true);
});

it("does not load it again where it cannot note that it did", async () => {
  answer = running("2.0.0");
  vi.stubGlobal("sessionStorage", undefined);
  await updates.missed();
  expect(reload).not.toHaveBeenCalled();
});
