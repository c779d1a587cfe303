/** The files that a person has given, by name: those of a ZIP in its place. */
async function filesOf(given) {
  const files = new Map();
  for (const file of given) {
    if (!/\.zip$/i.test(file.name)) {
      files.set(file.name, file);
      continue;
    }
    for (const [name, part] of await membersOf(file)) {
      if (files.has(name)) throw new Error(`${file.name} holds ${name} twice`);
      files.set(name, part);
    }
  }
  return files;
}

const ELSEWHERE = 0xffffffff;

async function viewOf(blob) {
  return new DataView(await blob.arrayBuffer());
}

function wide(view, at) {
  return Number(view.getBigUint64(at, true));
}

/** The members of a ZIP that holds them as they are, which ours do; parts of it, and not read yet. */
async function membersOf(zip) {
  const broken = () => new Error(`${zip.name} is not an export as it was written`);
  if (zip.size < 22) throw broken();
  const end = await viewOf(zip.slice(zip.size - 22));
  if (end.getUint32(0, true) !== 0x06054b50) throw broken();
  let [count, length, start] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  if (start === ELSEWHERE) {
    const long = await viewOf(zip.slice(zip.size - 98, zip.size - 42));
    if (long.getUint32(0, true) !== 0x06064b50) throw broken();
    [count, length, start] = [32, 40, 48].map((at) => wide(long, at));
  }
  const view = await viewOf(zip.slice(start, start + length));
  const members = [];
  for (let at = 0; count > 0; count--) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50) throw broken();
    const [nameLength, moreLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, at + 46, nameLength));
    let [size, head] = [view.getUint32(at + 24, true), view.getUint32(at + 42, true)];
    let more = at + 46 + nameLength + 4;
    if (size === ELSEWHERE) {
      size = wide(view, more);
      more += 16;
    }
    if (head === ELSEWHERE) head = wide(view, more);
    if (view.getUint16(at + 10, true) !== 0) throw broken();
    const own = await viewOf(zip.slice(head, head + 30));
    if (own.byteLength < 30) throw broken();
    const data = head + 30 + own.getUint16(26, true) + own.getUint16(28, true);
    members.push([name, zip.slice(data, data + size)]);
    at += 46 + nameLength + moreLength;
  }
  return members;
}
