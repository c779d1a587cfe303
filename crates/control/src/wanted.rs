//! What should run, from rows; and what to do about it, by difference. Pure.

use std::collections::BTreeMap;

use base::{CameraId, StreamId, VolumeId};
use camera::StreamSource;
use catalog::{CameraRow, StreamRow};
use config::{Password, PasswordError, Secret};
use stream::EndCause;

use crate::rows::Known;
use crate::switch::Rules;

/// A stream that should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The stream.
    pub stream: StreamId,
    /// Its name.
    pub stream_name: String,
    /// Its camera.
    pub camera: CameraId,
    /// The camera's fixed short name.
    pub camera_slug: String,
    /// The camera's name.
    pub camera_name: String,
    /// Where it is fetched.
    pub source: StreamSource,
    /// What says whether it is recorded.
    pub rules: Rules,
    /// Where, while that works; `None`: where there is most room.
    pub volume: Option<VolumeId>,
}

impl Wanted {
    /// Whether it is recorded at some time.
    pub fn is_ever_recorded(&self) -> bool {
        self.rules.record || self.rules.demand.is_some()
    }
}

/// A stream that should run and cannot, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The stream.
    pub stream: StreamId,
    /// `camera/stream`.
    pub label: String,
    /// What is wrong and what to do.
    pub problem: String,
}

/// What to do so that what should run runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// End this stream.
    Stop(StreamId),
    /// Begin this one.
    Start(Box<Wanted>),
}

/// When passwords that stand in files are read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passwords {
    /// Of all streams: the files were asked for.
    Anew,
    /// Of streams that change or begin: what runs as it is, goes on with the one that it has.
    OfWhatChanges,
}

/// Where streams are fetched that run now and of which the rows say what they said.
pub type Unchanged = BTreeMap<StreamId, StreamSource>;

/// The streams that should run, in the order of the rows. `resolve` gives a password's text. One
/// of the `unchanged` goes on as it is where its password cannot be read: it has worked.
pub fn wanted(
    known: &Known,
    resolve: &dyn Fn(&Password) -> Result<Secret, PasswordError>,
    unchanged: &Unchanged,
    passwords: Passwords,
) -> (Vec<Wanted>, Vec<Unusable>) {
    let (mut wanted, mut unusable) = (Vec::new(), Vec::new());
    for camera in known.cameras.iter().filter(|camera| !camera.paused && !camera.removed) {
        let streams = known.streams.iter().filter(|row| row.camera == camera.id && !row.paused);
        for stream in streams {
            let now = unchanged.get(&stream.id);
            let source = match (now, passwords) {
                (Some(now), Passwords::OfWhatChanges) => Ok(now.clone()),
                _ => source(camera, stream, resolve),
            };
            match source.or_else(|problem| now.cloned().ok_or(problem)) {
                Ok(source) => wanted.push(Wanted {
                    stream: stream.id,
                    stream_name: stream.name.clone(),
                    camera: camera.id,
                    camera_slug: camera.slug.clone(),
                    camera_name: camera.name.clone(),
                    source,
                    rules: known.rules(stream.id),
                    volume: stream.volume,
                }),
                Err(problem) => unusable.push(Unusable {
                    stream: stream.id,
                    label: label(camera, stream),
                    problem,
                }),
            }
        }
    }
    (wanted, unusable)
}

fn label(camera: &CameraRow, stream: &StreamRow) -> String {
    format!("{}/{}", camera.slug, stream.name)
}

fn source(
    camera: &CameraRow,
    stream: &StreamRow,
    resolve: &dyn Fn(&Password) -> Result<Secret, PasswordError>,
) -> Result<StreamSource, String> {
    let source =
        StreamSource::new(label(camera, stream), &stream.url).map_err(|error| error.to_string())?;
    let password = camera.password.as_ref().map(resolve).transpose();
    let password = password.map_err(|error| error.to_string())?;
    Ok(match &camera.username {
        Some(user) => source.with_credentials(user, password.as_ref().map_or("", Secret::expose)),
        None => source,
    })
}

/// What turns `running` into `wanted`. Names, volumes, and whether a stream is recorded may change
/// while it runs.
pub fn difference<'a>(running: impl Iterator<Item = &'a Wanted>, wanted: &[Wanted]) -> Vec<Action> {
    let same = |a: &Wanted, b: &Wanted| (a.stream, &a.source) == (b.stream, &b.source);
    let (mut actions, mut kept) = (Vec::new(), Vec::new());
    for old in running {
        match wanted.iter().any(|new| same(old, new)) {
            true => kept.push(old.stream),
            false => actions.push(Action::Stop(old.stream)),
        }
    }
    let begin = wanted.iter().filter(|new| !kept.contains(&new.stream));
    actions.extend(begin.cloned().map(Box::new).map(Action::Start));
    actions
}

/// Why a stream that runs is stopped, going by what is known now.
pub fn cause_of_stop(stream: StreamId, known: &Known) -> EndCause {
    let row = known.streams.iter().find(|row| row.id == stream);
    let camera = row.and_then(|row| known.cameras.iter().find(|camera| camera.id == row.camera));
    match row {
        Some(row) if row.paused || camera.is_some_and(|camera| camera.paused) => EndCause::Paused,
        Some(row) if !row.record => EndCause::Off,
        _ => EndCause::Reconfigured,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::WallTime;

    fn stream(number: u8, url: &str) -> Wanted {
        Wanted {
            stream: StreamId::new(WallTime::EPOCH, [number; 10]),
            stream_name: "main".to_owned(),
            camera: CameraId::new(WallTime::EPOCH, [number; 10]),
            camera_slug: "door".to_owned(),
            camera_name: "Door".to_owned(),
            source: StreamSource::new("door/main", url).expect("is a URL"),
            rules: Rules { record: true, ..Rules::default() },
            volume: None,
        }
    }

    #[test]
    fn only_what_differs_is_stopped_and_started() {
        let (a, b) = (stream(1, "rtsp://192.0.2.1/"), stream(2, "rtsp://192.0.2.2/"));
        let moved = stream(2, "rtsp://192.0.2.9/");
        let renamed = Wanted { camera_name: "Gate".to_owned(), ..a.clone() };
        assert_eq!(difference([&a, &b].into_iter(), &[renamed, b.clone()]), []);
        assert_eq!(
            difference([&a, &b].into_iter(), &[a.clone(), moved.clone()]),
            [Action::Stop(b.stream), Action::Start(Box::new(moved))]
        );
        assert_eq!(difference([&a].into_iter(), &[]), [Action::Stop(a.stream)]);
    }

    /// A camera with one stream.
    fn rows() -> (CameraRow, StreamRow) {
        let camera = CameraRow {
            id: CameraId::new(WallTime::EPOCH, [1; 10]),
            slug: "door".to_owned(),
            name: "Door".to_owned(),
            managed_by_file: false,
            paused: false,
            removed: false,
            username: None,
            password: None,
        };
        let stream = StreamRow {
            id: StreamId::new(WallTime::EPOCH, [2; 10]),
            camera: camera.id,
            name: "main".to_owned(),
            url: "rtsp://192.0.2.1/".to_owned(),
            transport: config::Transport::Auto,
            schedule: None,
            record: true,
            paused: false,
            volume: None,
            keep: config::Keep::default(),
        };
        (camera, stream)
    }

    #[test]
    fn other_limits_touch_no_connection() {
        let (camera, row) = rows();
        let wanted_with = |keep: config::Keep| {
            let streams = vec![StreamRow { keep, ..row.clone() }];
            let known = Known { cameras: vec![camera.clone()], streams, ..Known::default() };
            wanted(&known, &|_| Ok(Secret::new("")), &Unchanged::new(), Passwords::Anew).0
        };
        let before = wanted_with(config::Keep::default());
        let keep = config::Keep { max_bytes: Some(1), max_days: Some(2), min_days: Some(1) };
        assert_eq!(difference(before.iter(), &wanted_with(keep)), []);
    }

    #[test]
    fn what_runs_goes_on_where_its_password_cannot_be_read_any_more() {
        let (camera, row) = rows();
        let password = Some(Password::File("/run/secrets/door".into()));
        let camera = CameraRow { username: Some("viewer".to_owned()), password, ..camera };
        let known = Known { cameras: vec![camera], streams: vec![row.clone()], ..Known::default() };
        let read = |text: &'static str| move |_: &Password| Ok(Secret::new(text));
        let gone = |_: &Password| {
            Err(PasswordError::Unreadable {
                path: "/run/secrets/door".into(),
                why: std::io::ErrorKind::NotFound.into(),
            })
        };
        let (anew, changed) = (Passwords::Anew, Passwords::OfWhatChanges);
        let (first, _) = wanted(&known, &read("tulip"), &Unchanged::new(), changed);
        let runs = Unchanged::from([(row.id, first[0].source.clone())]);
        for passwords in [anew, changed] {
            assert_eq!(wanted(&known, &gone, &runs, passwords), (first.clone(), Vec::new()));
        }
        assert_eq!(wanted(&known, &read("rose"), &runs, changed).0, first, "nobody asked for it");
        assert_ne!(wanted(&known, &read("rose"), &runs, anew).0, first);
        assert_eq!(wanted(&known, &gone, &Unchanged::new(), changed).1.len(), 1, "it never ran");
    }

    #[test]
    fn a_stream_that_stops_says_why() {
        let (camera, row) = rows();
        let why = |camera: &CameraRow, stream: &StreamRow| {
            let (cameras, streams) = (vec![camera.clone()], vec![stream.clone()]);
            let known = Known { cameras, streams, ..Known::default() };
            cause_of_stop(row.id, &known)
        };
        let paused = CameraRow { paused: true, ..camera.clone() };
        assert_eq!(why(&camera, &row), EndCause::Reconfigured);
        assert_eq!(why(&paused, &row), EndCause::Paused);
        assert_eq!(why(&camera, &StreamRow { paused: true, ..row.clone() }), EndCause::Paused);
        assert_eq!(why(&camera, &StreamRow { record: false, ..row.clone() }), EndCause::Off);
    }
}
