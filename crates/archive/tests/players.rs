//! Sealed segments as others read them.
#![allow(clippy::unwrap_used)]

mod common;

use std::process::Command;

use common::*;

#[test]
fn ffprobe_reads_a_sealed_segment_whole() {
    if Command::new("ffprobe").arg("-version").output().is_err() {
        eprintln!("skipped: ffprobe is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let volume = real_volume(&folder.path().join("volume"));
    let mut writer = volume.create(&place(1), segment(1), tracks()).unwrap();
    for n in 0..5 {
        writer.append(&batch(n)).unwrap();
        writer.syncer().unwrap().sync().unwrap();
    }
    let sealing = writer.seal(Some(&key())).unwrap();
    sealing.syncer().sync().unwrap();
    sealing.turn().unwrap();
    sealing.syncer().sync().unwrap();
    sealing.finish().unwrap();
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-count_packets", "-of", "csv=p=0"])
        .args(["-show_entries", "stream=codec_name,nb_read_packets,duration"])
        .arg(volume.root().join(place(1).relative()))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let expected = "h264,2.000000,50\npcm_alaw,2.000000,100\n";
    assert_eq!(text, expected, "{}", String::from_utf8_lossy(&output.stderr));
}
