import { expect, it } from "vitest";
import { tokenIn } from "./token";

it.each([
  ["hf_a-B_3", "hf_a-B_3"],
  ["  hf_a-B_3\n", "hf_a-B_3"],
  ["http://192.0.2.7:8080/setup#token=hf_a-B_3", "hf_a-B_3"],
  [
    "make the first one at http://[::1]:8080/setup#token=hf_a-B_3 (this link works once)",
    "hf_a-B_3",
  ],
  ["#token=hf_a-B_3", "hf_a-B_3"],
  ['link="http://192.0.2.7:8080/setup#token=hf_a-B_3"', "hf_a-B_3"],
  ["'http://192.0.2.7:8080/setup#token=hf_a-B_3',", "hf_a-B_3"],
  ["(http://192.0.2.7:8080/setup#token=hf_a-B_3)", "hf_a-B_3"],
  ["<http://192.0.2.7:8080/setup#token=hf_a-B_3>.", "hf_a-B_3"],
  ["http://192.0.2.7:8080/setup?token=hf_a-B_3&x=1", "hf_a-B_3"],
  ["", ""],
])("takes the token out of %j", (pasted, token) => expect(tokenIn(pasted)).toBe(token));
