// What mp4box makes of a file: its tracks and samples, and everything that it complains of, as JSON.
// node mp4box.mjs UI_FOLDER FILE

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [ui, path] = process.argv.slice(-2);
const { createFile, Log, MP4BoxBuffer } = createRequire(join(ui, "package.json"))("mp4box");

// Boxes that a reader does not know are passed over: the standard asks for that. `colr`, `udta` and
// `©swr` are QuickTime's, in what test cameras play.
const HARMLESS =
  /Unknown (UUID )?box type|Duplicate Box of uuid|boxes of type prft|entry type: 'ulaw'|'(colr|udta|©swr)'/;
const complaints = [];
for (const level of ["warn", "error"]) {
  Log[level] = (...words) => {
    const said = words.join(" ");
    if (!HARMLESS.test(said)) complaints.push(said);
  };
}

const bytes = readFileSync(path);
const file = createFile();
let info;
file.onError = (module, message) => complaints.push(`${module}: ${message}`);
file.onReady = (said) => {
  info = said;
};
const whole = new Uint8Array(bytes).buffer;
file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(whole, 0), true);
file.flush();
if (!info) complaints.push("there is no moov");

const tracks = (info?.tracks ?? []).map(({ id, type, nb_samples }) => {
  const samples = file.getTrackSamplesInfo(id);
  const entries = file.getTrackById(id).mdia.minf.stbl.stsd.entries;
  const last = samples.at(-1);
  if (samples.some(({ offset, size }) => offset + size > bytes.length)) {
    complaints.push(`track ${id}: a sample lies beyond the end`);
  }
  if (samples.some((sample, at) => at > 0 && sample.dts < samples[at - 1].dts)) {
    complaints.push(`track ${id}: decode times go back`);
  }
  return {
    type,
    entries: entries.map((entry) => entry.getCodec?.() || entry.type),
    used: [...new Set(samples.map((sample) => sample.description_index))].sort(),
    samples: samples.length,
    announced: nb_samples,
    keys: samples.filter((sample) => sample.is_sync).length,
    bytes: samples.reduce((sum, { size }) => sum + size, 0),
    seconds: last ? (last.dts + last.duration - samples[0].dts) / last.timescale : 0,
    first: samples.length > 0 ? samples[0].dts / samples[0].timescale : 0,
  };
});
console.log(JSON.stringify({ tracks, complaints }));
