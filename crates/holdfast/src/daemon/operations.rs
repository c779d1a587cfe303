//! What the API needs done, done: answers from what runs.

use std::sync::Arc;
use std::time::Duration;

use api::operations::{
    Applied, ApplyError, BoxFuture, CameraClock, CameraEdit, CameraError, CameraStatus,
    CommitError, Exporting, Login, OperationError, Operations, ProcessStatus, Proposed, Readiness,
    Recording, RecordingPlan, StreamForecast, StreamState, StreamStatus, VolumeError, VolumeStatus,
};
use api::wire::repair::Repaired;
use base::{CameraId, ExportId, MonoTime, SegmentId, VolumeId, WallTime, limits};
use catalog::{AuditRow, Change, StreamRow};
use control::switch::Decision;
use control::{CameraView, StreamView};
use tokio::sync::oneshot;

use super::camera_changes;
use super::exporting;
use super::forecasting;
use super::health::VolumeHealth;
use super::house::House;
use super::probing;
use super::process;
use super::readiness;
use super::repairing;
use super::scheduling;
use super::volume_changes;
use crate::software;

/// The running house, as the API sees it.
pub struct Running(pub Arc<House>);

impl Operations for Running {
    fn cameras(&self) -> Vec<CameraStatus> {
        let (volumes, now) = (self.0.volumes.health(), self.0.machine.mono());
        let cameras = self.0.control.cameras();
        cameras.into_iter().map(|camera| camera_status(camera, &volumes, now)).collect()
    }

    fn volumes(&self) -> Vec<VolumeStatus> {
        let now = self.0.machine.mono();
        let status = |health: VolumeHealth| volume_status(&self.0, health, now);
        self.0.volumes.health().into_iter().map(status).collect()
    }

    fn process(&self) -> ProcessStatus {
        process::measure(self.0.started)
    }

    fn apply(
        &self,
        text: String,
        may_delete: bool,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<Applied, ApplyError>> {
        let house = self.0.clone();
        Box::pin(async move {
            // What is wrong is said at once, whatever else is under way.
            let applied = config::parse_apply(&text);
            let applied = applied.map_err(|error| ApplyError::Invalid(error.to_string()))?;
            let work = move || house.apply(&applied, may_delete, audit);
            let patience = limits::CONFIG_ANSWER_TIMEOUT;
            self.0.turns.ask("applying a configuration text", patience, work).await?
        })
    }

    fn edit_camera(
        &self,
        edit: CameraEdit,
        may_delete: bool,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<CameraId, CameraError>> {
        camera_changes::edit(self.0.clone(), edit, may_delete, audit)
    }

    fn remove_camera(
        &self,
        camera: CameraId,
        delete_footage: bool,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<(), CameraError>> {
        camera_changes::remove(self.0.clone(), camera, delete_footage, audit)
    }

    fn demand(
        &self,
        camera: CameraId,
        streams: Option<Vec<String>>,
        length: Option<Duration>,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<(), CameraError>> {
        scheduling::demand(self.0.clone(), camera, streams, length, audit)
    }

    fn camera_settings(
        &self,
        camera: CameraId,
    ) -> BoxFuture<'_, Result<config::Camera, CameraError>> {
        camera_changes::settings(self.0.clone(), camera)
    }

    fn probe(
        &self,
        url: String,
        login: Login,
    ) -> BoxFuture<'_, Result<Result<camera::ProbeReport, camera::Fault>, CameraError>> {
        probing::probe(self.0.clone(), url, login)
    }

    fn export(&self) -> BoxFuture<'_, Result<String, OperationError>> {
        let house = self.0.clone();
        Box::pin(async move {
            let text = tokio::task::spawn_blocking(move || house.export_text()).await;
            text.map_err(|_| failed("it broke off"))?.map_err(|e| failed(&format!("{e:#}")))
        })
    }

    fn commit(&self, changes: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        let (done, wait) = oneshot::channel();
        let submitted = self.0.rows.submit(
            changes,
            Box::new(move |result| {
                // Whoever asked may have gone away.
                let _ = done.send(result);
            }),
        );
        Box::pin(async move {
            if submitted.is_err() {
                return Err(failed("the catalog does not keep up: try again").into());
            }
            let result = wait.await.map_err(|_| failed("the catalog's writer has ended"))?;
            result.map_err(|error| match error {
                catalog::ApplyError::Refused { why, .. } => CommitError::Refused(why),
                error @ catalog::ApplyError::Database(_) => failed(&error.to_string()).into(),
            })
        })
    }

    fn forecast(
        &self,
        proposed: Proposed,
    ) -> BoxFuture<'_, Result<Vec<StreamForecast>, OperationError>> {
        let house = self.0.clone();
        Box::pin(async move {
            let asked = tokio::task::spawn_blocking(move || forecasting::ask(&house, &proposed));
            let found = asked.await.map_err(|_| failed("it broke off"))?;
            found.map_err(|error| failed(&format!("{error:#}")))
        })
    }

    fn repair(
        &self,
        volume: VolumeId,
        segment: Option<SegmentId>,
        file: String,
    ) -> BoxFuture<'_, Result<Repaired, OperationError>> {
        repairing::repair(&self.0, volume, recorder::Suspect { segment, file })
    }

    fn remove_volume(
        &self,
        volume: VolumeId,
        forget: bool,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<u64, VolumeError>> {
        volume_changes::remove(self.0.clone(), volume, forget, audit)
    }

    fn change_volume(
        &self,
        volume: VolumeId,
        r#use: Option<config::VolumeUse>,
        keep_free: Option<config::KeepFree>,
        audit: AuditRow,
    ) -> BoxFuture<'_, Result<(), VolumeError>> {
        volume_changes::change(self.0.clone(), volume, (r#use, keep_free), audit)
    }

    fn exporting(&self) -> Exporting {
        Exporting {
            writing: self.0.exports.writing(),
            bytes_max: self.0.export_bytes_max(),
            public_key: self.0.key.public_key(),
            software: software(),
        }
    }

    fn exports_changed(&self) {
        self.0.exports.ring();
    }

    fn open_export(
        &self,
        id: ExportId,
    ) -> BoxFuture<'_, Result<export::StoredFile, OperationError>> {
        let house = self.0.clone();
        Box::pin(async move {
            let opened = tokio::task::spawn_blocking(move || exporting::open(&house, id)).await;
            let opened = opened.map_err(|_| failed("it broke off"))?;
            let words = |error| failed(&format!("the file of export {id} cannot be read: {error}"));
            opened.map_err(words)
        })
    }

    fn alarms(&self) -> Vec<catalog::AlarmRow> {
        self.0.alarms.active()
    }

    fn readiness(&self) -> Readiness {
        let (volumes, now) = (self.0.volumes.health(), self.0.machine.mono());
        let streams = readiness::recorded(self.cameras());
        readiness::judge(&streams, &volumes, self.0.rows.trouble(), now)
    }
}

fn failed(why: &str) -> OperationError {
    OperationError(why.to_owned())
}

fn camera_status(view: CameraView, volumes: &[VolumeHealth], now: MonoTime) -> CameraStatus {
    let paused = view.row.paused;
    let streams = view.streams.into_iter();
    CameraStatus {
        id: view.row.id,
        slug: view.row.slug,
        name: view.row.name,
        managed_by_file: view.row.managed_by_file,
        paused,
        streams: streams.map(|stream| stream_status(stream, paused, volumes, now)).collect(),
    }
}

fn stream_status(
    view: StreamView,
    paused: bool,
    volumes: &[VolumeHealth],
    now: MonoTime,
) -> StreamStatus {
    let status = view.status.unwrap_or_default();
    let (state, retry_at) = state_of(&view.problem, status.state, paused || view.row.paused);
    let volume = volumes.iter().find(|v| v.id.is_some() && v.id == view.volume);
    let trouble = volume.and_then(|v| v.trouble.get(&view.row.id).cloned());
    let closed = volume.and_then(|volume| match volume.open {
        true => volume.stuck(now),
        false => volume.problem.clone(),
    });
    let is_due = view.recording.map_or(view.row.record, |(decision, _)| decision.on);
    let is_due = is_due && !paused && !view.row.paused;
    let no_volume = view.volume.is_none().then(|| no_volume(volumes));
    let recording_problem = trouble.or(closed).or(no_volume).filter(|_| is_due);
    let recording = match (is_due, state) {
        (false, _) => Recording::Off,
        (true, StreamState::Playing) if recording_problem.is_none() => Recording::On,
        (true, _) => Recording::Stalled,
    };
    let not_recorded = volume.and_then(|v| v.lost.get(&view.row.id)).copied().unwrap_or(0);
    let late = volume.and_then(|v| v.dated_late.get(&view.row.id)).copied().unwrap_or_default();
    let outlook = volume.and_then(|v| v.outlook.get(&view.row.id));
    let recording_plan = view.recording.and_then(|(decision, _)| plan(&view.row, &decision));
    let mut warnings = status.warnings;
    warnings.extend((!late.is_zero()).then(|| dated_late(late)));
    StreamStatus {
        id: view.row.id,
        taken_out: view.row.is_taken_out(),
        name: view.row.name,
        state,
        since: (status.since > WallTime::EPOCH).then_some(status.since),
        retry_at,
        last_error: view.problem.or(status.last_error),
        warnings,
        recording,
        recording_problem,
        recording_since: view.recording.map(|(_, since)| since),
        recording_plan,
        tracks: view.tracks,
        frame_rate: view.rate.map(|rate| rate.frames),
        bit_rate: view.rate.map(|rate| rate.bits),
        frames: status.counters.frames,
        received_bytes: status.counters.bytes,
        lost_frames: lost_frames(&view.stats, not_recorded),
        passed_over_frames: view.stats.passed_over.frames,
        lost_packets: status.counters.lost_packets,
        reconnects: status.counters.reconnects,
        waiting_bytes: view.stats.waiting_bytes as u64,
        clock: camera_clock(&status.clock),
        forecast: outlook.map(forecasting::forecast),
        dated_late_seconds: late.as_secs_f64(),
    }
}

/// Frames that should have been recorded and are not. What memory dropped the recorder counts as
/// well, once it comes to that place; what was passed over never comes to it.
fn lost_frames(stats: &stream::Stats, not_recorded: u64) -> u64 {
    stats.dropped.frames.max(not_recorded) + stats.passed_over.frames
}

/// When it changes by itself whether a stream is recorded, where it may.
fn plan(row: &StreamRow, decision: &Decision) -> Option<RecordingPlan> {
    let scheduled = row.record && row.schedule.is_some();
    (scheduled || decision.demanded_until.is_some()).then(|| RecordingPlan {
        scheduled,
        schedule_turns: decision.schedule_turns.map(Into::into),
        on_demand_until: decision.demanded_until.map(Into::into),
    })
}

fn camera_clock(clock: &camera::ClockStatus) -> Option<CameraClock> {
    Some(CameraClock {
        reports: clock.reports,
        offset_ms: clock.offset_micros.map(|micros| micros as f64 / 1000.0),
        drift_ppm: clock.drift_ppb.map(|ppb| ppb as f64 / 1000.0),
        jumps: clock.jumps,
        since: clock.since?,
    })
}

/// That footage is dated late by so much, in words.
fn dated_late(by: Duration) -> String {
    format!(
        "footage is dated {} s later than it is: older footage of this stream already stands at \
         the true time, as it does after the system clock was ahead and was set back",
        by.as_secs().max(1)
    )
}

/// That there is no volume, and what is wrong with those that should be.
fn no_volume(volumes: &[VolumeHealth]) -> String {
    let why = volumes.iter().filter_map(|volume| volume.problem.as_deref());
    let why: Vec<&str> = why.collect();
    match why.is_empty() {
        true => "there is no volume to record on".to_owned(),
        false => format!("there is no volume to record on: {}", why.join("; ")),
    }
}

fn state_of(
    problem: &Option<String>,
    state: camera::State,
    paused: bool,
) -> (StreamState, Option<WallTime>) {
    match state {
        _ if paused => (StreamState::Paused, None),
        _ if problem.is_some() => (StreamState::Waiting, None),
        camera::State::Idle | camera::State::Connecting => (StreamState::Connecting, None),
        camera::State::Playing => (StreamState::Playing, None),
        camera::State::Waiting { until } => (StreamState::Waiting, Some(until)),
        camera::State::Denied { until } => (StreamState::Denied, Some(until)),
        camera::State::Stopped => (StreamState::Paused, None),
    }
}

fn volume_status(house: &House, health: VolumeHealth, now: MonoTime) -> VolumeStatus {
    let totals = health.id.and_then(|id| house.catalog.volume_totals(id).ok());
    let growing = health.id.map_or(0, |id| house.catalog.tail().bytes_on(id));
    let total = health.space.map_or(0, |space| space.total);
    let (state, problem) = health.judge(now);
    VolumeStatus {
        id: health.id,
        name: health.name,
        path: health.path,
        r#use: health.r#use,
        managed_by_file: health.managed_by_file,
        streams: house.volumes.streams_on(health.id),
        state,
        problem,
        total_bytes: total,
        free_bytes: health.space.map_or(0, |space| space.available),
        keep_free: health.keep_free,
        keep_free_bytes: health.keep_free.bytes_of(total),
        footage_bytes: totals.as_ref().map_or(0, |totals| totals.bytes) + growing,
        oldest: totals.and_then(|totals| totals.first),
        sync_seconds: health.last_round.map(|round| round.as_secs_f64()),
        syncs: health.rounds,
        sync_failures: health.failures,
        damaged_segments: health.damaged as u64,
        scrubbed_bytes: health.scrubbed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_passed_over_is_lost_besides_what_the_recorder_knows_of() {
        let frames = |frames| stream::Lost { frames, bytes: 0 };
        let of = |dropped, passed_over| stream::Stats {
            dropped: frames(dropped),
            passed_over: frames(passed_over),
            ..Default::default()
        };
        assert_eq!(lost_frames(&of(0, 0), 0), 0);
        assert_eq!(lost_frames(&of(5, 0), 5), 5, "the same ones, counted twice");
        assert_eq!(lost_frames(&of(5, 0), 9), 9, "some of them it lost itself");
        assert_eq!(lost_frames(&of(0, 8), 9), 17);
        assert_eq!(lost_frames(&of(5, 8), 3), 13, "it has not come to all of them yet");
    }
}
