//! What `control` would be.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{StreamId, VolumeId};
use catalog::{AlarmRow, AuditRow, Change, Writer};

use super::{CAMERA, MAIN, START, SUB, VOLUME, video};
use crate::operations::*;

/// The running system, as tests set it.
pub(crate) struct System {
    pub cameras: Mutex<Vec<CameraStatus>>,
    pub volumes: Mutex<Vec<VolumeStatus>>,
    pub readiness: Mutex<Readiness>,
    pub alarms: Mutex<Vec<AlarmRow>>,
    pub writer: Mutex<Writer>,
    pub exporting: Mutex<Exporting>,
    pub disk: world::sim::SimDisk,
}

impl Operations for System {
    fn cameras(&self) -> Vec<CameraStatus> {
        self.cameras.lock().unwrap().clone()
    }

    fn volumes(&self) -> Vec<VolumeStatus> {
        self.volumes.lock().unwrap().clone()
    }

    fn process(&self) -> ProcessStatus {
        ProcessStatus { started: START, cpu_seconds: 1.5, resident_bytes: 30_000_000 }
    }

    fn apply(
        &self,
        text: String,
        may_delete: bool,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<Applied, ApplyError>> {
        Box::pin(async move {
            match text.as_str() {
                text if text == "good" || config::parse_apply(text).is_ok() => {
                    let noted = self.commit(vec![Change::Audit(audit)]).await;
                    noted.expect("the audit is written");
                    Ok(Applied { added: vec!["camera yard".into()], ..Applied::default() })
                }
                "tighter" if !may_delete => Err(ApplyError::Tightens("max_days".into())),
                "theirs" => Err(ApplyError::ManagedByFile("camera front-door".into())),
                _ => Err(ApplyError::Invalid("line 1, column 1: no".into())),
            }
        })
    }

    fn edit_camera(
        &self,
        edit: CameraEdit,
        may_delete: bool,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<base::CameraId, CameraError>> {
        Box::pin(async move {
            let CameraEdit::Add(camera) = edit else {
                return Err(CameraError::ManagedByFile("Front door".into()));
            };
            // Of both the list of cameras need not know yet.
            let taken = |member| CameraError::NameTaken { member, why: "it is in use".into() };
            match (&*camera.name, &camera.slug) {
                ("Just added", _) => return Err(taken("name")),
                (_, Some(_)) => return Err(taken("slug")),
                ("One too many", _) => return Err(CameraError::Taken("it is one more".into())),
                _ => {}
            }
            let is_limited = camera.streams.values().any(|it| it.keep.max_days.is_some());
            if is_limited && !may_delete {
                let path = ["stream", "main", "keep", "max_days"];
                return Err(CameraError::Tightens(path.map(str::to_owned).to_vec()));
            }
            let noted = self.commit(vec![Change::Audit(audit)]).await;
            noted.expect("the audit is written");
            Ok(CAMERA)
        })
    }

    fn demand(
        &self,
        _: base::CameraId,
        streams: Option<Vec<String>>,
        length: Option<Duration>,
        _: AuditRow,
    ) -> BoxFuture<'_, Result<(), CameraError>> {
        Box::pin(async move {
            if streams.is_some_and(|streams| streams != ["main"]) {
                return Err(CameraError::Taken("camera \"Front door\" is paused".into()));
            }
            let until = length.map(|length| START.plus_micros(length.as_micros() as i64).into());
            let plan = |until| RecordingPlan {
                scheduled: false,
                schedule_turns: None,
                on_demand_until: Some(until),
            };
            self.cameras.lock().unwrap()[0].streams[0].recording_plan = until.map(plan);
            Ok(())
        })
    }

    fn remove_camera(
        &self,
        _: base::CameraId,
        delete_footage: bool,
        _: AuditRow,
    ) -> BoxFuture<'_, Result<(), CameraError>> {
        Box::pin(async move {
            match delete_footage {
                true => Err(CameraError::Protected("footage of main is protected".into())),
                false => Ok(()),
            }
        })
    }

    fn camera_settings(
        &self,
        _: base::CameraId,
    ) -> BoxFuture<'_, Result<config::Camera, CameraError>> {
        let text = "[[camera]]\nname = \"Front door\"\nusername = \"viewer\"\n\
            password = \"tulip-7\"\n[camera.stream.main]\nurl = \"rtsp://192.0.2.10/main\"\n";
        Box::pin(async move { Ok(config::parse_apply(text).unwrap().cameras.remove(0)) })
    }

    fn probe(
        &self,
        url: String,
        _: Login,
    ) -> BoxFuture<'_, Result<Result<camera::ProbeReport, camera::Fault>, CameraError>> {
        Box::pin(async move {
            if url.ends_with("/never") {
                std::future::pending::<()>().await;
            }
            if url.ends_with("/seen") {
                return Ok(Ok(seen()));
            }
            Ok(Err(camera::Fault::Refused("there is no such path (404)".into())))
        })
    }

    fn export(&self) -> BoxFuture<'_, Result<String, OperationError>> {
        Box::pin(async { Ok("[[camera]]\n".into()) })
    }

    fn commit(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        let done = self.writer.lock().unwrap().apply(&changes);
        Box::pin(async move {
            done.map_err(|error| match error {
                catalog::ApplyError::Refused { why, .. } => why.into(),
                catalog::ApplyError::Database(why) => OperationError(why).into(),
            })
        })
    }

    fn forecast(
        &self,
        proposed: Proposed,
    ) -> BoxFuture<'_, Result<Vec<StreamForecast>, OperationError>> {
        // Each volume on which other space is to stay free costs a day.
        let days = 30 - u32::try_from(proposed.volumes.len()).expect("is small");
        let forecast = move |(stream, keep): (StreamId, config::Keep)| StreamForecast {
            stream,
            forecast: forecast(keep.max_days.unwrap_or(days)),
            removed: keep.max_days.map(|_| RemovedFootage {
                from: START,
                to: START.plus_micros(1_000_000),
                segments: 1,
                bytes: 4096,
                complete: true,
            }),
        };
        Box::pin(async move { Ok(proposed.streams.into_iter().map(forecast).collect()) })
    }

    fn repair(
        &self,
        _: VolumeId,
        segment: Option<base::SegmentId>,
        file: String,
    ) -> BoxFuture<'_, Result<crate::wire::repair::Repaired, OperationError>> {
        let done = if segment.is_some() { "cut" } else { "left" };
        Box::pin(async move {
            Ok(crate::wire::repair::Repaired { done: done.to_owned(), detail: file })
        })
    }

    fn remove_volume(
        &self,
        _: VolumeId,
        forget: bool,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<u64, VolumeError>> {
        Box::pin(async move {
            match forget {
                true => {
                    let noted = self.commit(vec![Change::Audit(audit)]).await;
                    noted.expect("the audit is written");
                    Ok(7)
                }
                false => Err(VolumeError::InUse("there is footage on volume \"disk1\"".into())),
            }
        })
    }

    fn change_volume(
        &self,
        _: VolumeId,
        r#use: Option<config::VolumeUse>,
        _: Option<config::KeepFree>,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<(), VolumeError>> {
        Box::pin(async move {
            match r#use {
                Some(config::VolumeUse::Keep) => Err(VolumeError::ManagedByFile("disk1".into())),
                _ => {
                    let noted = self.commit(vec![Change::Audit(audit)]).await;
                    noted.expect("the audit is written");
                    Ok(())
                }
            }
        })
    }

    fn exporting(&self) -> Exporting {
        self.exporting.lock().unwrap().clone()
    }

    fn exports_changed(&self) {}

    fn open_export(
        &self,
        id: base::ExportId,
    ) -> BoxFuture<'_, Result<export::StoredFile, OperationError>> {
        let opened = export::StoredFile::open(&self.disk, format!("/{id}.zip").into());
        Box::pin(async move { opened.map_err(|error| OperationError(error.to_string())) })
    }

    fn alarms(&self) -> Vec<AlarmRow> {
        self.alarms.lock().unwrap().clone()
    }

    fn readiness(&self) -> Readiness {
        self.readiness.lock().unwrap().clone()
    }
}

/// A camera that has shown a picture.
fn seen() -> camera::ProbeReport {
    camera::ProbeReport {
        tool: None,
        tracks: Vec::new(),
        warnings: Vec::new(),
        first_frame: Duration::from_millis(40),
        watched: Duration::from_secs(5),
        key_frame_interval: None,
        clock: camera::ClockStatus::default(),
        key_frame: Some((Arc::new(video()), vec![7; 100].into())),
    }
}

fn forecast(days: u32) -> Forecast {
    Forecast {
        reaches_back: Some(Duration::from_secs(u64::from(days) * 24 * 3600)),
        share_bytes: Some(5_000_000),
        protected_bytes: 0,
    }
}

pub(crate) fn camera() -> CameraStatus {
    CameraStatus {
        id: CAMERA,
        slug: "front-door".into(),
        name: "Front door".into(),
        managed_by_file: true,
        paused: false,
        streams: vec![stream(MAIN, "main", Recording::On), stream(SUB, "sub", Recording::Off)],
    }
}

fn stream(id: StreamId, name: &str, recording: Recording) -> StreamStatus {
    StreamStatus {
        id,
        name: name.into(),
        taken_out: false,
        state: StreamState::Playing,
        since: Some(START),
        retry_at: None,
        last_error: None,
        warnings: Vec::new(),
        recording,
        recording_problem: None,
        recording_since: None,
        recording_plan: None,
        tracks: vec![Arc::new(video())],
        frame_rate: Some(25.0),
        bit_rate: Some(1_000_000),
        frames: 90_000,
        received_bytes: 450_000_000,
        lost_frames: 0,
        passed_over_frames: 0,
        lost_packets: 0,
        reconnects: 1,
        waiting_bytes: 100_000,
        clock: (name == "main").then_some(CameraClock {
            reports: true,
            offset_ms: Some(-1250.5),
            drift_ppm: Some(12.3),
            jumps: 2,
            since: START,
        }),
        forecast: (name == "main").then(|| forecast(30)),
        dated_late_seconds: 0.0,
    }
}

pub(crate) fn volume() -> VolumeStatus {
    VolumeStatus {
        id: Some(VOLUME),
        name: "disk1".into(),
        path: "/srv/disk1".into(),
        r#use: config::VolumeUse::Record,
        managed_by_file: true,
        streams: vec!["front-door/main".into()],
        state: VolumeState::Ok,
        problem: None,
        total_bytes: 1_000_000_000_000,
        free_bytes: 500_000_000_000,
        keep_free: config::KeepFree::Permille(50),
        keep_free_bytes: 50_000_000_000,
        footage_bytes: 2_500_200,
        oldest: Some(START),
        sync_seconds: Some(0.025),
        syncs: 3600,
        sync_failures: 0,
        damaged_segments: 0,
        scrubbed_bytes: 4096,
    }
}
