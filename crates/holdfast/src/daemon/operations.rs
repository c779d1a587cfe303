//! What the API needs done, done: answers from what runs.

use std::sync::Arc;
use std::time::Duration;

use api::operations::{
    Applied, ApplyError, BoxFuture, CameraClock, CameraStatus, CommitError, Exporting,
    OperationError, Operations, ProcessStatus, Readiness, Recording, StreamForecast, StreamState,
    StreamStatus, VolumeError, VolumeStatus,
};
use api::wire::repair::Repaired;
use base::{ExportId, MonoTime, SegmentId, StreamId, VolumeId, WallTime, limits};
use catalog::{AuditRow, Change};
use control::{CameraView, StreamView};
use tokio::sync::oneshot;

use super::exporting;
use super::forecasting;
use super::health::VolumeHealth;
use super::house::House;
use super::process;
use super::readiness;
use super::repairing;
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

    fn apply(&self, text: String, audit: AuditRow) -> BoxFuture<'_, Result<Applied, ApplyError>> {
        let house = self.0.clone();
        Box::pin(async move {
            // What is wrong is said at once, whatever else is under way.
            let applied = config::parse_apply(&text);
            let applied = applied.map_err(|error| ApplyError::Invalid(error.to_string()))?;
            let work = move || house.apply(&applied, audit);
            let patience = limits::CONFIG_ANSWER_TIMEOUT;
            self.0.turns.ask("applying a configuration text", patience, work).await?
        })
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
        proposed: Vec<(StreamId, config::Keep)>,
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
    let no_volume =
        (view.row.record && view.volume.is_none() && !paused).then(|| no_volume(volumes));
    let recording_problem = trouble.or(closed).or(no_volume);
    let recording = match (view.row.record && !paused && !view.row.paused, state) {
        (false, _) => Recording::Off,
        (true, StreamState::Playing) if recording_problem.is_none() => Recording::On,
        (true, _) => Recording::Stalled,
    };
    let not_recorded = volume.and_then(|v| v.lost.get(&view.row.id)).copied().unwrap_or(0);
    let late = volume.and_then(|v| v.dated_late.get(&view.row.id)).copied().unwrap_or_default();
    let outlook = volume.and_then(|v| v.outlook.get(&view.row.id));
    let mut warnings = status.warnings;
    warnings.extend((!late.is_zero()).then(|| dated_late(late)));
    StreamStatus {
        id: view.row.id,
        name: view.row.name,
        state,
        since: (status.since > WallTime::EPOCH).then_some(status.since),
        retry_at,
        last_error: view.problem.or(status.last_error),
        warnings,
        recording,
        recording_problem,
        tracks: view.tracks,
        frame_rate: view.rate.map(|rate| rate.frames),
        bit_rate: view.rate.map(|rate| rate.bits),
        frames: status.counters.frames,
        received_bytes: status.counters.bytes,
        lost_frames: view.stats.dropped.frames.max(not_recorded),
        lost_packets: status.counters.lost_packets,
        reconnects: status.counters.reconnects,
        waiting_bytes: view.stats.waiting_bytes as u64,
        clock: camera_clock(&status.clock),
        forecast: outlook.map(forecasting::forecast),
        dated_late_seconds: late.as_secs_f64(),
    }
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
        r#use: health.r#use,
        managed_by_file: health.managed_by_file,
        streams: house.volumes.streams_on(health.id),
        state,
        problem,
        total_bytes: total,
        free_bytes: health.space.map_or(0, |space| space.available),
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
