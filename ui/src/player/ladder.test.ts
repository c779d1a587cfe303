import { describe, expect, it } from "vitest";
import { climbAfterMs, down, firstStep } from "./ladder";

const all = { media: true, playlists: false };
const phone = { media: false, playlists: true };
const none = { media: false, playlists: false };

describe("the way that pictures come", () => {
  it.each([
    [all, "playable", false, { step: "socket" }],
    [all, "playable", true, { step: "hls", reason: "blocked" }],
    [phone, "playable", false, { step: "hls", reason: "media" }],
    [none, "playable", false, { step: "stills", reason: "media" }],
    [all, "unplayable", false, { step: "stills", reason: "codec" }],
    [all, "pictures", true, { step: "stills", reason: "pictures" }],
  ] as const)("%o, %s, blocked %s: begins with %o", (can, sent, blocked, expected) =>
    expect(firstStep(can, sent, blocked)).toEqual(expected),
  );

  it("goes down one after the other, and says why", () => {
    const hls = down({ step: "socket" }, "blocked", all);
    expect(hls).toEqual({ step: "hls", reason: "blocked" });
    expect(down(hls, "hls", all)).toEqual({ step: "stills", reason: "hls" });
    expect(down({ step: "socket" }, "codec", all)).toEqual({ step: "stills", reason: "codec" });
    expect(down({ step: "socket" }, "blocked", none)).toEqual({
      step: "stills",
      reason: "blocked",
    });
  });

  it("looks up again where that can help", () => {
    expect(climbAfterMs({ step: "socket" })).toBeUndefined();
    expect(climbAfterMs({ step: "hls", reason: "blocked" })).toBeLessThan(30_000);
    expect(climbAfterMs({ step: "stills", reason: "hls" })).toBeDefined();
    expect(climbAfterMs({ step: "stills", reason: "pictures" })).toBeUndefined();
    expect(climbAfterMs({ step: "hls", reason: "media" })).toBeUndefined();
  });
});
