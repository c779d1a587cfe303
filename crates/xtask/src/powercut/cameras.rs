//! The cameras that are recorded, and the recorder's configuration.

use std::net::SocketAddr;
use std::path::Path;

/// Where the guest's cameras listen. Outside of it, where recovery runs, nobody listens there.
pub const LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 9);

/// Slug, clip, number in its stamps, bytes kept. They differ in codec and in rate, and each has
/// about twelve seconds of footage before retention takes some.
const CAMERAS: [(&str, &str, usize, &str); 3] = [
    ("sound", "door-main", 1, "800 kB"),
    ("reordered", "drive-main", 2, "600 kB"),
    ("slow", "garden-sub", 3, "400 kB"),
];
/// The guest's sessions are counted from 0 in each round; a camera's number tells rounds apart.
const NUMBERS_A_ROUND: usize = 10;

/// The slug of the camera with this number in its stamps.
pub fn slug(number: u32) -> Option<&'static str> {
    let known = CAMERAS.iter().find(|camera| camera.2 == number as usize % NUMBERS_A_ROUND);
    known.map(|camera| camera.0)
}

/// The configuration of a round whose disk is mounted at `disk`.
pub fn config(disk: &Path, round: usize) -> String {
    let disk = disk.display();
    let mut text = format!(
        "[server]\nlisten = []\n[archive]\ncatalog = \"{disk}/catalog\"\n\
         segment_duration = \"2s\"\n[[archive.volume]]\nname = \"disk\"\n\
         path = \"{disk}/media\"\nkeep_free = \"10 MB\"\n"
    );
    let at = SocketAddr::from(LISTEN);
    for (slug, clip, number, bytes) in CAMERAS {
        let number = number + round * NUMBERS_A_ROUND;
        text += &format!(
            "[[camera]]\nname = \"{slug}\"\nslug = \"{slug}\"\n[camera.stream.main]\n\
             url = \"rtsp://{at}/{clip};c={number}\"\nkeep = {{ max_bytes = \"{bytes}\" }}\n"
        );
    }
    text
}
