//! Which stream of a camera gives the pictures that are asked for.

use base::WallTime;
use http::HeaderName;
use media::TrackParams;

use super::cameras::{StreamNames, find_camera, find_stream};
use crate::app::App;
use crate::operations::StreamStatus;
use crate::problem::Problem;

/// The stream that an answer's pictures are of.
pub(crate) const STREAM: HeaderName = HeaderName::from_static("x-holdfast-stream");

/// A stream counts where it has recorded so much of what the fullest one has: of ten parts nine.
const SHARE: (i64, i64) = (9, 10);
/// Gaps shorter than a hundredth of the range do not matter here.
const RESOLUTION: i64 = 100;

/// A camera in a path, and the stream where it is said.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct PictureNames {
    camera: String,
    #[serde(default)]
    stream: Option<String>,
}

/// The stream that is named; else, of those with footage of [from, to), the smallest that is
/// `width` pixels wide, or the widest where none is. Reads the catalog: may block.
pub(crate) fn choose(
    app: &App,
    names: &PictureNames,
    from: WallTime,
    to: Option<WallTime>,
    width: Option<usize>,
) -> Result<StreamStatus, Problem> {
    let camera = names.camera.clone();
    if let Some(stream) = names.stream.clone() {
        return find_stream(app, &StreamNames { camera, stream });
    }
    let to = to.unwrap_or_else(|| app.clock().wall());
    let mut found: Vec<(StreamStatus, i64, u16)> = Vec::new();
    for stream in find_camera(app, &camera)?.streams {
        let recorded = recorded_micros(app, &stream, from, to)?;
        if let Some(wide) = recorded_width(app, &stream, from, to)? {
            found.push((stream, recorded, wide));
        }
    }
    let most = found.iter().map(|(_, recorded, _)| *recorded).max().unwrap_or(0);
    found.retain(|(_, recorded, _)| recorded * SHARE.1 >= most * SHARE.0);
    found.sort_by_key(|(_, _, wide)| *wide);
    let wanted = width.unwrap_or(0);
    let first = found.iter().position(|(_, _, wide)| usize::from(*wide) >= wanted);
    let chosen = first.or(found.len().checked_sub(1)).map(|at| found.swap_remove(at).0);
    chosen.ok_or_else(|| {
        let asked = format!("camera {camera:?} has no pictures from {from} to {to}");
        Problem::NoFootage(format!("{asked}; its streams say what they have recorded"), None)
    })
}

/// How much of the range a stream has recorded.
fn recorded_micros(
    app: &App,
    stream: &StreamStatus,
    from: WallTime,
    to: WallTime,
) -> Result<i64, Problem> {
    if to <= from {
        return Ok(0);
    }
    let resolution = to.micros_since(from) / RESOLUTION;
    let spans = app.source().timeline(stream.id, from, to, resolution)?;
    let length = |(start, end): (WallTime, WallTime)| end.min(to).micros_since(start.max(from));
    Ok(spans.footage.into_iter().map(length).map(|micros| micros.max(0)).sum())
}

/// How wide the newest pictures of the range are; `None` without any.
fn recorded_width(
    app: &App,
    stream: &StreamStatus,
    from: WallTime,
    to: WallTime,
) -> Result<Option<u16>, Problem> {
    let newest = app.source().segments_before(stream.id, to, 1)?.into_iter().next();
    let Some(newest) = newest.filter(|newest| newest.end > from) else { return Ok(None) };
    Ok(newest.tracks.iter().find_map(|track| match &*track.params {
        TrackParams::Video(video) => Some(video.width),
        TrackParams::Audio(_) => None,
    }))
}
