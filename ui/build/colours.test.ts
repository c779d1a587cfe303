// What the themes promise of their colours.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../src/app.css"), "utf8");

/** The colours of a theme, by their names. */
function colours(selector: string): Record<string, string> {
  const block = css.split(`${selector} {`)[1]?.split("}")[0] ?? "";
  const named = block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g);
  return Object.fromEntries([...named].map(([, name, value]) => [name, value]));
}

/** As WCAG has it. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a = "", b = ""): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((one, two) => two - one);
  return (light + 0.05) / (dark + 0.05);
}

const THEMES = { dark: colours(":root"), light: colours(':root[data-theme="light"]') };

it.each(Object.entries(THEMES))("has edges that are seen on every surface, %s", (_, theme) => {
  for (const surface of ["canvas", "bar", "card", "hover", "field"]) {
    expect(contrast(theme.edge, theme[surface]), surface).toBeGreaterThanOrEqual(3);
  }
});

it.each(Object.entries(THEMES))("has words that are read on every surface, %s", (_, theme) => {
  for (const ink of ["ink", "ink-2", "ink-3", "accent", "alarm"]) {
    for (const surface of ["canvas", "bar", "card"]) {
      expect(contrast(theme[ink], theme[surface]), `${ink}, ${surface}`).toBeGreaterThanOrEqual(
        4.5,
      );
    }
  }
});
