//! Text → settings → text, through the crate's public face.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use config::{Keep, KeepFree, Listen, Password, Secret, Transport};

/// The example of the interface contract.
const EXAMPLE: &str = r#"
[server]
listen = ["127.0.0.1:8080", "unix:/run/holdfast.sock"]

[archive]
catalog = "/var/lib/holdfast"          # flash, where there is some
time_zone = "Europe/Berlin"
sync_interval = "1s"
segment_duration = "5m"
memory_max = "512 MB"
[[archive.volume]]
name = "disk1"
path = "/srv/holdfast"
keep_free = "5%"

[[camera]]
name = "Front door"
slug = "front-door"
username = "viewer"
password = { file = "/run/secrets/front-door" }
[camera.stream.main]
url = "rtsp://192.0.2.10/main"
transport = "auto"
record = true
keep = { max_bytes = "500 GB", max_days = 30, min_days = 7 }
[camera.stream.sub]
url = "rtsp://192.0.2.10/sub"
"#;

#[test]
fn the_example_of_the_interface_is_understood() {
    let settings = config::parse(EXAMPLE).unwrap();
    assert_eq!(settings.server.listen[1], Listen::Unix("/run/holdfast.sock".into()));
    assert!(!settings.server.allow_unauthenticated);
    let archive = &settings.archive;
    assert_eq!(archive.time_zone.as_ref().unwrap().iana_name(), Some("Europe/Berlin"));
    assert_eq!(archive.segment_duration, Duration::from_secs(300));
    assert_eq!((archive.memory_max, archive.index_cache), (512_000_000, 2_000_000_000));
    assert_eq!(archive.volumes[0].keep_free, KeepFree::Permille(50));
    let camera = &settings.cameras[0];
    assert_eq!(camera.password, Some(Password::File("/run/secrets/front-door".into())));
    let main = &camera.streams["main"];
    let keep = Keep { max_bytes: Some(500_000_000_000), max_days: Some(30), min_days: Some(7) };
    assert_eq!((main.transport, main.record, main.keep), (Transport::Auto, true, keep));
    let sub = &camera.streams["sub"];
    assert_eq!((sub.record, sub.keep), (true, Keep::default()));
}

#[test]
fn an_empty_file_gives_the_defaults() {
    insta::assert_snapshot!(config::export(&config::parse("").unwrap()));
}

#[test]
fn what_is_exported_is_read_back() {
    let mut settings = config::parse(EXAMPLE).unwrap();
    settings.server.hosts = vec!["nvr.example.org".into()];
    settings.cameras[0].password = Some(Password::Plain(Secret::new("tul\"ip\n")));
    let text = config::export(&settings);
    insta::assert_snapshot!(text);
    assert_eq!(config::parse(&text).unwrap(), settings);
    let applied = config::Applied { volumes: settings.archive.volumes, cameras: settings.cameras };
    let text = config::export_applied(&applied);
    insta::assert_snapshot!(text);
    assert_eq!(config::parse_apply(&text).unwrap(), applied);
}

fn problems(text: &str) -> String {
    config::parse(text).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn all_problems_are_told_at_once_each_with_its_place() {
    insta::assert_snapshot!(problems(
        r#"
[server]
lisen = ["127.0.0.1:8080"]
listen = ["127.0.0.1", "unix:run/sock", "127.0.0.1:80", "127.0.0.1:80"]
tls = { certificate = "a", key = "b" }
base_path = "/nvr"
hosts = ["http://nvr"]

[archive]
catalog = "var/lib"
time_zone = "Europe/Berln"
sync_interval = "1 minute"
segment_duration = "2h"
memory_max = 1
segments = "5m"

[[archive.volume]]
name = "disk1"
path = "/srv/a"
[[archive.volume]]
name = "disk1"
path = "/srv/a"
keep_free = "95%"
[[archive.volume]]
name = "disk3"

[[camera]]
name = "Door"
slug = "Front Door"
password = { path = "/run/door" }
[camera.stream.main]
url = "http://192.0.2.10/main"
transport = "udp"
record = "yes"
keep = { max_bytes = "500 GB", max_days = 3, min_days = 7 }

[[camera]]
name = "Door"
username = 3
[camera.stream.Main]
url = "rtsp://viewer:tulip@192.0.2.10/main"

[[camera]]
nmae = "Yard"
password = 4711

[camara.stream.main]
url = "rtsp://192.0.2.10/main"
"#
    ));
}

#[test]
fn a_limit_whose_unit_was_forgotten_is_refused() {
    let with = |bytes: &str| {
        let head = "[[camera]]\nname = 'a'\n[camera.stream.main]\nurl = 'rtsp://192.0.2.1/a'\n";
        config::parse_apply(&format!("{head}keep = {{ max_bytes = {bytes} }}\n"))
    };
    for bytes in ["500", "'500'", "'99999999'", "'99 kB'", "0"] {
        let why = with(bytes).err().map(|why| why.to_string()).unwrap_or_default();
        assert!(why.contains("max_bytes") && why.contains("write"), "{bytes}: {why}");
    }
    for bytes in ["100000000", "'400 kB'", "'500 GB'"] {
        assert_eq!(with(bytes).map(drop), Ok(()), "{bytes}");
    }
}

#[test]
fn more_cameras_and_streams_than_may_be_are_refused() {
    let stream = |n| format!("[camera.stream.s{n}]\nurl = \"rtsp://192.0.2.1/{n}\"\n");
    let streams = |many: usize| (0..many).map(stream).collect::<String>();
    let camera = |n, many| format!("[[camera]]\nname = \"c{n}\"\n{}", streams(many));
    let text = |cameras: usize, many| (0..cameras).map(|n| camera(n, many)).collect::<String>();
    assert_eq!(config::parse(&text(1, 8)).map(drop), Ok(()));
    assert_eq!(config::parse(&text(1000, 2)).map(drop), Ok(()));
    for (cameras, many, word) in [
        (1, 9, "there are 9 streams of one camera; 8 is the most"),
        (1001, 1, "there are 1001 cameras; 1000 is the most"),
        (667, 3, "there are 2001 streams of all cameras; 2000 is the most"),
    ] {
        let why = problems(&text(cameras, many));
        assert!(why.contains(word), "{why}");
    }
}

#[test]
fn a_camera_that_is_called_like_an_address_stays_after_an_upgrade() {
    let stream = "[camera.stream.main]\nurl = \"rtsp://192.0.2.1/\"\n";
    let text = format!("[[camera]]\nname = \"Probe\"\nslug = \"probe\"\n{stream}");
    assert_eq!(config::parse(&text).map(drop), Ok(()));
    assert!(config::is_reserved("probe") && !config::is_reserved("door"));
}

#[test]
fn secrets_are_not_in_messages() {
    let text = "[[camera]]\nname = 'a'\nusername = 'u'\npassword = 4711\n[camera.stream.main]\n\
                url = 'rtsp://viewer:tulip@192.0.2.10/main'\n[camera.stream.sub]\n\
                url = 'rtsp:tulip:/'";
    let problems = problems(text);
    assert!(!problems.contains("tulip") && !problems.contains("4711"), "{problems}");
    assert_eq!(problems.lines().count(), 3, "{problems}");
}

#[test]
fn broken_toml_is_told_with_its_place() {
    insta::assert_snapshot!(problems("[server\nlisten = [\"a\"\n[archive]\ncatalog = \n"));
    insta::assert_snapshot!(problems("[server]\n[server]\n[archive]\ncatalog='a'\ncatalog='b'\n"));
}

#[test]
fn wrong_shapes_are_told() {
    insta::assert_snapshot!(problems(
        "server = 3\ncamera = ['a']\n[archive]\nvolume = { name = 'a', path = '/a' }\n"
    ));
    insta::assert_snapshot!(problems("[camera.stream.main]\nurl = 'rtsp://192.0.2.10/'\n"));
}

#[test]
fn an_applied_file_has_nothing_of_one_machine() {
    let text = "[server]\nlisten = ['127.0.0.1:80']\n[archive]\ncatalog = '/a'\n\
                [[archive.volume]]\nname = 'a'\npath = '/a'\n";
    insta::assert_snapshot!(config::parse_apply(text).unwrap_err());
}

#[test]
fn the_schema_has_every_key_with_its_help() {
    insta::assert_json_snapshot!(config::schema());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn no_change_of_one_byte_makes_it_panic(at in 0usize..800, letter in 0u8..128) {
        let mut text = EXAMPLE.as_bytes().to_vec();
        let at = at % text.len();
        text[at] = letter;
        if let Ok(text) = String::from_utf8(text)
            && let Err(invalid) = config::parse(&text)
        {
            assert!(!invalid.problems.is_empty());
        }
    }
}
