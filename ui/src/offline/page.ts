// The page inside an export (docs/design/exports.md): shows what it is, plays the clips beside it,
// and verifies what a person gives it. It is one script without anything to load, in English.
// `npm run offline` puts it where exports take it from.

import { bytesOfBlob } from "../proof/bytes";
import { open } from "../proof/manifest";
import { type Checked, verifyUnpacked } from "../proof/unpacked";
import { NotAnExport, verify } from "../proof/verify";
import { bytes } from "../texts/format";
import { playFrom, shown } from "./clips";
import { data, element, find, time } from "./data";
import { playTogether } from "./together";
import { tell, tellFailed, tellNotOne } from "./told";

const READ_SHOWN_MS = 100;

let told = 0;
function progress(read: number): void {
  if (performance.now() - told < READ_SHOWN_MS) return;
  told = performance.now();
  find("busy").textContent = `Reading: ${bytes(read)}`;
}

async function verifyZip(zip: File, signal: AbortSignal): Promise<Checked> {
  const source = bytesOfBlob(zip);
  const { manifest, members } = await open(source, signal);
  if (manifest.id === data.id) {
    playFrom((file) => {
      const member = members.find(({ name }) => name === file);
      return member && zip.slice(member.from, member.from + member.bytes);
    });
  }
  return { ...(await verify(source, progress, signal)), left: [] };
}

async function verifyFiles(given: File[], signal: AbortSignal): Promise<Checked> {
  const files = new Map(given.map((file) => [file.name, file]));
  const sources = given.map((file) => [file.name, bytesOfBlob(file)] as const);
  const found = await verifyUnpacked(new Map(sources), progress, signal);
  // Names and times of this page are of this export's clips alone, and clips of others have such names too.
  if (!signal.aborted && found.manifest.id === data.id && found.signature !== "bad") {
    playFrom((file) => (found.same.has(file) ? files.get(file) : undefined));
  }
  return found;
}

/** Who gives something else does not wait for what was given before. */
let call = new AbortController();

async function take(given: File[]): Promise<void> {
  const [first] = given;
  if (!first) return;
  call.abort();
  call = new AbortController();
  const { signal } = call;
  find("verdict").replaceChildren();
  try {
    const found = await (given.length === 1
      ? verifyZip(first, signal)
      : verifyFiles(given, signal));
    if (!signal.aborted) tell(found);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof NotAnExport) tellNotOne();
    else tellFailed(String(error));
  }
  if (!signal.aborted) find("busy").textContent = "";
}

document.title = data.name;
find("name").textContent = data.name;
find("about").textContent =
  `${time(data.from)} to ${time(data.to)}. Exported by ${data.by}, ${time(data.made)}, with ${data.software}.`;
find("key").textContent = data.publicKey;
if (data.withoutFootage.length > 0) {
  const names = data.withoutFootage.join(", ");
  find("about").append(element("span", ` Nothing was recorded then of: ${names}.`, "doubt"));
}
if (shown.length > 1) playTogether();

const files = find<HTMLInputElement>("files");
files.addEventListener("change", () => take([...(files.files ?? [])]));
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
}
document.addEventListener("dragleave", () => document.body.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  void take([...(event.dataTransfer?.files ?? [])]);
});
