//! Measurements in Prometheus' text form (version 0.0.4).

use std::fmt::{Display, Write};
use std::sync::atomic::Ordering;

use crate::app::App;
use crate::operations::{CameraStatus, Recording, StreamState, StreamStatus, VolumeStatus};

/// Everything that is measured, from memory.
pub(crate) fn render(app: &App) -> String {
    let (cameras, volumes) = (app.operations().cameras(), app.operations().volumes());
    let mut text = Text::default();
    streams(&mut text, app, &cameras);
    volume_metrics(&mut text, &volumes);
    stills(&mut text, app);
    process(&mut text, app);
    text.0
}

fn streams(text: &mut Text, app: &App, cameras: &[CameraStatus]) {
    let all = || {
        let pairs = cameras.iter().flat_map(|c| c.streams.iter().map(move |s| (c, s)));
        pairs.map(|(c, s)| ([("camera", c.slug.as_str()), ("stream", s.name.as_str())], s))
    };
    let mut counter = |name: &str, help: &str, value: fn(&StreamStatus) -> u64| {
        text.family(name, "counter", help);
        all().for_each(|(labels, stream)| text.sample(name, &labels, value(stream)));
    };
    counter("holdfast_stream_frames_total", "Frames received, all tracks.", |s| s.frames);
    counter("holdfast_stream_bytes_total", "Bytes of frames received.", |s| s.received_bytes);
    let lost = "Frames received and not recorded though they should have been.";
    counter("holdfast_stream_lost_frames_total", lost, |s| s.lost_frames);
    let packets = "Packets that the network lost.";
    counter("holdfast_stream_lost_packets_total", packets, |s| s.lost_packets);
    let jumps = "Jumps of the camera's clock.";
    counter("holdfast_camera_clock_jumps_total", jumps, |s| s.clock.map_or(0, |c| c.jumps));
    let again = "Connections made after the first.";
    counter("holdfast_stream_reconnects_total", again, |s| s.reconnects);

    let mut gauge = |name: &str, help: &str, value: &dyn Fn(&StreamStatus) -> Option<f64>| {
        text.family(name, "gauge", help);
        for (labels, stream) in all() {
            if let Some(value) = value(stream) {
                text.sample(name, &labels, value);
            }
        }
    };
    let up = "1 while frames arrive.";
    gauge("holdfast_stream_up", up, &|s| Some(flag(s.state == StreamState::Playing)));
    let recording = "1 while it is recorded; missing where it is not to be.";
    gauge("holdfast_stream_recording", recording, &|s| match s.recording {
        Recording::Off => None,
        state => Some(flag(state == Recording::On)),
    });
    let now = app.clock().wall();
    let lag = "Seconds between now and the end of what is safe on the disk; missing \
               while that is not known.";
    gauge("holdfast_stream_durable_lag_seconds", lag, &|s| {
        let until = app.catalog().tail().durable_until(s.id)?;
        (s.recording != Recording::Off).then(|| now.micros_since(until) as f64 / 1e6)
    });
    let waiting = "Bytes received that are not safe on the disk yet.";
    gauge("holdfast_stream_waiting_bytes", waiting, &|s| Some(s.waiting_bytes as f64));
    let late = "Seconds that footage is dated too late, so as not to overlap older footage.";
    gauge("holdfast_stream_dated_late_seconds", late, &|s| Some(s.dated_late_seconds));
    let offset = "Seconds that the camera's time of day is ahead of ours.";
    gauge("holdfast_camera_clock_offset_seconds", offset, &|s| {
        s.clock?.offset_ms.map(|offset| offset / 1000.0)
    });
    let drift = "Parts per million that the camera's clock runs faster than ours.";
    gauge("holdfast_camera_clock_drift_ppm", drift, &|s| s.clock?.drift_ppm);
    let rate = "Pictures a second, measured.";
    gauge("holdfast_stream_frame_rate", rate, &|s| s.frame_rate);
    let viewers = "People who watch it now; those who do over HLS count as one.";
    gauge("holdfast_stream_viewers", viewers, &|s| Some(app.live().viewers(s.id) as f64));
    let kept = "Bytes that are kept for those who watch it over HLS.";
    gauge("holdfast_stream_hls_bytes", kept, &|s| Some(app.live().hls_bytes(s.id) as f64));

    let name = "holdfast_stream_state";
    text.family(name, "gauge", "1 for the state that the connection is in.");
    for (labels, stream) in all() {
        let [camera, of] = labels;
        text.sample(name, &[camera, of, ("state", state_name(stream.state))], 1);
    }
}

fn volume_metrics(text: &mut Text, volumes: &[VolumeStatus]) {
    let mut gauge =
        |name: &str, kind: &str, help: &str, value: fn(&VolumeStatus) -> Option<f64>| {
            text.family(name, kind, help);
            for volume in volumes {
                if let Some(value) = value(volume) {
                    text.sample(name, &[("volume", volume.name.as_str())], value);
                }
            }
        };
    use crate::operations::VolumeState as State;
    gauge("holdfast_volume_up", "gauge", "1 while it can be written.", |v| {
        Some(flag(matches!(v.state, State::Ok | State::Degraded)))
    });
    let total = "Bytes of its file system.";
    gauge("holdfast_volume_size_bytes", "gauge", total, |v| Some(v.total_bytes as f64));
    let free = "Free bytes of its file system.";
    gauge("holdfast_volume_free_bytes", "gauge", free, |v| Some(v.free_bytes as f64));
    let footage = "Bytes of footage on it.";
    gauge("holdfast_volume_footage_bytes", "gauge", footage, |v| Some(v.footage_bytes as f64));
    let sync = "Seconds that the last round of syncs took.";
    gauge("holdfast_volume_sync_seconds", "gauge", sync, |v| v.sync_seconds);
    let syncs = "Rounds of syncs.";
    gauge("holdfast_volume_syncs_total", "counter", syncs, |v| Some(v.syncs as f64));
    let failed = "Rounds of syncs that failed.";
    gauge("holdfast_volume_sync_failures_total", "counter", failed, |v| {
        Some(v.sync_failures as f64)
    });
    let damaged = "Segments that are known to be damaged.";
    gauge("holdfast_volume_damaged_segments", "gauge", damaged, |v| {
        Some(v.damaged_segments as f64)
    });
    let read = "Bytes that the background check has read.";
    gauge("holdfast_volume_scrubbed_bytes_total", "counter", read, |v| {
        Some(v.scrubbed_bytes as f64)
    });
}

fn stills(text: &mut Text, app: &App) {
    let counts = app.stills().counts();
    let name = "holdfast_stills_total";
    text.family(name, "counter", "Stills and sheets asked for, by what came of it.");
    for (outcome, count) in [
        ("drawn", &counts.drawn),
        ("repeated", &counts.repeated),
        ("undecodable", &counts.undecodable),
        ("failed", &counts.failed),
        ("refused", &counts.refused),
    ] {
        text.sample(name, &[("outcome", outcome)], count.load(Ordering::Relaxed));
    }
    let line = app.stills().line();
    text.family("holdfast_stills_waiting", "gauge", "Stills and sheets under way.");
    text.sample("holdfast_stills_waiting", &[], line.jobs);
}

fn process(text: &mut Text, app: &App) {
    let process = app.operations().process();
    text.family("holdfast_build_info", "gauge", "Always 1; its label tells the version.");
    text.sample("holdfast_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    let readiness = app.operations().readiness();
    text.family("holdfast_ready", "gauge", "1 while it can record and serve.");
    text.sample("holdfast_ready", &[], flag(readiness.problems.is_empty()));
    text.family("holdfast_degraded", "gauge", "1 while something works worse than it should.");
    text.sample("holdfast_degraded", &[], flag(!readiness.degraded.is_empty()));
    text.family("holdfast_alarm_active", "gauge", "1 for each alarm that lasts.");
    for alarm in app.operations().alarms() {
        let labels = [("kind", alarm.kind.as_str()), ("subject", alarm.subject.as_str())];
        text.sample("holdfast_alarm_active", &labels, 1);
    }
    text.family("process_cpu_seconds_total", "counter", "Processor time used, in seconds.");
    text.sample("process_cpu_seconds_total", &[], process.cpu_seconds);
    text.family("process_resident_memory_bytes", "gauge", "Resident memory in bytes.");
    text.sample("process_resident_memory_bytes", &[], process.resident_bytes);
    let started = process.started.as_micros() as f64 / 1e6;
    text.family("process_start_time_seconds", "gauge", "When it started, Unix seconds.");
    text.sample("process_start_time_seconds", &[], started);
}

fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

fn state_name(state: StreamState) -> &'static str {
    match state {
        StreamState::Connecting => "connecting",
        StreamState::Playing => "playing",
        StreamState::Waiting => "waiting",
        StreamState::Denied => "denied",
        StreamState::Paused => "paused",
    }
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{text}\"", if index == 0 { '{' } else { ',' });
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{end} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let mut text = Text::default();
        text.sample("a", &[("x", "1\"2\\3\n")], 5);
        text.sample("b", &[], 0.25);
        assert_eq!(text.0, "a{x=\"1\\\"2\\\\3\\n\"} 5\nb 0.25\n");
    }
}
