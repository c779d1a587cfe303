// What the demo answers, beside what is looked at in a browser.

import { expect, it } from "vitest";
import { recorder } from "../demo/api.mjs";

it("shows a volume no more that was taken out, and keeps the others", () => {
  const { answer } = recorder("well", "", () => "");
  const none = new URLSearchParams();
  const names = () =>
    answer("GET", "volumes", none, undefined).body.volumes.map(
      ({ name }: { name: string }) => name,
    );
  expect(names()).toEqual(["disk1", "attic"]);
  expect(answer("PATCH", "volumes/id-attic", none, { use: "keep" }).status).toBe(204);
  expect(names()).toEqual(["disk1", "attic"]);
  expect(answer("DELETE", "volumes/id-attic", none, undefined).status).toBe(204);
  expect(names()).toEqual(["disk1"]);
});
