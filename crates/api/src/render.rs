//! From what the system knows to what goes over the wire.

use base::WallTime;
use media::{AudioCodec, TrackParams, VideoCodec};

use crate::app::App;
use crate::operations::{CameraClock, CameraStatus, Forecast, StreamStatus, VolumeStatus};
use crate::problem::Problem;
use crate::wire;

/// One camera. Reads the catalog: may block.
pub(crate) fn camera(app: &App, status: &CameraStatus) -> Result<wire::camera::Camera, Problem> {
    let streams: Result<Vec<_>, Problem> =
        status.streams.iter().map(|it| Ok((it.taken_out, stream(app, it)?))).collect();
    let shown = streams?.into_iter();
    let shown = shown.filter(|(taken_out, stream)| !taken_out || stream.recorded.is_some());
    Ok(wire::camera::Camera {
        id: status.id.to_string(),
        slug: status.slug.clone(),
        name: status.name.clone(),
        managed_by_file: status.managed_by_file,
        paused: status.paused,
        streams: shown.map(|(_, stream)| stream).collect(),
    })
}

/// One stream. Reads the catalog: may block.
pub(crate) fn stream(app: &App, status: &StreamStatus) -> Result<wire::camera::Stream, Problem> {
    let footage = Footage::of(app, status.id)?;
    Ok(wire::camera::Stream {
        id: status.id.to_string(),
        name: status.name.clone(),
        state: status.state,
        since: status.since.map(Into::into),
        retry_at: status.retry_at.map(Into::into),
        last_error: status.last_error.clone(),
        warnings: status.warnings.clone(),
        recording: status.recording,
        recording_plan: status.recording_plan,
        recording_problem: status.recording_problem.clone(),
        tracks: status.tracks.iter().map(|params| track(params)).collect(),
        frame_rate: status.frame_rate,
        bit_rate: status.bit_rate,
        recorded: footage.recorded.map(span),
        durable_until: footage.durable_until.map(Into::into),
        bytes: footage.bytes,
        forecast: status.forecast.as_ref().map(forecast),
        frames: status.frames,
        lost_frames: status.lost_frames,
        reconnects: status.reconnects,
        viewers: app.live().viewers(status.id) as u64,
        clock: status.clock.map(clock),
    })
}

fn clock(of: CameraClock) -> wire::camera::CameraClock {
    use wire::camera::ClockSource;
    let source = if of.reports { ClockSource::SenderReports } else { ClockSource::Arrival };
    wire::camera::CameraClock {
        offset_ms: of.offset_ms,
        drift_ppm: of.drift_ppm,
        source,
        since: of.since.into(),
        jumps: of.jumps,
    }
}

/// What there is of one stream, but what was deleted by hand.
pub(crate) struct Footage {
    pub recorded: Option<(WallTime, WallTime)>,
    pub durable_until: Option<WallTime>,
    pub bytes: u64,
}

impl Footage {
    /// Reads the catalog: may block.
    pub fn of(app: &App, stream: base::StreamId) -> Result<Self, Problem> {
        let catalog = app.catalog();
        let catalog::Shown { first, last, bytes } = catalog.shown(stream)?;
        let durable_until = catalog.durable_until(stream)?.filter(|_| first.is_some());
        let recorded = first.zip(last).filter(|(first, last)| first < last);
        Ok(Self { recorded, durable_until, bytes })
    }
}

/// One volume.
pub(crate) fn volume(status: &VolumeStatus) -> wire::server::Volume {
    wire::server::Volume {
        id: status.id.map(|id| id.to_string()),
        name: status.name.clone(),
        path: status.path.display().to_string(),
        r#use: volume_use(status.r#use),
        managed_by_file: status.managed_by_file,
        streams: status.streams.clone(),
        state: status.state,
        problem: status.problem.clone(),
        total_bytes: status.total_bytes,
        free_bytes: status.free_bytes,
        keep_free: status.keep_free.to_string(),
        keep_free_bytes: status.keep_free_bytes,
        footage_bytes: status.footage_bytes,
        sync_ms: status.sync_seconds.map(|seconds| seconds * 1000.0),
        oldest: status.oldest.map(Into::into),
    }
}

fn volume_use(of: config::VolumeUse) -> wire::server::VolumeUse {
    match of {
        config::VolumeUse::Record => wire::server::VolumeUse::Record,
        config::VolumeUse::Keep => wire::server::VolumeUse::Keep,
        config::VolumeUse::Drain => wire::server::VolumeUse::Drain,
    }
}

/// A span of time.
pub(crate) fn span((from, to): (WallTime, WallTime)) -> wire::Span {
    wire::Span { from: from.into(), to: to.into() }
}

/// How far a stream will reach.
pub(crate) fn forecast(forecast: &Forecast) -> wire::keeping::Forecast {
    wire::keeping::Forecast {
        reaches_back_s: forecast.reaches_back.map(|time| time.as_secs()),
        share_bytes: forecast.share_bytes,
        protected_bytes: forecast.protected_bytes,
    }
}

/// One track.
pub(crate) fn track(params: &TrackParams) -> wire::camera::Track {
    let codec_string = params.rfc6381();
    match params {
        TrackParams::Video(video) => {
            let (across, down) = video.pixel_aspect;
            let shape = f64::from(across.max(1)) / f64::from(down.max(1));
            let aspect = f64::from(video.width) * shape / f64::from(video.height.max(1));
            wire::camera::Track::Video {
                codec: match video.codec {
                    VideoCodec::H264 => "H.264".into(),
                    VideoCodec::H265 => "H.265".into(),
                    VideoCodec::Jpeg => "MJPEG".into(),
                },
                codec_string,
                width: video.width,
                height: video.height,
                aspect: (aspect * 1e4).round() / 1e4,
            }
        }
        TrackParams::Audio(audio) => wire::camera::Track::Audio {
            codec: match audio.codec {
                AudioCodec::Aac => "AAC".into(),
                AudioCodec::Alaw => "G.711 A-law".into(),
                AudioCodec::Ulaw => "G.711 µ-law".into(),
            },
            codec_string,
            sample_rate: audio.sample_rate,
            channels: audio.channels,
        },
    }
}

/// A permission, as it is called on the wire.
pub(crate) fn permission(of: access::Permission) -> wire::server::Permission {
    use access::Permission as From;
    use wire::server::Permission as To;
    match of {
        From::Public => To::Public,
        From::SetUp => To::SetUp,
        From::SignedIn => To::SignedIn,
        From::ViewLive => To::ViewLive,
        From::ViewFootage => To::ViewFootage,
        From::Export => To::Export,
        From::ManageFootage => To::ManageFootage,
        From::ManageCameras => To::ManageCameras,
        From::ManageSystem => To::ManageSystem,
    }
}

/// A set of permissions.
pub(crate) fn permissions(of: access::Permissions) -> Vec<wire::server::Permission> {
    of.iter().map(permission).collect()
}

/// The permissions that wire names mean.
pub(crate) fn granted(names: &[wire::server::Permission]) -> access::Permissions {
    let all = access::Permission::ALL.into_iter();
    all.filter(|it| names.contains(&permission(*it))).collect()
}
