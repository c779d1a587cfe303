import { expect, it } from "vitest";
import { all } from "./log";

it("has the words around the log in all languages, none of them in English", () => {
  const { en, ...others } = all;
  const words = (texts: typeof en) => [
    ...Object.values(texts).filter((text) => typeof text === "string"),
    ...Object.values(texts.levels),
    ...[1, 3].flatMap((n) => [texts.fresh(n), texts.lost(n)]),
    texts.inLogOf("disk1"),
  ];
  const english = new Set(words(en));
  for (const [language, texts] of Object.entries(others)) {
    const same = words(texts).filter(
      (text) => text === "" || text.includes("#") || english.has(text),
    );
    expect(same, language).toEqual([]);
    expect(texts.lost(3)).toContain("3");
  }
});
