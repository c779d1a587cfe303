//! What a playlist says of the other streams of its camera (section 4.4.5.4): a player that goes
//! over to one of them asks for what is newest there at once.

use std::fmt::Write as _;

use bytes::Bytes;

use super::Awaited;

/// The playlist with how far those at other addresses are; as it is where there are none.
pub fn with_reports(playlist: Bytes, others: &[(String, Awaited)]) -> Bytes {
    if others.is_empty() {
        return playlist;
    }
    let mut lines = String::new();
    for (address, Awaited { segment, part }) in others {
        let tag = "#EXT-X-RENDITION-REPORT";
        // Text in memory takes whatever is written.
        let _ = write!(lines, "{tag}:URI=\"{address}\",LAST-MSN={segment}");
        if let Some(part) = part {
            let _ = write!(lines, ",LAST-PART={part}");
        }
        lines.push('\n');
    }
    [&playlist[..], lines.as_bytes()].concat().into()
}
