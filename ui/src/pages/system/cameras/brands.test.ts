import { expect, it } from "vitest";
import { addressesOf, BRANDS, hostOf, splitLogin, subOf } from "./brands";

it("makes addresses that a URL parser takes, each brand once", () => {
  for (const brand of BRANDS) {
    const { main, sub } = addressesOf(brand, "192.0.2.7:8554");
    for (const address of sub ? [main, sub] : [main]) {
      expect(new URL(address).host).toBe("192.0.2.7:8554");
    }
    expect(subOf(main) ?? "").toBe(sub);
  }
  expect(new Set(BRANDS.map(({ id }) => id)).size).toBe(BRANDS.length);
  expect(new Set(BRANDS.map(({ main }) => main)).size).toBe(BRANDS.length);
});

it.each([
  ["192.0.2.7", "192.0.2.7"],
  [" front.lan:8554 ", "front.lan:8554"],
  ["http://192.0.2.7/login", "192.0.2.7"],
  ["rtsp://a:b@[2001:db8::1]:554/x", "[2001:db8::1]:554"],
  ["", undefined],
  ["two words", undefined],
])("finds the host in %j", (text, host) => expect(hostOf(text)).toBe(host));

it("proposes no sub-stream of a path that nobody is known by", () => {
  expect(subOf("rtsp://192.0.2.7/anything")).toBeUndefined();
  expect(subOf("192.0.2.7/stream1")).toBeUndefined();
});

it.each([
  ["rtsp://h/x", { url: "rtsp://h/x" }],
  [" rtsp://me@h/x", { url: "rtsp://h/x", username: "me" }],
  ["rtsp://me:a%40b@h:1/x", { url: "rtsp://h:1/x", username: "me", password: "a@b" }],
  // As people write it, unescaped.
  ["rtsp://me:a@b:c@h/x", { url: "rtsp://h/x", username: "me", password: "a@b:c" }],
  ["rtsp://me:100%@h/x", { url: "rtsp://h/x", username: "me", password: "100%" }],
])("takes the login out of %j", (text, split) => expect(splitLogin(text)).toEqual(split));
