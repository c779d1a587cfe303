//! What the page of an export makes of a ZIP: its script, run by another engine than a browser's.

use std::path::Path;
use std::process::Command;

use crate::tools::have;

/// An export that an older version wrote.
const EXPORT: &str = "../export/tests/formats/1.zip";
const SCRIPT: &str = "../export/src/page/files.js";

/// Names the members that the script finds, or says that it finds none.
const ASK: &str = "
const fs = require('fs');
const membersOf = new Function(fs.readFileSync(process.argv[1], 'utf8') + ';return membersOf')();
const of = (bytes) => membersOf(Object.assign(new Blob([bytes]), { name: 'a.zip' }));
const bytes = fs.readFileSync(process.argv[2]);
const start = bytes.readUInt32LE(bytes.length - 6);
const joined = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const hidden = joined(bytes.subarray(0, start), 'hidden', bytes.subarray(start));
hidden.writeUInt32LE(start + 6, hidden.length - 6);
const commented = joined(bytes, 'hi');
commented.writeUInt16LE(2, bytes.length - 2);
const touched = [joined('x', bytes), joined(bytes, 'x'), hidden, commented];
for (let at = 0; at < bytes.length; at = at === 29 ? start : at + 1) {
  const other = Buffer.from(bytes);
  other[at] ^= 1;
  touched.push(other);
}
(async () => {
  console.log((await of(bytes)).map(([name, part]) => `${name}:${part.size}`).join(' '));
  let accepted = 0;
  for (const other of touched) await of(other).then(() => (accepted += 1), () => {});
  console.log(`${accepted} of ${touched.length} accepted`);
})();
";

#[test]
fn the_page_takes_no_zip_with_bytes_beside_its_files() {
    if !have("node", "--version", "the test of the page of an export") {
        return;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut node = Command::new("node");
    let asked = node.args(["-e", ASK]).args([here.join(SCRIPT), here.join(EXPORT)]).output();
    let asked = asked.expect("node runs");
    let words = String::from_utf8_lossy(&asked.stdout);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let lines: Vec<&str> = words.lines().collect();
    assert!(lines[0].contains("driveway_sub.mp4:37235 index.html:20214"), "{words}");
    assert_eq!(lines[1], "0 of 355 accepted", "{words}");
}
