// @vitest-environment happy-dom
import { beforeAll, describe, expect, it } from "vitest";
import { ApiError } from "../../../api/http";
import type { ProbeHint } from "../../../api/types";
import { languages, speak, speakWhole } from "../../../texts";
import { t } from "../../../texts/later";
import { blank, wrongIn } from "./draft";
import { hintText, refusedIn, saidOf, stillRefused } from "./said";

// As the page does before it shows what is behind the first pages.
beforeAll(speakWhole);

const refusal = (type: string, field: string | undefined, detail: string) =>
  new ApiError({ type, title: "", status: 400, detail, ...(field ? { field } : {}) });

function draft() {
  const draft = blank();
  draft.name = "Door";
  return draft;
}

describe("what the recorder refused", () => {
  it("stands at its field, as long as the value is the same", async () => {
    await speak("en", []);
    const written = draft();
    const error = refusal("bad-input", "streams.main.url", "not a URL: invalid port number");
    const refused = refusedIn(written, error);
    expect(stillRefused(written, refused)).toEqual({
      "main.url": "Not a URL: invalid port number.",
    });
    if (written.streams.main) written.streams.main.url = "rtsp://192.0.2.1/";
    expect(stillRefused(written, refused)).toEqual({});
  });

  it("is said in the reader's language", async () => {
    await speak("de", []);
    for (const [type, field, place, words] of [
      ["name-taken", "name", "name", t.manage.nameTaken],
      ["bad-input", "name", "name", t.manage.needsName],
      ["bad-input", "password", "password", t.manage.needsUser],
      ["bad-input", "streams.sub.keep.max_days", "sub.maxDays", t.manage.needsNumber],
      ["bad-input", "streams.sub.keep.min_days", "sub.minDays", t.manage.needsOrder],
      ["bad-input", "streams.main.keep.max_bytes", "main.maxSize", t.manage.needsSize],
      ["bad-input", "streams.main.volume", "main.volume", t.manage.needsVolume],
    ] as const) {
      const refused = refusedIn(draft(), refusal(type, field, "in English"));
      expect([refused?.place, refused?.words], field).toEqual([place, words]);
    }
  });

  it.each([undefined, "body", "slug", "streams", "streams.main.transport", "streams.low.url"])(
    "is at no field where the form has none for %j",
    (field) => expect(refusedIn(draft(), refusal("bad-input", field, "no"))).toBeUndefined(),
  );
});

it("has words for whatever is wrong", async () => {
  await speak("fr", []);
  const written = draft();
  Object.assign(written.streams.main ?? {}, { maxDays: "7", minDays: "8", maxSize: "x" });
  expect(saidOf(wrongIn(written), written, true)).toEqual({
    "main.url": t.manage.needsUrl,
    "main.minDays": t.manage.needsOrder,
    "main.maxSize": t.manage.needsSize,
  });
});

describe("what the recorder makes of a camera", () => {
  const KINDS = [
    ...(["no-key-frame", "key-frames-rare", "key-frames-few"] as const),
    ...(["h265", "mjpeg", "no-audio"] as const),
  ];

  it.each(languages)("is said in $language", async ({ language }) => {
    await speak(language, []);
    for (const kind of KINDS) {
      const words = hintText({ kind, detail: "in English" });
      expect(words).toBe(t.manage.hints[kind]);
    }
    // Why, only the recorder knows.
    const leftOut = hintText({ kind: "track-left-out", detail: "its codec is X" });
    expect(leftOut).toContain("ts codec is X");
    if (language !== "en") expect(leftOut).not.toMatch(/^its codec/i);
  });

  it("is said in its own words where the page knows none", async () => {
    await speak("de", []);
    const hint = { kind: "moon-full", detail: "the moon is full" };
    expect(hintText(hint as unknown as ProbeHint)).toBe("the moon is full");
  });
});
