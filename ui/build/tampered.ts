// Exports that somebody has made who knows the format, from one that a recorder wrote. The command
// that verifies is held against the same list (crates/export/src/verify/tests/tampered.rs), which
// says what each member of a case means; so is the page inside exports (tests-e2e/export.test.ts).

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { bytesOfBlob } from "../src/proof/bytes";
import { membersOf } from "../src/proof/zip";
import { zipOf } from "./zipped";

export interface Case {
  what: string;
  set?: Record<string, unknown>;
  unset?: string[];
  list?: string;
  ahead?: string;
  pad?: number;
  signed?: "before" | "by another" | "in capitals";
  flip?: string[];
  lengthen?: string[];
  take?: string[];
  add?: string[];
  order?: string[];
  carried?: string;
  verify: string[];
  page: string[];
}

const tests = join(import.meta.dirname, "../../crates/export/tests");
export const cases: Case[] = JSON.parse(readFileSync(join(tests, "tampered.json"), "utf8"));
const whole = readFileSync(join(tests, "formats/1.zip"));
const members = (await membersOf(bytesOfBlob(new Blob([new Uint8Array(whole)])))).map(
  ({ name, from, bytes }) => ({
    name,
    own: whole.subarray(from, from + bytes),
  }),
);

const own = generateKeyPairSync("ed25519");
const another = generateKeyPairSync("ed25519");
const digits = (key: KeyObject) =>
  key.export({ type: "spki", format: "der" }).subarray(12).toString("hex");

/** The key that those of a case are signed with that nobody has forged. */
export const key = digits(own.publicKey);

type Json = Record<string, unknown>;

function manifests(bytes: Buffer, { set = {}, unset = [], signed, ...case_ }: Case) {
  const says: Json = JSON.parse(bytes.toString());
  says.public_key = signed === "in capitals" ? key.toUpperCase() : key;
  const before = Buffer.from(JSON.stringify(says));
  const holder = (pointer: string) => {
    const path = pointer.split("/").slice(1);
    const member = path.pop() as string;
    return { member, object: path.reduce((object, part) => object[part] as Json, says) };
  };
  for (const [pointer, value] of Object.entries(set)) {
    const { object, member } = holder(pointer);
    object[member] = value;
  }
  for (const pointer of unset) {
    const { object, member } = holder(pointer);
    expect(object).toHaveProperty(member);
    delete object[member];
  }
  const { list = JSON.stringify(says), ahead = "", pad = 0 } = case_;
  return { before, after: Buffer.from(ahead + list + " ".repeat(pad)) };
}

function carriedAt(instant: string) {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (
    instant.match(/\d+/g) ?? []
  ).map(Number);
  return {
    time: (hour << 11) | (minute << 5) | (second >> 1),
    date: ((year - 1980) << 9) | (month << 5) | day,
  };
}

/** The export of a case. */
export function tampered(told: Case): Buffer {
  const list = members.find(({ name }) => name === "manifest.json")?.own as Buffer;
  const { before, after } = manifests(list, told);
  const signer = told.signed === "by another" ? another : own;
  const signature = sign(null, told.signed === "before" ? before : after, signer.privateKey);
  const made: Record<string, Buffer> = { "manifest.json": after, "manifest.sig": signature };
  const files = members
    .map(({ name, own }): [string, Buffer] => [name, Buffer.from(made[name] ?? own)])
    .filter(([name]) => !told.take?.includes(name));
  for (const file of files) {
    const [name, bytes] = file;
    if (told.flip?.includes(name)) bytes[0] = (bytes[0] ?? 0) ^ 1;
    if (told.lengthen?.includes(name)) file[1] = Buffer.concat([bytes, Buffer.from("x")]);
  }
  for (const name of told.add ?? []) files.push([name, Buffer.from("x")]);
  const first = told.order ?? [];
  const place = (name: string) => (first.includes(name) ? first.indexOf(name) : first.length);
  files.sort(([a], [b]) => place(a) - place(b));
  return zipOf(files, carriedAt(told.carried ?? "2026-11-29T10:24:18Z"));
}
