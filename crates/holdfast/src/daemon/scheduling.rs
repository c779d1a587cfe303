//! Turns recording on and off by the clock, and on demand (`docs/design/scheduling.md`).

use std::sync::Arc;
use std::time::Duration;

use api::operations::{BoxFuture, CameraError, OperationError};
use base::{CameraId, StreamId, limits};
use catalog::{AuditRow, Change, DemandRow, StreamRow};
use control::Known;
use control::wanted::Passwords;

use super::effect;
use super::house::House;

mod looks;

pub use looks::{Bell, start};

/// Records streams of a camera for so long from now on, or, without a length, no longer than their
/// settings say; in its turn.
pub fn demand(
    house: Arc<House>,
    camera: CameraId,
    streams: Option<Vec<String>>,
    length: Option<Duration>,
    audit: AuditRow,
) -> BoxFuture<'static, Result<(), CameraError>> {
    Box::pin(async move {
        let theirs = house.clone();
        let work = move || make(&theirs, camera, streams.as_deref(), length, audit);
        house.turns.ask("recording on demand", limits::CONFIG_ANSWER_TIMEOUT, work).await?
    })
}

fn make(
    house: &House,
    camera: CameraId,
    streams: Option<&[String]>,
    length: Option<Duration>,
    audit: AuditRow,
) -> Result<(), CameraError> {
    let known = effect::known(&house.catalog).map_err(failed)?;
    let now = house.machine.wall();
    let chosen = match length {
        Some(_) => meant(&known, camera, streams)?,
        None => demanded(&known, camera, streams),
    };
    let until = length.map(|length| now.plus_micros(length.as_micros() as i64));
    let change = |stream: StreamId| match until {
        Some(until) => Change::PutDemand(DemandRow { stream, asked: now, until }),
        None => Change::EndDemand(stream),
    };
    if chosen.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = chosen.iter().map(|row| row.name.as_str()).collect();
    let names = names.join(", ");
    let detail = match (length, until) {
        (Some(length), Some(until)) => {
            format!("{names} for {}, until {until}", config::format_duration(length))
        }
        _ => format!("{names}: as their settings say"),
    };
    let mut changes: Vec<_> = chosen.iter().map(|row| change(row.id)).collect();
    changes.push(Change::Audit(AuditRow { detail, ..audit }));
    house.rows.apply(changes).map_err(failed)?;
    house.reconcile(Passwords::OfWhatChanges).map_err(|error| failed(format!("{error:#}")))
}

/// The streams that are meant: those that are named, or else those that are recorded at some time,
/// or else the first one.
fn meant<'a>(
    known: &'a Known,
    camera: CameraId,
    named: Option<&[String]>,
) -> Result<Vec<&'a StreamRow>, CameraError> {
    let row = known.cameras.iter().find(|row| row.id == camera && !row.removed);
    let row = row.ok_or(CameraError::Unknown)?;
    if row.paused {
        let why = format!("camera {:?} is paused, and sends nothing: resume it first", row.name);
        return Err(CameraError::Taken(why));
    }
    let mut all: Vec<_> = of(known, camera).filter(|row| !row.paused).collect();
    all.sort_by_key(|row| (row.name != "main", row.name.clone()));
    if all.is_empty() {
        let why = format!("camera {:?} has no stream that sends: resume one first", row.name);
        return Err(CameraError::Taken(why));
    }
    let Some(named) = named else {
        let recorded: Vec<_> = all.iter().copied().filter(|row| row.record).collect();
        all.truncate(1);
        return Ok(if recorded.is_empty() { all } else { recorded });
    };
    let invalid = |message: String| {
        CameraError::Invalid(config::FieldProblem { path: vec!["streams".to_owned()], message })
    };
    if named.is_empty() {
        return Err(invalid("it names no stream: name some, or leave it out".to_owned()));
    }
    let find = |name: &String| all.iter().copied().find(|row| row.name == *name);
    let missing = |name: &String| match of(known, camera).any(|row| row.name == *name) {
        true => CameraError::Taken(format!(
            "stream {name:?} of camera {:?} is paused, and sends nothing: resume it first",
            row.name
        )),
        false => invalid(format!("camera {:?} has no stream {name:?}", row.name)),
    };
    named.iter().map(|name| find(name).ok_or_else(|| missing(name))).collect()
}

/// The streams of a camera that somebody wants to be recorded.
fn demanded<'a>(
    known: &'a Known,
    camera: CameraId,
    named: Option<&[String]>,
) -> Vec<&'a StreamRow> {
    let is_meant = |row: &&StreamRow| {
        let is_demanded = known.demands.iter().any(|demand| demand.stream == row.id);
        is_demanded && named.is_none_or(|named| named.contains(&row.name))
    };
    of(known, camera).filter(is_meant).collect()
}

fn of(known: &Known, camera: CameraId) -> impl Iterator<Item = &StreamRow> {
    known.streams.iter().filter(move |row| row.camera == camera)
}

fn failed(why: impl std::fmt::Display) -> CameraError {
    CameraError::Failed(OperationError(why.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use catalog::CameraRow;

    use super::*;

    const CAMERA: CameraId = CameraId::from_bytes([1; 16]);

    fn stream(id: u8, name: &str, paused: bool) -> StreamRow {
        StreamRow {
            id: StreamId::from_bytes([id; 16]),
            camera: CAMERA,
            name: name.to_owned(),
            url: "rtsp://192.0.2.1/".to_owned(),
            transport: config::Transport::Auto,
            schedule: None,
            record: false,
            paused,
            volume: None,
            keep: config::Keep::default(),
        }
    }

    #[test]
    fn a_stream_that_sends_nothing_cannot_be_recorded_on_demand() {
        let camera = CameraRow {
            id: CAMERA,
            slug: "door".to_owned(),
            name: "Door".to_owned(),
            managed_by_file: false,
            paused: false,
            removed: false,
            username: None,
            password: None,
        };
        let streams = vec![stream(2, "main", false), stream(3, "sub", true)];
        let known = Known { cameras: vec![camera], streams, ..Known::default() };
        let named = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            meant(&known, CAMERA, Some(&names)).map(|rows| rows.len())
        };
        assert_eq!(named(&["main"]).unwrap(), 1);
        let paused = named(&["main", "sub"]).unwrap_err();
        assert!(matches!(&paused, CameraError::Taken(why) if why.contains("\"sub\" of camera")));
        assert!(matches!(named(&["naim"]), Err(CameraError::Invalid(_))));
        assert!(matches!(named(&[]), Err(CameraError::Invalid(_))));
    }
}
