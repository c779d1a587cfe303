import { expect, it } from "vitest";
import { plainName } from "./name";

it.each([
  ["Front door", "Front door"],
  ["\u202eroodtnorf", "roodtnorf"],
  ["a\u2067b\u2069\n\tc\u0000", "a b c"],
  ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
  ["חצר", "חצר"],
  ["👩\u200d👩\u200d👧 玄関", "👩\u200d👩\u200d👧 玄関"],
])("shows %j as %j", (name, expected) => expect(plainName(name)).toBe(expected));
