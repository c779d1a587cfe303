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
/** Of every member: made by version 4.5 on Unix, a file that its owner may change. */
const MADE_BY = 0x032d;
const MODE = 0x81a40000;

async function viewOf(blob) {
  return new DataView(await blob.arrayBuffer());
}

function wide(view, at) {
  return Number(view.getBigUint64(at, true));
}

/** Whether two stretches of as many bytes are the same. */
function same(one, at, other, otherAt, length) {
  for (let byte = 0; byte < length; byte++) {
    if (one.getUint8(at + byte) !== other.getUint8(otherAt + byte)) return false;
  }
  return true;
}

/** Whether an extra field holds these numbers and nothing else, as ZIP64 has it; none where there are none. */
function isLong(view, at, length, numbers) {
  if (numbers.length === 0) return length === 0;
  if (length !== 4 + 8 * numbers.length) return false;
  if (view.getUint16(at, true) !== 1 || view.getUint16(at + 2, true) !== 8 * numbers.length) return false;
  return numbers.every((number, place) => wide(view, at + 4 + 8 * place) === number);
}

/**
 * The members of a ZIP that holds them as they are, which ours do; parts of it, and not read yet. No byte of it is
 * outside of them and of what says where they are: their heads follow one another and say what the directory says.
 */
async function membersOf(zip) {
  const broken = () => new Error(`${zip.name} is not an export as it was written`);
  if (zip.size < 22) throw broken();
  const end = await viewOf(zip.slice(zip.size - 22));
  if (end.getUint32(0, true) !== 0x06054b50 || end.getUint32(4, true) !== 0) throw broken();
  if (end.getUint16(20, true) !== 0 || end.getUint16(8, true) !== end.getUint16(10, true)) throw broken();
  let [count, length, start] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  let after = zip.size - 22;
  if (start === ELSEWHERE) {
    after = zip.size - 98;
    if (after < 0) throw broken();
    const long = await viewOf(zip.slice(after, zip.size - 22));
    if (long.getUint32(0, true) !== 0x06064b50 || wide(long, 4) !== 44) throw broken();
    if (long.getUint32(56, true) !== 0x07064b50 || wide(long, 64) !== after) throw broken();
    [count, length, start] = [32, 40, 48].map((at) => wide(long, at));
  }
  if (start + length !== after) throw broken();
  const view = await viewOf(zip.slice(start, after));
  const members = [];
  let [at, next] = [0, 0];
  for (; count > 0; count--) {
    if (at + 46 > length || view.getUint32(at, true) !== 0x02014b50) throw broken();
    const [nameLength, moreLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    const more = at + 46 + nameLength;
    if (more + moreLength > length) throw broken();
    // No flags, stored, no comment, one disk, no inner attributes.
    if ([8, 10, 32, 34, 36].some((field) => view.getUint16(at + field, true) !== 0)) throw broken();
    if (view.getUint16(at + 4, true) !== MADE_BY || view.getUint32(at + 38, true) !== MODE) throw broken();
    const [size32, head32] = [view.getUint32(at + 24, true), view.getUint32(at + 42, true)];
    const places = (size32 === ELSEWHERE ? 2 : 0) + (head32 === ELSEWHERE ? 1 : 0);
    if (moreLength !== (places > 0 ? 4 + 8 * places : 0)) throw broken();
    const size = size32 === ELSEWHERE ? wide(view, more + 4) : size32;
    const head = head32 === ELSEWHERE ? wide(view, more + 4 + 8 * (places - 1)) : head32;
    const sizes = size32 === ELSEWHERE ? [size, size] : [];
    if (!isLong(view, more, moreLength, head32 === ELSEWHERE ? [...sizes, head] : sizes)) throw broken();
    if (head !== next) throw broken();
    const ownMore = sizes.length > 0 ? 20 : 0;
    const data = head + 30 + nameLength + ownMore;
    const own = await viewOf(zip.slice(head, data));
    if (own.byteLength !== data - head || own.getUint32(0, true) !== 0x04034b50) throw broken();
    // Times, checksum, lengths, and the name are there twice.
    if (!same(own, 4, view, at + 6, 24) || own.getUint16(28, true) !== ownMore) throw broken();
    if (!same(own, 30, view, at + 46, nameLength)) throw broken();
    if (!isLong(own, 30 + nameLength, ownMore, sizes)) throw broken();
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, at + 46, nameLength));
    next = data + size;
    members.push([name, zip.slice(data, next)]);
    at = more + moreLength;
  }
  if (at !== length || next !== start) throw broken();
  return members;
}
