//! Footage that stays and footage that goes: protecting, deleting by hand, the audit, forecasts.

use std::collections::HashMap;

use axum::Extension;
use axum::extract::State;
use base::{StreamId, VolumeId, WallTime, limits};
use catalog::{AuditRow, Change, ProtectionRow};
use config::{Keep, KeepFree};
use http::StatusCode;

use super::cameras::{StreamNames, find_stream};
use super::volumes;
use crate::app::App;
use crate::caller::Identity;
use crate::json::Json;
use crate::operations::{Proposed, StreamForecast};
use crate::path::Path;
use crate::problem::{Problem, no_footage};
use crate::query::{Query, in_order};
use crate::render::{self, Footage};
use crate::wire::keeping as wire;

/// The range of a request, both ends given.
fn range(app: &App, query: &Query) -> Result<(WallTime, WallTime), Problem> {
    let now = app.clock().wall();
    let end = |name| {
        let missing = || Problem::bad(name, "it is missing: both ends must be given");
        query.time(name, now)?.ok_or_else(missing)
    };
    let (from, to) = (end("from")?, end("to")?);
    in_order(from, to)?;
    Ok((from, to))
}

/// `GET …/protected`
pub(crate) async fn protected(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    query: Query,
) -> Result<Json<wire::ProtectedList>, Problem> {
    let now = app.clock().wall();
    let from = query.time("from", now)?.unwrap_or(WallTime::EPOCH);
    let to = query.time("to", now)?.unwrap_or(WallTime::MAX);
    in_order(from, to)?;
    let stream = find_stream(&app, &names)?.id;
    app.blocking(move |app| {
        let rows = app.catalog().protections(stream, from, to)?;
        let protected: Result<_, Problem> = rows.into_iter().map(|row| held(app, row)).collect();
        Ok(Json(wire::ProtectedList { protected: protected? }))
    })
    .await
}

/// `PUT …/protected`
pub(crate) async fn protect(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    Extension(identity): Extension<Identity>,
    query: Query,
) -> Result<Json<wire::Protected>, Problem> {
    let (from, to) = range(&app, &query)?;
    let note = query.get("note").unwrap_or_default().to_owned();
    if note.chars().count() > limits::NOTE_CHARS_MAX {
        let detail = format!("it is too long: {} letters at most", limits::NOTE_CHARS_MAX);
        return Err(Problem::bad("note", detail));
    }
    let stream = find_stream(&app, &names)?.id;
    let (made, made_by) = (app.clock().wall(), who(&identity));
    let row = ProtectionRow { stream, from, to, made, made_by, note };
    let detail = format!("from {from} to {to}: {}", row.note);
    let audit = audit(&app, &identity, "footage-protected", &names, &detail);
    app.operations().commit(vec![Change::Protect(row.clone()), audit]).await?;
    app.blocking(move |app| held(app, row)).await.map(Json)
}

/// `DELETE …/protected`
pub(crate) async fn unprotect(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    Extension(identity): Extension<Identity>,
    query: Query,
) -> Result<StatusCode, Problem> {
    let (from, to) = range(&app, &query)?;
    let stream = find_stream(&app, &names)?.id;
    let detail = format!("from {from} to {to}");
    let audit = audit(&app, &identity, "footage-unprotected", &names, &detail);
    app.operations().commit(vec![Change::Unprotect { stream, from, to }, audit]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE …/footage`
pub(crate) async fn delete(
    State(app): State<App>,
    Path(names): Path<StreamNames>,
    Extension(identity): Extension<Identity>,
    query: Query,
) -> Result<Json<wire::Deleted>, Problem> {
    let (from, to) = range(&app, &query)?;
    let stream = find_stream(&app, &names)?.id;
    let (spans, to, deleted) = app
        .blocking(move |app| {
            let spans = app.catalog().there_by(stream, (from, to), app.clock().wall())?;
            let to = spans.last().map_or(from, |(_, to)| *to);
            Ok((spans, to, what_goes(app, stream, from, to)?))
        })
        .await?;
    let detail = format!(
        "from {from} to {to}: {} segments of {} bytes, and what others hold of it",
        deleted.segments, deleted.bytes
    );
    let audit = audit(&app, &identity, "footage-deleted", &names, &detail);
    let hide = spans.into_iter().map(|(from, to)| Change::Hide { stream, from, to });
    app.operations().commit(hide.chain([audit]).collect()).await?;
    Ok(Json(deleted))
}

/// What of [from, to) lies in whole segments, and what in parts of them.
fn what_goes(
    app: &App,
    stream: StreamId,
    from: WallTime,
    to: WallTime,
) -> Result<wire::Deleted, Problem> {
    let nothing = |app: &App| -> Result<Problem, Problem> {
        let recorded = Footage::of(app, stream)?.recorded;
        let asked = format!("no footage from {from} to {to}");
        Ok(Problem::NoFootage(no_footage(&asked, recorded), recorded))
    };
    if to <= from {
        return Err(nothing(app)?);
    }
    let (mut segments, mut bytes, mut hidden) = (0, 0, Vec::new());
    for (start, end, sealed) in touched(app, stream, from, to)? {
        match sealed {
            Some(allocated) if from <= start && end <= to => {
                segments += 1;
                bytes += allocated;
            }
            _ => hidden.push(render::span((start.max(from), end.min(to)))),
        }
    }
    if segments == 0 && hidden.is_empty() {
        return Err(nothing(app)?);
    }
    Ok(wire::Deleted { from: from.into(), to: to.into(), segments, bytes, hidden })
}

/// The segments that touch [from, to): span, and what its file takes if it is sealed.
fn touched(
    app: &App,
    stream: StreamId,
    from: WallTime,
    to: WallTime,
) -> Result<Vec<(WallTime, WallTime, Option<u64>)>, Problem> {
    let growing = app.catalog().tail().segments(stream);
    let sealed = app.catalog().spans(stream, from, to)?;
    let known: Vec<_> = sealed.iter().map(|segment| segment.id).collect();
    let growing = growing.into_iter().map(|open| open.row);
    let growing = growing.filter(|row| row.start < to && row.end > from);
    let growing = growing.filter(|row| !known.contains(&row.id));
    let sealed = sealed.iter().map(|s| (s.start, s.end, Some(s.allocated)));
    Ok(sealed.chain(growing.map(|row| (row.start, row.end, None))).collect())
}

/// A protection, with what it really holds.
fn held(app: &App, row: ProtectionRow) -> Result<wire::Protected, Problem> {
    let mut touched = touched(app, row.stream, row.from, row.to)?;
    // What was deleted as a whole before goes all the same.
    for (from, to) in app.catalog().hidden(row.stream, row.from, row.to)? {
        touched.retain(|(start, end, sealed)| sealed.is_none() || *start < from || *end > to);
    }
    let first = touched.iter().map(|(start, ..)| *start).min();
    let last = touched.iter().map(|(_, end, _)| *end).max();
    Ok(wire::Protected {
        from: row.from.into(),
        to: row.to.into(),
        made: row.made.into(),
        by: row.made_by,
        note: row.note,
        held: first.zip(last).map(render::span),
        segments: touched.len() as u64,
        bytes: touched.iter().filter_map(|(.., allocated)| *allocated).sum(),
    })
}

/// Who asks, in words.
pub(crate) fn who(identity: &Identity) -> String {
    let name = || identity.name.clone().unwrap_or_else(|| "nobody known".into());
    match identity.caller {
        access::Caller::Socket => "the server's own account".into(),
        access::Caller::Token { .. } => format!("token {}", name()),
        access::Caller::Session { .. } | access::Caller::Anonymous => name(),
    }
}

fn audit(app: &App, identity: &Identity, what: &str, names: &StreamNames, detail: &str) -> Change {
    Change::Audit(AuditRow {
        at: app.clock().wall(),
        who: who(identity),
        what: what.into(),
        subject: format!("{}/{}", names.camera, names.stream),
        detail: detail.into(),
    })
}

/// `GET /audit`
pub(crate) async fn audited(
    State(app): State<App>,
    query: Query,
) -> Result<Json<wire::Audit>, Problem> {
    let before = query.parsed::<i64>("cursor", "`next` of the page before")?;
    let limit = query.page()?;
    app.blocking(move |app| {
        let mut rows = app.catalog().audit(before, limit + 1)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|(number, _)| number.to_string());
        let entry = |(_, row): (i64, AuditRow)| wire::AuditEntry {
            at: row.at.into(),
            who: row.who,
            what: row.what,
            subject: row.subject,
            detail: row.detail,
        };
        Ok(Json(wire::Audit { entries: rows.into_iter().map(entry).collect(), next }))
    })
    .await
}

/// `POST /forecast`
pub(crate) async fn forecast(
    State(app): State<App>,
    Json(proposal): Json<wire::Proposal>,
) -> Result<Json<wire::Outcome>, Problem> {
    let mut proposed = Proposed::default();
    for one in &proposal.streams {
        let names = StreamNames { camera: one.camera.clone(), stream: one.stream.clone() };
        proposed.streams.push((find_stream(&app, &names)?.id, keep(one.keep)?));
    }
    for one in &proposal.volumes {
        proposed.volumes.push(free(&app, one)?);
    }
    let found = app.operations().forecast(proposed).await?;
    let mut found: HashMap<StreamId, StreamForecast> =
        found.into_iter().map(|one| (one.stream, one)).collect();
    let mut streams = Vec::new();
    for camera in app.operations().cameras() {
        for stream in camera.streams {
            let Some(one) = found.remove(&stream.id) else { continue };
            streams.push(wire::StreamOutcome {
                camera: camera.slug.clone(),
                stream: stream.name,
                forecast: render::forecast(&one.forecast),
                removed: one.removed.map(|removed| wire::Removed {
                    from: removed.from.into(),
                    to: removed.to.into(),
                    segments: removed.segments,
                    bytes: removed.bytes,
                    complete: removed.complete,
                }),
            });
        }
    }
    Ok(Json(wire::Outcome { streams }))
}

/// What would stay free of a volume; no more than a change of it may ask for.
fn free(app: &App, one: &wire::ProposedFree) -> Result<(VolumeId, KeepFree), Problem> {
    let id = volumes::known(app, &one.volume)?;
    let wanted = one.keep_free.parse::<KeepFree>();
    let wanted = wanted.map_err(|why| Problem::bad("keep_free", why))?;
    let volumes = app.operations().volumes();
    let total = volumes.iter().find(|volume| volume.id == Some(id));
    let total = total.map_or(0, |volume| volume.total_bytes);
    match total == 0 || wanted.fits(total) {
        true => Ok((id, wanted)),
        false => Err(Problem::bad("keep_free", format!("{wanted} is more than 90% of its disk"))),
    }
}

fn keep(keep: wire::Keep) -> Result<Keep, Problem> {
    let wire::Keep { max_bytes, max_days, min_days } = keep;
    if max_bytes.is_some_and(|bytes| bytes < config::MAX_BYTES_LEAST) {
        let detail = format!("it counts bytes, and is at least {}", config::MAX_BYTES_LEAST);
        return Err(Problem::bad("max_bytes", detail));
    }
    if max_days == Some(0) {
        return Err(Problem::bad("max_days", "it may not be 0"));
    }
    if min_days.zip(max_days).is_some_and(|(least, most)| least > most) {
        return Err(Problem::bad("min_days", "it is more than max_days"));
    }
    Ok(Keep { max_bytes, max_days, min_days })
}
