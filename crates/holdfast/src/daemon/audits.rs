//! What the audit says of configuration, in words.

use api::operations::Applied;
use base::WallTime;
use catalog::{AuditRow, CameraRow, Change, StreamRow};
use control::Known;

/// Letters of one entry's detail.
const DETAIL_CHARS_MAX: usize = 4000;

/// An entry for configuration that `who` gave, without its detail.
pub fn entry(at: WallTime, who: &str) -> AuditRow {
    AuditRow {
        at,
        who: who.to_owned(),
        what: "configuration-applied".to_owned(),
        subject: "configuration".to_owned(),
        detail: String::new(),
    }
}

/// What a configuration changed of cameras, and the limits that it set.
pub fn of_cameras(applied: &Applied, limits: &[String]) -> String {
    let named = [
        ("added", applied.added.as_slice()),
        ("changed", applied.changed.as_slice()),
        ("paused", applied.paused.as_slice()),
        ("limits", limits),
    ];
    let named = named.into_iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> =
        named.map(|(word, names)| format!("{word}: {}", names.join(", "))).collect();
    match parts.is_empty() {
        true => "it changed no camera".to_owned(),
        false => bounded(&parts.join("; ")),
    }
}

/// What changes of one camera and its streams: before and after, and nothing that is secret.
pub fn of_camera(known: &Known, changes: &[Change]) -> String {
    let mut words = Vec::new();
    for change in changes {
        let (of, before, after) = match change {
            Change::PutCamera(row) => {
                let before = known.cameras.iter().find(|old| old.id == row.id);
                if before.is_some_and(|old| old.password != row.password) {
                    words.push("another password".to_owned());
                }
                (String::new(), before.map(camera_in_words), camera_in_words(row))
            }
            Change::PutStream(row) => {
                let before = known.streams.iter().find(|old| old.id == row.id);
                let words = |row| stream_in_words(row, known);
                (format!("{} ", row.name), before.map(words), words(row))
            }
            _ => continue,
        };
        let changed = |at: usize| before.as_ref().is_none_or(|before| before[at] != after[at]);
        for at in (0..after.len()).filter(|at| changed(*at)) {
            let (key, now) = &after[at];
            words.push(match &before {
                Some(before) => format!("{of}{key} {} → {now}", before[at].1),
                None => format!("{of}{key} {now}"),
            });
        }
    }
    bounded(&words.join("; "))
}

/// A value and what it is called.
type Named = (&'static str, String);

fn camera_in_words(row: &CameraRow) -> Vec<Named> {
    let username = row.username.as_ref().map_or("none".to_owned(), |name| format!("{name:?}"));
    vec![
        ("name", format!("{:?}", row.name)),
        ("username", username),
        ("paused", row.paused.to_string()),
        ("removed", row.removed.to_string()),
    ]
}

fn stream_in_words(row: &StreamRow, known: &Known) -> Vec<Named> {
    let volume = known.volumes.iter().find(|volume| Some(volume.id) == row.volume);
    vec![
        ("url", if row.is_taken_out() { "none".to_owned() } else { row.url.clone() }),
        ("transport", row.transport.to_string()),
        ("record", row.record.to_string()),
        ("schedule", row.schedule.as_ref().map_or("always".to_owned(), ToString::to_string)),
        ("paused", row.paused.to_string()),
        ("volume", volume.map_or("any".to_owned(), |volume| volume.name.clone())),
        ("keep", of_keep(row.keep)),
    ]
}

/// The volumes that a configuration names.
pub fn of_volumes(volumes: &[config::Volume]) -> String {
    let words = |volume: &config::Volume| {
        let (name, path) = (&volume.name, volume.path.display());
        format!("volume {name:?} in {path}: use {}, keep_free {}", volume.r#use.as_str(), {
            volume.keep_free
        })
    };
    bounded(&volumes.iter().map(words).collect::<Vec<_>>().join("; "))
}

/// The limits that `changes` give streams, and those that they had, in words.
pub fn limits(known: &Known, changes: &[Change]) -> Vec<String> {
    let slug = |row: &StreamRow| {
        let new = changes.iter().filter_map(|change| match change {
            Change::PutCamera(camera) => Some(camera),
            _ => None,
        });
        let camera = new.chain(&known.cameras).find(|camera| camera.id == row.camera);
        camera.map_or("", |camera| camera.slug.as_str()).to_owned()
    };
    let changed = changes.iter().filter_map(|change| match change {
        Change::PutStream(row) => Some(row),
        _ => None,
    });
    let words = |row: &StreamRow| {
        let before = known.streams.iter().find(|old| old.id == row.id).map(|old| old.keep);
        let name = format!("{}/{}", slug(row), row.name);
        match before {
            Some(before) if before == row.keep => None,
            Some(before) => Some(format!("{name} {} (was {})", of_keep(row.keep), of_keep(before))),
            None => Some(format!("{name} {}", of_keep(row.keep))),
        }
    };
    changed.filter_map(words).collect()
}

fn of_keep(keep: config::Keep) -> String {
    let config::Keep { max_bytes, max_days, min_days } = keep;
    let bytes = max_bytes.map(|bytes| format!("max_bytes {}", config::format_bytes(bytes)));
    let days = |key: &str, days: Option<u32>| days.map(|days| format!("{key} {days}"));
    let set = [bytes, days("max_days", max_days), days("min_days", min_days)];
    let set: Vec<String> = set.into_iter().flatten().collect();
    if set.is_empty() { "without limits".to_owned() } else { set.join(" ") }
}

fn bounded(words: &str) -> String {
    let mut short: String = words.chars().take(DETAIL_CHARS_MAX).collect();
    if short.len() < words.len() {
        short.push_str(" …");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_names_what_changed_and_is_bounded() {
        assert_eq!(of_cameras(&Applied::default(), &[]), "it changed no camera");
        let applied =
            Applied { changed: vec!["stream door/main".to_owned()], ..Applied::default() };
        let keep = |max_days| config::Keep { max_days: Some(max_days), ..config::Keep::default() };
        let limits = [format!("door/main {} (was {})", of_keep(keep(1)), of_keep(keep(365)))];
        assert_eq!(
            of_cameras(&applied, &limits),
            "changed: stream door/main; limits: door/main max_days 1 (was max_days 365)"
        );
        let many = Applied { added: vec!["camera ä".to_owned(); 10_000], ..Applied::default() };
        assert!(of_cameras(&many, &[]).chars().count() < DETAIL_CHARS_MAX + 9);
    }
}
