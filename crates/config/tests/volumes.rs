//! What a volume is for, and where a stream is recorded.

#![allow(clippy::unwrap_used)]

use config::VolumeUse;

const TEXT: &str = r#"
[[archive.volume]]
name = "disk1"
path = "/srv/a"
[[archive.volume]]
name = "disk2"
path = "/srv/b"
use = "drain"

[[camera]]
name = "Door"
[camera.stream.main]
url = "rtsp://192.0.2.10/main"
volume = "disk2"
[camera.stream.sub]
url = "rtsp://192.0.2.10/sub"
"#;

#[test]
fn uses_of_volumes_and_wanted_places_are_read_and_written_back() {
    let settings = config::parse(TEXT).unwrap();
    let uses: Vec<_> = settings.archive.volumes.iter().map(|volume| volume.r#use).collect();
    assert_eq!(uses, [VolumeUse::Record, VolumeUse::Drain]);
    let streams = &settings.cameras[0].streams;
    assert_eq!(streams["main"].volume.as_deref(), Some("disk2"));
    assert_eq!(streams["sub"].volume, None);
    assert_eq!(config::parse(&config::export(&settings)).unwrap(), settings);
}

#[test]
fn another_use_is_refused_with_the_words_that_there_are() {
    let wrong = config::parse(&TEXT.replace("\"drain\"", "\"archive\"")).unwrap_err();
    let words = wrong.to_string();
    assert!(words.contains("8:7") && words.contains("\"keep\" or \"drain\""), "{words}");
}
