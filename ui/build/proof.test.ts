import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { crc32 } from "node:zlib";
import { expect, it } from "vitest";
import { bytesOfBlob } from "../src/proof/bytes";
import { open } from "../src/proof/manifest";
import { Crc32, Sha256 } from "../src/proof/sums";
import { verifyUnpacked } from "../src/proof/unpacked";
import { verify } from "../src/proof/verify";
import { membersOf, NotAnExport } from "../src/proof/zip";
import { type Carried, zipOf } from "./zipped";

const pattern = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31) >> 3);

it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003])("hashes %d bytes", (length) => {
  const bytes = pattern(length);
  const known = createHash("sha256").update(bytes).digest("hex");
  for (const piece of [1, 7, 64, 4099, length + 1]) {
    if (length / piece > 5000) continue;
    const own = new Sha256();
    const sum = new Crc32();
    for (let at = 0; at < length; at += piece) {
      own.update(bytes.subarray(at, at + piece));
      sum.update(bytes.subarray(at, at + piece));
    }
    expect(own.hex()).toBe(known);
    expect(sum.value).toBe(crc32(bytes));
  }
});

/** 2026-11-22, 20:15:40, as MS-DOS has it: years from 1980, two seconds. */
const MADE: Carried = {
  time: (20 << 11) | (15 << 5) | 20,
  date: ((2026 - 1980) << 9) | (11 << 5) | 22,
};

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const key = publicKey.export({ type: "spki", format: "der" }).subarray(12).toString("hex");

interface Told {
  /** Members behind those that belong there. */
  more?: [string, Buffer][];
  /** Files that the manifest names as clips, beside the one that is there. */
  named?: string[];
  made?: string;
  /** What all members carry as their instant. */
  carried?: Carried;
  /** The members' order, by their numbers. */
  order?: number[];
}

function exported({ more = [], named = [], made, carried = MADE, order = [] }: Told = {}) {
  const clip = Buffer.from(pattern(300_000));
  const page = Buffer.from("<!doctype html>");
  const hashes = (data: Buffer) => ({
    bytes: data.length,
    blake3: "0".repeat(64),
    sha256: createHash("sha256").update(data).digest("hex"),
  });
  const span = { from: "2026-11-22T20:10:00.000000Z", to: "2026-11-22T20:15:00.000000Z" };
  const manifest = Buffer.from(
    JSON.stringify({
      ...{ holdfast_export: 1, id: "e", name: "The parcel", archive: "a", public_key: key },
      ...{
        software: "holdfast",
        made: made ?? "2026-11-22T20:15:41.999999Z",
        by: "anna",
        asked: span,
        timestamps: false,
      },
      clips: ["front_main.mp4", ...named].map((file) => ({
        ...{ file, ...hashes(clip), shown: span, streams: [] },
      })),
      ...{ without_footage: [], page: hashes(page) },
    }),
  );
  const files: [string, Buffer][] = [
    ["front_main.mp4", clip],
    ["index.html", page],
    ["manifest.json", manifest],
    ["manifest.sig", sign(null, manifest, privateKey)],
    ...more,
  ];
  const ordered = files.map((file, n) => files[order[n] ?? n] ?? file);
  return zipOf(ordered, carried);
}

const source = (zip: Buffer) => bytesOfBlob(new Blob([new Uint8Array(zip)]));

it("proves what is as it was signed, and says how much it has read", async () => {
  const zip = exported();
  let read = 0;
  const verdict = await verify(source(zip), (bytes) => {
    read = bytes;
  });
  expect(verdict).toMatchObject({ signature: "good", wrong: [] });
  expect(verdict.manifest.name).toBe("The parcel");
  expect(read).toBe(verdict.members.reduce((sum, { bytes }) => sum + bytes, 0));
});

it("finds any byte that is another one", async () => {
  const zip = exported();
  const length = zip.length;
  // In the clip, the page, the manifest, the signature, heads, directory and end.
  const places = [0, 6, 10, 20, 31, 44, 150_000, length - 1, length - 5, length - 12, length - 60];
  for (let at = 300_040; at < length; at += 13) places.push(at);
  for (const at of places) {
    const changed = Buffer.from(zip);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const said = await verify(source(changed), () => {}).catch((error) => error);
    const found = said instanceof NotAnExport || said.wrong.length > 0 || said.signature === "bad";
    expect(found, `byte ${at}`).toBe(true);
  }
});

it.each([
  ["another length", [18, 20]],
  ["another length of what is stored", [22, 24]],
  ["another version", [4, 6]],
])("is no export where both heads of a file say %s", async (_, [own, entry]) => {
  const changed = exported();
  const start = changed.readUInt32LE(changed.length - 6);
  for (const at of [own ?? 0, start + (entry ?? 0)]) changed[at] = (changed[at] ?? 0) ^ 1;
  await expect(membersOf(source(changed))).rejects.toBeInstanceOf(NotAnExport);
});

it("finds what was added, before, behind and inside, and what is cut off", async () => {
  const zip = exported();
  const start = zip.readUInt32LE(zip.length - 6);
  const hidden = Buffer.concat([
    zip.subarray(0, start),
    Buffer.from("hidden"),
    zip.subarray(start),
  ]);
  hidden.writeUInt32LE(start + 6, hidden.length - 6);
  const commented = Buffer.concat([zip, Buffer.from("hi")]);
  commented.writeUInt16LE(2, zip.length - 2);
  for (const other of [
    Buffer.concat([zip, Buffer.from("x")]),
    Buffer.concat([Buffer.from("x"), zip]),
    hidden,
    commented,
    zip.subarray(0, zip.length - 1),
    zip.subarray(0, 20),
    Buffer.from("no ZIP at all, but long enough to be one"),
  ]) {
    await expect(membersOf(source(other))).rejects.toBeInstanceOf(NotAnExport);
  }
  const stray = await verify(
    source(exported({ more: [["more.mp4", Buffer.from("x")]] })),
    () => {},
  );
  expect(stray.wrong).toEqual([{ file: "more.mp4", what: "stray" }]);
  const twice = await verify(
    source(exported({ more: [["front_main.mp4", Buffer.from("x")]] })),
    () => {},
  );
  expect(twice.wrong).toEqual([{ file: "front_main.mp4", what: "stray" }]);
});

it("tells each file once, and so many that they can be read", async () => {
  const x = Buffer.from("x");
  const thrice = exported({ more: Array(3).fill(["more.mp4", x]) });
  expect(await verify(source(thrice), () => {})).toMatchObject({
    ...{ wrong: [{ file: "more.mp4", what: "stray" }], unsaid: 0 },
  });
  const changed = exported({ more: [["front_main.mp4", x]] });
  changed[100] = (changed[100] ?? 0) ^ 1;
  const { wrong } = await verify(source(changed), () => {});
  expect(wrong).toEqual([{ file: "front_main.mp4", what: "changed" }]);
  const named = Array.from({ length: 1000 }, (_, n) => `front_main_${n}.mp4`);
  const many = await verify(source(exported({ named })), () => {});
  expect(many.wrong).toHaveLength(50);
  expect(many.unsaid).toBe(950);
});

it.each([
  ["the same clip twice", "front_main.mp4"],
  ["its page as a clip", "index.html"],
  ["itself as a clip", "manifest.json"],
  ["its signature as a clip", "manifest.sig"],
  ["a clip with a name that turns the line", "front\u202e4pm.mp4"],
  ["a clip with no name", ""],
])("is no export where the list names %s", async (_, file) => {
  const zip = exported({ named: [file] });
  await expect(verify(source(zip), () => {})).rejects.toBeInstanceOf(NotAnExport);
});

const { time, date } = MADE;
it.each([
  ["two seconds later", { carried: { time: time + 1, date } }],
  ["a day earlier", { carried: { time, date: date - 1 } }],
  ["nothing", { carried: { time: 0, date: 0 } }],
  ["an instant while the list has none", { made: "some day", carried: { time: 0, date: 0 } }],
])("is no export where all its members carry %s", async (_, told) => {
  await expect(open(source(exported(told)))).rejects.toBeInstanceOf(NotAnExport);
});

it.each([
  ["1979-12-31T23:59:59Z", { time: (23 << 11) | (59 << 5) | 29, date: (12 << 5) | 31 }],
  ["2200-02-01T00:00:00Z", { time: 0, date: (127 << 9) | (2 << 5) | 1 }],
])("holds %s at the ends of what a ZIP can say", async (made, carried) => {
  expect(await open(source(exported({ made, carried })))).toMatchObject({ signature: "good" });
});

it.each([
  ["the page before the clip", [1, 0]],
  ["the manifest first", [2, 0, 1]],
  ["the signature before the manifest", [0, 1, 3, 2]],
])("is no export with %s", async (_, order) => {
  await expect(open(source(exported({ order })))).rejects.toBeInstanceOf(NotAnExport);
});

it("is no export with the clips in another order than the list's", async () => {
  const clip = Buffer.from(pattern(300_000));
  const second: [string, Buffer] = ["yard_main.mp4", clip];
  const told = { named: ["yard_main.mp4"], more: [second] };
  const right = exported({ ...told, order: [0, 4, 1, 2, 3] });
  expect(await verify(source(right), () => {})).toMatchObject({ wrong: [] });
  const wrong = exported({ ...told, order: [4, 0, 1, 2, 3] });
  await expect(open(source(wrong))).rejects.toBeInstanceOf(NotAnExport);
});

it("says what it is from its ends alone", async () => {
  const zip = exported();
  let read = 0;
  const bytes = source(zip);
  const opened = await open({
    size: bytes.size,
    read: (from, to) => {
      read += to - from;
      return bytes.read(from, to);
    },
  });
  expect(opened.signature).toBe("good");
  expect(opened.manifest.clips[0]?.bytes).toBe(300_000);
  expect(read).toBeLessThan(4_000);
});

/** The files of an export, by name. */
async function unpacked() {
  const zip = exported();
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { name, from, bytes } of await membersOf(source(zip))) {
    files.set(name, new Uint8Array(zip.subarray(from, from + bytes)));
  }
  const verified = () =>
    verifyUnpacked(
      new Map([...files].map(([name, own]) => [name, bytesOfBlob(new Blob([own]))])),
      () => {},
    );
  return { files, verified };
}

it("proves files that were unpacked, and says which were not given", async () => {
  const { files, verified } = await unpacked();
  expect(await verified()).toMatchObject({
    ...{ signature: "good", wrong: [], left: [], same: new Set(["front_main.mp4", "index.html"]) },
  });
  files.delete("front_main.mp4");
  expect(await verified()).toMatchObject({ wrong: [], left: ["front_main.mp4"] });
  files.set("more.mp4", new Uint8Array(1));
  const stray = { file: "more.mp4", what: "stray" };
  expect(await verified()).toMatchObject({ signature: "good", wrong: [stray] });
});

it("finds what was changed of files that were unpacked", async () => {
  const { files, verified } = await unpacked();
  files.get("front_main.mp4")?.set([1, 2, 3]);
  const changed = { file: "front_main.mp4", what: "changed" };
  const same = new Set(["index.html"]);
  expect(await verified()).toMatchObject({ signature: "good", wrong: [changed], same });
  files.get("manifest.sig")?.set([1, 2, 3]);
  expect(await verified()).toMatchObject({ signature: "bad" });
  files.delete("manifest.sig");
  expect(await verified()).toMatchObject({
    signature: "unknown",
    wrong: [{ file: "manifest.sig", what: "missing" }, changed],
  });
  files.delete("manifest.json");
  await expect(verified()).rejects.toBeInstanceOf(NotAnExport);
});

it("reads no more of a list and of a signature than those have that a recorder writes", async () => {
  const { files } = await unpacked();
  const asked: [string, number, number][] = [];
  const given = (sizes: Record<string, number>) =>
    new Map(
      [...files].map(([name, own]) => {
        const bytes = bytesOfBlob(new Blob([own]));
        const read = (from: number, to: number) => {
          asked.push([name, from, to]);
          return bytes.read(from, to);
        };
        return [name, { size: sizes[name] ?? bytes.size, read }];
      }),
    );
  const long = given({ "manifest.json": 1 << 30 });
  await expect(verifyUnpacked(long, () => {})).rejects.toBeInstanceOf(NotAnExport);
  expect(asked).toEqual([]);
  files.set("manifest.sig", new Uint8Array(1000));
  expect(await verifyUnpacked(given({}), () => {})).toMatchObject({ signature: "bad" });
  expect(asked).toContainEqual(["manifest.sig", 0, 65]);
});
