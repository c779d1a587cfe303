// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { en } from "./en";
import "./en/later";
import * as format from "./format";
import { type Language, languageFor, languages, problemText, speak, speakWhole, t } from "./index";

/** Words that are the same in two languages, and names. */
const SAME = new Set([
  ..."Holdfast Name Live Filter Stream Streams Alarms Alarmes Pause Position Esc End Enter".split(
    " ",
  ),
  ..."System Version Byte Bytes byte bytes ppm SHA Clips Volumes Exports".split(" "),
]);
/** Only names, numbers and a time: the same in some languages. */
const ALIKE = new Set([".title", ".account.version", ".player.snapshotName", ".storage.reaches"]);
const MOMENT = Date.parse("2026-11-23T13:03:12.480Z");
/** Arguments for any function of the catalogue: names, moments, lengths, counts. */
const NUMBERS = [0, 1, 2, 5, 1_000_000, MOMENT];

type Value = string | ((...values: never[]) => string) | { [key: string]: Value };

/** Every sentence of a catalogue by its path; functions are called with sample values. */
function sentences(of: Value, path = ""): [string, string][] {
  if (typeof of === "string") return [[path, of]];
  if (typeof of === "function") {
    const said = of as unknown as (...values: unknown[]) => string;
    const tries = NUMBERS.map((n) => [n, n + 60_000]);
    const names = [["Xyz", "Xyz"], ["Xyz", 60_000, "Xyz"], ["main"], ["sub"]];
    return [...tries, ...names, [3, 3], ["Xyz", "Qqq", "Www"]].flatMap((values) => {
      try {
        return [[`${path}(${values.join()})`, String(said(...values))] as [string, string]];
      } catch {
        // A name where a moment is wanted.
        return [];
      }
    });
  }
  return Object.entries(of).flatMap(([key, value]) => sentences(value, `${path}.${key}`));
}

/** The shape: keys, and how many arguments each function takes. */
function shape(of: Value, path = ""): string[] {
  if (typeof of === "string") return [path];
  if (typeof of === "function") return [`${path}(${of.length})`];
  return Object.entries(of).flatMap(([key, value]) => shape(value, `${path}.${key}`));
}

beforeEach(() => format.setFormat({ zone: "UTC" }));

const others = languages.map(({ language }) => language).filter((one) => one !== "en");

describe.each(others)("%s", (language: Language) => {
  beforeEach(async () => {
    expect(await speak(language, [])).toBe(true);
    await speakWhole();
  });

  it("has every sentence, with the same arguments", () => {
    expect(shape(t).sort()).toEqual(shape(en).sort());
  });

  it("leaves nothing empty, unfilled or in English", () => {
    const english = new Map(sentences(en));
    const wrong = sentences(t).filter(([path, words]) => {
      // A name where a number is wanted, or too few of them: not said in English either.
      if (/NaN|undefined/.test(english.get(path) ?? "")) return false;
      const letters = words.replace(/Xyz|Qqq|Www|main|sub/g, "").match(/\p{L}{3,}/gu);
      const same = words === english.get(path) && letters?.some((word) => !SAME.has(word));
      const dates = /undefined|NaN|\[object|#|Invalid/.test(words);
      const leftOver =
        /\b(the|you|your|this|is|of|and|with|again|recorder|camera|cameras|seconds?)\b/i.test(
          words,
        ) && !/holdfast config/.test(words);
      return words.trim() === "" || same || dates || leftOver;
    });
    expect(wrong.filter(([path]) => !ALIKE.has(path.replace(/\(.*/s, "")))).toEqual([]);
  });

  it("says every value that it is given", () => {
    const silentIn = (of: Value) =>
      sentences(of)
        .filter(([path, words]) => path.includes("(Xyz,Qqq,Www)") && !words.includes("Xyz"))
        .map(([path]) => path)
        .sort();
    expect(silentIn(t)).toEqual(silentIn(en));
  });

  it("counts by its own rules", () => {
    expect(t.cameras.camera(1)).toMatch(/1/);
    const alike = t.cameras.camera(1).replace("1", "2") === t.cameras.camera(2);
    expect(alike).toBe(language === "ja" || language === "zh");
    expect(t.cameras.camera(1234)).toContain(format.number(1234));
  });
});

it.each([
  ["de", "23. Nov. 2026, 13:03:12"],
  ["ja", "2026年11月23日 13:03:12"],
  ["zh", "2026年11月23日 13:03:12"],
] as const)("shows a moment as one does in %s", async (language, expected) => {
  await speak(language, []);
  expect(format.moment(MOMENT)).toBe(expected);
});

it("counts in French from nothing and to millions", async () => {
  await speak("fr", []);
  expect(t.cameras.camera(0)).toBe("0 caméra");
  expect(t.cameras.camera(2)).toBe("2 caméras");
  expect(t.cameras.camera(1_000_000)).toMatch(/ de caméras$/);
});

it("keeps the reader's own order of day and month", async () => {
  await speak("en", ["de", "en-US"]);
  expect(format.moment(MOMENT)).toBe("Nov 23, 2026, 13:03:12");
  await speak("en", ["de"]);
  expect(format.moment(MOMENT)).toBe("23 Nov 2026, 13:03:12");
});

it.each([
  [["ja-JP", "en"], "ja"],
  [["zh-CN"], "zh"],
  [["pt", "fr-CA"], "fr"],
  [["pt"], "en"],
  [["EN-us", "de"], "en"],
] as const)("takes the first language of %j that there is", (wanted, expected) => {
  expect(languageFor(wanted)).toBe(expected);
});

it("says what went wrong in the reader's language, and never nothing", async () => {
  await speak("de", []);
  const known = { type: "no-room", detail: "there is no room for it" };
  expect(problemText(known)).toBe(t.shell.problems["no-room"]);
  expect(problemText({ type: "newer-than-this", detail: "the moon is full" })).toBe(
    "The moon is full.",
  );
  expect(problemText({ type: "unexpected", detail: "<html>" })).toBe(t.shell.problems.unexpected);
  await speak("en", []);
  expect(problemText(known)).toBe("There is no room for it.");
  expect(problemText({ type: "offline", detail: "TypeError: failed" })).toMatch(/out of reach/);
});
