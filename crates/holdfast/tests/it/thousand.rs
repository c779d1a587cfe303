//! A thousand random changes of configuration, by the API and by texts, two at a time. Afterwards
//! everything is as the last of them said, and no other camera has lost a frame.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testcam::{Stamp, TestCam};
use tokio::time::sleep;

use crate::cameras::done;
use crate::cams;
use crate::http::Reply;
use crate::server::{Server, Setup, camera};
use crate::tools::{assert_whole, frames, mp4_files};
use crate::volumes::assert_checked;

const CHANGES: usize = 1000;
/// Frames from one key frame to the next of the cameras that are changed.
const GOP: u64 = 25;
/// Cameras of each hand at a time.
const CAMERAS_MAX: usize = 4;
/// Sessions of cameras that were changed whose every frame has to be there, at least.
const SESSIONS_MIN: usize = 20;
/// The numbers of cameras that nobody touches: two of the file, two of the API.
const UNTOUCHED: [(&str, &str, u32); 4] = [
    ("filed-main", "door-main", 1),
    ("filed-sub", "door-sub", 2),
    ("made-main", "drive-main", 3),
    ("made-sub", "garden-sub", 4),
];

/// SplitMix64: numbers by a seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, many: usize) -> usize {
        usize::try_from(self.next() % many as u64).expect("it is small")
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// What a camera is said to be.
#[derive(Clone, Debug, Default, PartialEq)]
struct Said {
    name: String,
    paused: bool,
    /// Address, whether it is recorded, volume and greatest age in days, by name.
    streams: BTreeMap<String, (String, bool, Option<String>, Option<u64>)>,
}

/// One who changes cameras of their own.
struct Hand<'a> {
    server: &'a Server,
    cam: &'a TestCam,
    /// What the names of its cameras begin with.
    of: &'static str,
    dice: Dice,
    /// The last number that a camera was given; each stands in its frames.
    number: u32,
    cameras: BTreeMap<String, Said>,
    /// The numbers that were given to cameras of a slug, since footage of it was last deleted.
    numbers: BTreeMap<String, BTreeSet<u32>>,
    /// Numbers of cameras whose footage was deleted.
    deleted: BTreeSet<u32>,
    /// Numbers of cameras of which some was not to be recorded, while their session went on.
    rested: BTreeSet<u32>,
    /// What was done how often.
    tally: BTreeMap<&'static str, usize>,
}

impl Hand<'_> {
    async fn change(&mut self, many: usize) {
        for _ in 0..many {
            let what = self.one_change().await;
            *self.tally.entry(what).or_default() += 1;
            sleep(Duration::from_millis(self.dice.next() % 60)).await;
        }
    }

    async fn one_change(&mut self) -> &'static str {
        let few = self.cameras.len() < 2;
        let slugs: Vec<String> = self.cameras.keys().cloned().collect();
        if few || (slugs.len() < CAMERAS_MAX && self.dice.below(8) == 0) {
            return self.add().await;
        }
        let slug = self.dice.one(&slugs).clone();
        match self.dice.below(20) {
            0 => self.remove(&slug).await,
            1..=2 => self.apply(&slug).await,
            3 => self.volume().await,
            4..=6 => self.pause(&slug).await,
            7..=8 => self.rename(&slug).await,
            9..=10 => self.other_streams(&slug).await,
            _ => self.change_stream(&slug).await,
        }
    }

    fn url(&mut self, slug: &str) -> String {
        self.number += 1;
        self.numbers.entry(slug.to_owned()).or_default().insert(self.number);
        let scene = *self.dice.one(&["door-sub", "drive-sub", "garden-sub"]);
        self.cam.url(&format!("{scene};c={}", self.number))
    }

    /// A new camera, or a removed one that comes back.
    async fn add(&mut self) -> &'static str {
        let slug = (0..).map(|number| format!("{}-{number}", self.of));
        let slug = slug.into_iter().find(|slug| !self.cameras.contains_key(slug));
        let slug = slug.expect("numbers do not end");
        let (name, url) = (format!("{slug} anew"), self.url(&slug));
        let body = json!({ "name": name, "slug": slug, "streams": { "main": { "url": url } } });
        let made = done(self.server, "POST", "/cameras", Some(body)).await;
        assert_eq!(made["slug"], *slug, "{made:#}");
        let streams = [("main".to_owned(), (url, true, None, None))].into();
        self.cameras.insert(slug, Said { name, paused: false, streams });
        "added"
    }

    async fn remove(&mut self, slug: &str) -> &'static str {
        let said = self.cameras.remove(slug).expect("it is there");
        let delete = self.dice.below(2) == 0;
        let query = if delete { "?footage=delete" } else { "" };
        done(self.server, "DELETE", &format!("/cameras/{slug}{query}"), None).await;
        if delete {
            // Whatever was recorded under its slug before.
            self.deleted.extend(self.numbers.remove(slug).unwrap_or_default());
            return "removed with its footage";
        }
        drop(said);
        "removed"
    }

    /// The whole camera as a text.
    async fn apply(&mut self, slug: &str) -> &'static str {
        let url = self.url(slug);
        let name = format!("{slug} by text {}", self.number);
        let text = camera(slug, &url, "", "keep = { max_days = 7 }").replacen(
            &format!("name = \"{slug}\""),
            &format!("name = \"{name}\""),
            1,
        );
        let door = self.server.door();
        let put = door.ask("PUT", "/api/v1/config").body("application/toml", &text);
        let reply: Reply = put.send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let streams = [("main".to_owned(), (url, true, None, Some(7)))].into();
        self.cameras.insert(slug.to_owned(), Said { name, paused: false, streams });
        "applied as a text"
    }

    /// The second volume takes new footage, or takes none: whoever is there moves on.
    async fn volume(&mut self) -> &'static str {
        let r#use = *self.dice.one(&["record", "record", "keep"]);
        done(self.server, "PATCH", "/volumes/disk2", Some(json!({ "use": r#use }))).await;
        "changed a volume"
    }

    async fn pause(&mut self, slug: &str) -> &'static str {
        let said = self.cameras.get_mut(slug).expect("it is there");
        said.paused = !said.paused;
        let (paused, what) = (said.paused, if said.paused { "paused" } else { "resumed" });
        self.patch(slug, json!({ "paused": paused })).await;
        what
    }

    async fn rename(&mut self, slug: &str) -> &'static str {
        let name = format!("{slug} called {}", self.dice.below(1000));
        self.cameras.get_mut(slug).expect("it is there").name.clone_from(&name);
        self.patch(slug, json!({ "name": name })).await;
        "renamed"
    }

    /// A sub-stream comes, or goes.
    async fn other_streams(&mut self, slug: &str) -> &'static str {
        let url = self.url(slug);
        let said = self.cameras.get_mut(slug).expect("it is there");
        if said.streams.remove("sub").is_some() {
            self.patch(slug, json!({ "streams": { "sub": null } })).await;
            return "took a stream out";
        }
        said.streams.insert("sub".to_owned(), (url.clone(), true, None, None));
        self.patch(slug, json!({ "streams": { "sub": { "url": url } } })).await;
        "added a stream"
    }

    async fn change_stream(&mut self, slug: &str) -> &'static str {
        let (url, kind) = (self.url(slug), self.dice.below(4));
        let volume = *self.dice.one(&[None, Some("disk1"), Some("disk2")]);
        let days = *self.dice.one(&[None, Some(3), Some(30)]);
        let said = self.cameras.get_mut(slug).expect("it is there");
        let names: Vec<String> = said.streams.keys().cloned().collect();
        let name = self.dice.one(&names).clone();
        let stream = said.streams.get_mut(&name).expect("it is there");
        let (what, change) = match kind {
            0 => ("another address", json!({ "url": url })),
            1 => ("recorded or not", json!({ "record": !stream.1 })),
            2 => ("another volume", json!({ "volume": volume })),
            _ => ("other limits", json!({ "keep": { "max_days": days } })),
        };
        match kind {
            0 => stream.0 = url,
            1 => {
                stream.1 = !stream.1;
                let number = stream.0.rsplit("c=").next().and_then(|text| text.parse().ok());
                self.rested.insert(number.expect("its address ends with it"));
            }
            2 => stream.2 = volume.map(str::to_owned),
            _ => stream.3 = days,
        }
        self.patch(slug, json!({ "streams": { name: change } })).await;
        what
    }

    async fn patch(&self, slug: &str, change: Value) {
        done(self.server, "PATCH", &format!("/cameras/{slug}"), Some(change)).await;
    }

    /// Whether everything is as it was said last.
    async fn assert_as_said(&self) {
        let list = self.server.json("/cameras").await;
        let slugs = list["cameras"].as_array().into_iter().flatten();
        let slugs = slugs.filter_map(|camera| camera["slug"].as_str());
        let slugs: BTreeSet<&str> = slugs.filter(|slug| slug.starts_with(self.of)).collect();
        assert_eq!(slugs, self.cameras.keys().map(String::as_str).collect());
        for (slug, said) in &self.cameras {
            let found = self.server.json(&format!("/cameras/{slug}/settings")).await;
            assert_eq!(said_of(&found), *said, "{slug}: {found:#}; {}", self.server.log());
        }
    }
}

/// Settings as a hand keeps them in mind.
fn said_of(found: &Value) -> Said {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let stream = |(name, it): (&String, &Value)| {
        let days = it["keep"]["max_days"].as_u64();
        let url = text(&it["url"]).unwrap_or_default();
        (name.clone(), (url, it["record"] == true, text(&it["volume"]), days))
    };
    Said {
        name: text(&found["name"]).unwrap_or_default(),
        paused: found["paused"] == true,
        streams: found["streams"].as_object().into_iter().flatten().map(stream).collect(),
    }
}

/// The seed of this run: another one each time, unless `HOLDFAST_SEED` says which.
fn seed() -> u64 {
    let given = std::env::var("HOLDFAST_SEED").ok().and_then(|text| text.parse().ok());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    given.unwrap_or(now.map_or(0, |now| now.as_secs()))
}

/// Two volumes, one of them made by a text, and the cameras that nobody touches.
async fn begin(cam: &TestCam) -> Server {
    let url = |(_, scene, number): (&str, &str, u32)| cam.url(&format!("{scene};c={number}"));
    let filed = UNTOUCHED[..2].iter().map(|it| (it.0, url(*it)));
    let setup =
        Setup { archive: "segment_duration = \"3s\"".to_owned(), ..Setup::with_cameras(filed) };
    let server = Server::start(&setup).await;
    let second = server.dir().join("second");
    let text = format!("[[archive.volume]]\nname = \"disk2\"\npath = \"{}\"\n", second.display());
    let put = server.door().ask("PUT", "/api/v1/config").body("application/toml", &text);
    let reply = put.send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    for it in &UNTOUCHED[2..] {
        let streams = json!({ "main": { "url": url(*it) } });
        let body = json!({ "name": it.0, "streams": streams });
        done(&server, "POST", "/cameras", Some(body)).await;
    }
    for (camera, ..) in UNTOUCHED {
        server.wait_for(camera, "recording", |stream| stream["recording"] == "on").await;
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_random_changes_cost_no_frame_on_any_other_camera() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let cam = cams::stamped(folder.path()).await;
    let mut server = begin(&cam).await;
    let (seed, began) = (seed(), Instant::now());
    eprintln!("HOLDFAST_SEED={seed}");
    let hand = |of, number, seed| Hand {
        server: &server,
        cam: &cam,
        of,
        dice: Dice(seed),
        number,
        cameras: BTreeMap::new(),
        numbers: BTreeMap::new(),
        deleted: BTreeSet::new(),
        rested: BTreeSet::new(),
        tally: BTreeMap::new(),
    };
    let (mut left, mut right) = (hand("left", 10_000, seed), hand("right", 20_000, !seed));
    tokio::join!(left.change(CHANGES / 2), right.change(CHANGES / 2));
    let took = began.elapsed();
    eprintln!("{took:?}: {:?}, {:?}", left.tally, right.tally);
    for hand in [&left, &right] {
        hand.assert_as_said().await;
    }
    for (camera, ..) in UNTOUCHED {
        let stream = server.stream(camera).await;
        let lost = (&stream["lost_frames"], &stream["reconnects"]);
        assert_eq!(lost, (&json!(0), &json!(0)), "{stream:#}; {}", server.log());
    }
    // What is not touched any more is in effect, and outlives a restart.
    let deleted: BTreeSet<u32> = left.deleted.union(&right.deleted).copied().collect();
    let rested: BTreeSet<u32> = left.rested.union(&right.rested).copied().collect();
    let list = server.json("/cameras").await["cameras"].as_array().map(Vec::len);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    assert_every_frame(&server, &deleted, &rested, took);
    assert_checked(&server);
    server.start_again().await;
    assert_eq!(server.json("/cameras").await["cameras"].as_array().map(Vec::len), list);
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
}

/// All frames of the cameras that nobody touched are there once, in one session; and those of each
/// session of the others, from its first to its last; but for whole GOPs while it was not recorded.
fn assert_every_frame(
    server: &Server,
    deleted: &BTreeSet<u32>,
    rested: &BTreeSet<u32>,
    took: Duration,
) {
    let second = mp4_files(&server.dir().join("second"));
    let found = frames(&[mp4_files(&server.media()), second].concat());
    for (name, scene, number) in UNTOUCHED {
        let sessions: Vec<_> = found.iter().filter(|((camera, _), _)| *camera == number).collect();
        assert_eq!(sessions.len(), 1, "{name}: {}", server.log());
        let stamps = sessions[0].1;
        assert_whole(stamps, name);
        assert_eq!(stamps[0].frame, 0, "{name}: {}", server.log());
        let rate = if scene.ends_with("main") { 25.0 } else { 12.5 };
        let least = rate * took.as_secs_f64();
        assert!(stamps.len() as f64 >= least * 0.98, "{name}: {} of {least}", stamps.len());
    }
    let touched = || found.iter().filter(|((it, _), _)| UNTOUCHED.iter().all(|(.., n)| n != it));
    let judged = || touched().filter(|((it, _), _)| !deleted.contains(it));
    for ((number, session), stamps) in judged() {
        let rests = |a: &Stamp, b: &Stamp| {
            rested.contains(number)
                && a.frame + 1 < b.frame
                && (a.frame + 1).is_multiple_of(GOP)
                && b.frame.is_multiple_of(GOP)
        };
        for part in stamps.chunk_by(|a, b| !rests(a, b)) {
            assert_whole(part, &format!("camera {number}, session {session}: {}", server.log()));
        }
    }
    let (judged, all) = (judged().count(), touched().count());
    eprintln!("{judged} of {all} sessions of changed cameras were judged");
    assert!(judged >= SESSIONS_MIN && judged * 2 >= all, "{judged} of {all}: {}", server.log());
}
