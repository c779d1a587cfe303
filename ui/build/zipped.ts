import { crc32 } from "node:zlib";

/** What all members of a ZIP carry as their instant, as MS-DOS has it: years from 1980, two seconds. */
export interface Carried {
  time: number;
  date: number;
}

/** A ZIP as the format has it, written without what is under test. */
export function zipOf(files: [string, Buffer][], { time, date }: Carried): Buffer {
  const heads: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const [name, data] of files) {
    const common = Buffer.alloc(24);
    common.writeUInt16LE(10, 0);
    common.writeUInt16LE(time, 6);
    common.writeUInt16LE(date, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    heads.push(Buffer.from("PK\x03\x04"), common, Buffer.alloc(2), Buffer.from(name), data);
    const rest = Buffer.alloc(16);
    rest.writeUInt32LE(0o100644 * 65536, 8);
    rest.writeUInt32LE(at, 12);
    entries.push(Buffer.from("PK\x01\x02\x2d\x03"), common, rest, Buffer.from(name));
    at += 30 + name.length + data.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...heads, directory, end]);
}
