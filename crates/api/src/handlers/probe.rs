//! Asking a camera once, before it is added or changed.

use access::Permission;
use axum::Extension;
use axum::extract::State;
use base::limits;
use base64::Engine;
use camera::{Fault, Hint, HintKind, ProbeReport, ProbedTrack};
use media::TrackParams;
use still::{Cell, Job};

use super::cameras::find_camera;
use super::stills::{draw, fit};
use crate::app::App;
use crate::caller::Identity;
use crate::json::Json;
use crate::operations::Login;
use crate::problem::Problem;
use crate::wire::probe::{
    self as wire, ProbeHint, ProbeHintKind, ProbeProblemKind, ProbeRequest, Probed,
};

/// Width of the picture at most, in pixels.
const PICTURE_WIDTH: usize = 640;

/// `POST /cameras/probe`
pub(crate) async fn probe(
    State(app): State<App>,
    Extension(identity): Extension<Identity>,
    Json(body): Json<ProbeRequest>,
) -> Result<Json<Probed>, Problem> {
    config::check_url(&body.url).map_err(|why| Problem::bad("url", why))?;
    let login = login(&app, &body)?;
    let place = app.probing().clone().try_acquire_owned();
    let place = place.map_err(|_| {
        let most = limits::PROBES_MAX;
        Problem::Busy(format!("{most} cameras are being asked, as many as may be at once"))
    })?;
    let theirs = app.clone();
    // Whoever asks may leave: what was begun takes its place until it has ended.
    let asking = tokio::spawn(async move {
        let _place = place;
        tokio::time::timeout(limits::PROBE_TIMEOUT, theirs.operations().probe(body.url, login))
            .await
    });
    let outcome = tokio::select! {
        outcome = asking => {
            outcome.map_err(|_| Problem::Internal("the probe broke off".into()))?
        }
        () = app.shutdown().requested() => {
            return Err(Problem::Unavailable("the server is stopping".into()));
        }
    };
    let report = match outcome {
        Ok(asked) => match asked? {
            Ok(report) => report,
            Err(fault) => return Ok(Json(failed(kind(&fault), fault.to_string()))),
        },
        Err(_) => {
            let seconds = limits::PROBE_TIMEOUT.as_secs();
            let detail = format!("it was not seen within {seconds} s");
            return Ok(Json(failed(ProbeProblemKind::Silent, detail)));
        }
    };
    // It is what the camera shows now, as in the live view.
    let may = access::permissions_of(&identity.caller, identity.rules);
    let picture = match may.has(Permission::ViewLive) {
        true => picture(&app, &report).await,
        false => None,
    };
    Ok(Json(seen(report, picture)))
}

fn login(app: &App, body: &ProbeRequest) -> Result<Login, Problem> {
    let ProbeRequest { username, password, camera, .. } = body;
    let given = username.is_some() || password.is_some();
    match (camera, username, password) {
        (Some(_), ..) if given => {
            Err(Problem::bad("camera", "give a login, or the camera whose login is used"))
        }
        (Some(camera), ..) => Ok(Login::Of(find_camera(app, camera)?.id)),
        (None, None, Some(_)) => Err(Problem::bad("username", "there is a password without it")),
        (None, None, None) => Ok(Login::None),
        (None, Some(username), password) => {
            let password = config::Secret::new(password.clone().unwrap_or_default());
            Ok(Login::Given(username.clone(), password))
        }
    }
}

const fn kind(fault: &Fault) -> ProbeProblemKind {
    match fault {
        Fault::Denied(_) => ProbeProblemKind::Denied,
        Fault::Refused(_) => ProbeProblemKind::Refused,
        Fault::Timeout { .. } | Fault::Silent(_) | Fault::NoKeyFrame(_) => ProbeProblemKind::Silent,
        Fault::Unreachable(_) | Fault::Gone(_) => ProbeProblemKind::Unreachable,
        Fault::Unusable(_) | Fault::BadData(_) | Fault::Bug(_) => ProbeProblemKind::Unusable,
    }
}

fn failed(kind: ProbeProblemKind, detail: String) -> Probed {
    Probed {
        usable: false,
        problem: Some(wire::ProbeProblem { kind, detail }),
        software: None,
        first_frame_ms: None,
        key_frame_interval_ms: None,
        clock_offset_ms: None,
        tracks: Vec::new(),
        advice: Vec::new(),
        picture: None,
    }
}

fn seen(report: ProbeReport, picture: Option<String>) -> Probed {
    let seconds = report.watched.as_secs_f64().max(0.001);
    let track = |track: &ProbedTrack| wire::ProbedTrack {
        media: track.media.clone(),
        summary: track.summary.clone(),
        recordable: track.params.is_some(),
        frame_rate: track.frames as f64 / seconds,
        bit_rate: (track.bytes as f64 * 8.0 / seconds) as u64,
    };
    let advice = report.warnings.iter().cloned().chain(report.advice()).map(hint);
    Probed {
        usable: report.tracks.iter().any(|track| track.params.is_some()),
        problem: None,
        advice: advice.collect(),
        software: report.tool.clone(),
        first_frame_ms: Some(report.first_frame.as_millis() as u64),
        key_frame_interval_ms: report.key_frame_interval.map(|it| it.as_millis() as u64),
        clock_offset_ms: report.clock.offset_micros.map(|micros| micros as f64 / 1000.0),
        tracks: report.tracks.iter().map(track).collect(),
        picture,
    }
}

fn hint(hint: Hint) -> ProbeHint {
    let kind = match hint.kind {
        HintKind::TrackLeftOut => ProbeHintKind::TrackLeftOut,
        HintKind::NoKeyFrame => ProbeHintKind::NoKeyFrame,
        HintKind::KeyFramesRare => ProbeHintKind::KeyFramesRare,
        HintKind::KeyFramesFew => ProbeHintKind::KeyFramesFew,
        HintKind::H265 => ProbeHintKind::H265,
        HintKind::Mjpeg => ProbeHintKind::Mjpeg,
        HintKind::NoAudio => ProbeHintKind::NoAudio,
    };
    ProbeHint { kind, detail: hint.words }
}

/// Its key frame, drawn by a worker as any still; none where that does not work now.
async fn picture(app: &App, report: &ProbeReport) -> Option<String> {
    let (params, data) = report.key_frame.as_ref()?;
    let TrackParams::Video(params) = &**params else { return None };
    let size = fit(params, PICTURE_WIDTH, usize::MAX);
    let (codec, config, data) = (params.codec, params.config.clone(), data.clone());
    let ticket = app.stills().enter(data.len() as u64).ok()?;
    let cells = vec![Cell { codec, config, size, data }];
    let drawn = draw(app, ticket, Job { columns: 1, cell: size, cells }).await.ok()?;
    let text = base64::engine::general_purpose::STANDARD.encode(&drawn.jpeg);
    Some(format!("data:image/jpeg;base64,{text}"))
}
