//! Growing and sealed files as ffmpeg decodes them: every picture, every sound, at its time.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use base::Ticks;
use bytes::Bytes;
use media::{DecodeClock, LiveMuxer, TrackParams, VideoCodec, VideoParams, nal};

use crate::support::{Recording, Written, aac, alaw};

fn ffmpeg(arguments: &[&str]) -> String {
    let quietly = ["-v", "error", "-nostdin", "-y"];
    let output = Command::new("ffmpeg").args(quietly).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "ffmpeg {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn is_missing() -> bool {
    let missing = Command::new("ffmpeg").arg("-version").output().is_err();
    if missing {
        eprintln!("SKIPPED: ffmpeg is not installed, so nothing was judged by it");
    }
    missing
}

/// One line of ffmpeg's `framehash`: presentation time in ticks of the track, and hash.
type Shown = (i64, String);

/// What ffmpeg makes of one track: decoded, or as packets.
fn hashes(file: &Path, track: usize, timescale: u32, decode: bool) -> Vec<Shown> {
    let (map, rate) = (format!("0:{track}"), format!("1:{timescale}"));
    let how: &[&str] = match decode {
        true => &["-fps_mode", "passthrough", "-enc_time_base", &rate],
        false => &["-c", "copy"],
    };
    let file = file.to_str().unwrap();
    let start = ["-xerror", "-i", file, "-map", &map];
    let out = ffmpeg(&[&start[..], how, &["-f", "framehash", "-"]].concat());
    let base = out.lines().find_map(|line| line.strip_prefix("#tb 0: 1/")).unwrap();
    let base: i64 = base.trim().parse().unwrap();
    let lines = out.lines().filter(|line| !line.starts_with('#'));
    let shown = lines.map(|line| {
        let fields: Vec<_> = line.split(',').map(str::trim).collect();
        let pts: i64 = fields[2].parse().unwrap();
        (pts * i64::from(timescale) / base, fields[5].to_owned())
    });
    shown.collect()
}

struct Source {
    recording: Recording,
    /// What the pictures are, in the order of presentation.
    pictures: Vec<String>,
}

/// Encodes a moving picture with sound, and takes it apart as a camera would send it: access
/// units in decode order with presentation times. Video and audio begin so many ticks after
/// the run's zero.
fn encode(folder: &Path, codec: &[&str], audio: Arc<TrackParams>, starts: [i64; 2]) -> Source {
    let file = folder.join("source.mp4");
    let picture = ["-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=3"];
    let path = file.to_str().unwrap();
    ffmpeg(&[&picture, codec, &["-g", "25", "-pix_fmt", "yuv420p", path]].concat());
    let pictures = hashes(&file, 0, 90_000, true).into_iter().map(|(_, hash)| hash).collect();

    let bytes = std::fs::read(&file).unwrap();
    let mp4 = re_mp4::Mp4::read_bytes(&bytes).unwrap();
    let track = &mp4.tracks()[&1];
    let kind = if codec.contains(&"libx265") { VideoCodec::H265 } else { VideoCodec::H264 };
    let config = track.raw_codec_config(&mp4).unwrap();
    let params = VideoParams::from_config(kind, &config).unwrap();
    let mut clock = DecodeClock::new(params.reorder_depth, params.frame_ticks().unwrap_or(0));
    let mut recording = Recording::new(&[Arc::new(TrackParams::Video(params)), audio.clone()]);
    let earliest = track.samples.iter().map(|sample| sample.composition_timestamp).min().unwrap();
    let sounds = sounds(folder, &audio);
    for (number, sample) in track.samples.iter().enumerate() {
        let since = sample.composition_timestamp - earliest;
        let pts = starts[0] + since * 90_000 / track.timescale as i64;
        let decoded = clock.push(Ticks(pts));
        assert!(decoded.depth_seen <= clock.depth());
        let data = Bytes::copy_from_slice(&bytes[sample.byte_range()]);
        let key = nal::access(kind, &data).is_key();
        assert_eq!(key, sample.is_sync);
        recording.push(0, pts, decoded.dts.0, 3600, key, data);
        // The sound of the same time comes along.
        let each = sounds.len() / track.samples.len() + 1;
        for (pts, ticks, data) in sounds.iter().skip(number * each).take(each) {
            recording.push(1, starts[1] + pts, starts[1] + pts, *ticks, true, data.clone());
        }
    }
    Source { recording, pictures }
}

/// Frames of sound: time, duration, bytes.
fn sounds(folder: &Path, audio: &TrackParams) -> Vec<(i64, u32, Bytes)> {
    let TrackParams::Audio(params) = audio else { unreachable!() };
    let source = format!("sine=f=440:r={}:d=3", params.sample_rate);
    let input =
        ["-f", "lavfi", "-i", &source, "-ac", &params.channels.to_string()].map(str::to_owned);
    let input: Vec<&str> = input.iter().map(String::as_str).collect();
    let raw = folder.join("sound");
    let path = raw.to_str().unwrap();
    let frames: Vec<Bytes> = if params.config.is_empty() {
        ffmpeg(&[&input[..], &["-f", "alaw", path]].concat());
        std::fs::read(&raw).unwrap().chunks(160).map(Bytes::copy_from_slice).collect()
    } else {
        ffmpeg(&[&input[..], &["-c:a", "aac", "-f", "adts", path]].concat());
        let stream = std::fs::read(&raw).unwrap();
        let mut rest = &stream[..];
        std::iter::from_fn(|| {
            // ADTS: 13 bits of frame length from bit 30 on; a header of 7 bytes.
            let len = rest.get(3..6)?;
            let len =
                usize::from(len[0] & 3) << 11 | usize::from(len[1]) << 3 | usize::from(len[2] >> 5);
            let (frame, after) = rest.split_at(len);
            rest = after;
            Some(Bytes::copy_from_slice(&frame[7..]))
        })
        .collect()
    };
    let mut at = 0;
    let timed = frames.into_iter().map(|data| {
        let ticks = params.frame_ticks(data.len());
        at += i64::from(ticks);
        (at - i64::from(ticks), ticks, data)
    });
    timed.collect()
}

fn judge(name: &str, codec: &[&str], audio: Arc<TrackParams>, starts: [i64; 2]) {
    if is_missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = encode(folder.path(), codec, audio, starts);
    let recording = &source.recording;
    let written = Written::of(recording, 100);
    let mut muxer = LiveMuxer::new(&recording.tracks, recording.scale());
    let mut live = muxer.init().unwrap().to_vec();
    for frames in recording.frames.chunks(1) {
        live.extend(muxer.fragment(frames).unwrap_or_default());
    }
    for (form, bytes) in
        [("growing", &written.growing), ("sealed", &written.sealed()), ("live", &live)]
    {
        let file = folder.path().join(format!("{form}.mp4"));
        std::fs::write(&file, bytes).unwrap();
        let name = format!("{name}, {form}");
        judge_file(&name, &file, &source, starts);
    }
}

fn judge_file(name: &str, file: &Path, source: &Source, starts: [i64; 2]) {
    let scales: Vec<_> =
        source.recording.tracks.iter().map(|track| track.timescale().hertz()).collect();
    // ffmpeg lets time begin with whatever is presented first.
    let micros = |track: usize| starts[track] * 1_000_000 / i64::from(scales[track]);
    let earliest = micros(0).min(micros(1));
    let zero = |track: usize| (micros(track) - earliest) * i64::from(scales[track]) / 1_000_000;

    let shown = hashes(file, 0, 90_000, true);
    let expected: Vec<Shown> = source
        .pictures
        .iter()
        .enumerate()
        .map(|(number, hash)| (zero(0) + number as i64 * 3600, hash.clone()))
        .collect();
    assert_eq!(shown.len(), expected.len(), "{name}: pictures");
    assert_eq!(shown, expected, "{name}: pictures");

    if source.recording.tracks[1].rfc6381().is_none() && name.ends_with("live") {
        return; // browsers do not play it
    }
    let frames = source.recording.frames.iter().filter(|frame| frame.track == 1);
    let expected: Vec<_> = frames.map(|frame| zero(1) + frame.pts.0 - starts[1]).collect();
    for decode in [false, true] {
        let heard = hashes(file, 1, scales[1], decode);
        let heard: Vec<_> = heard.into_iter().map(|(at, _)| at).collect();
        assert_eq!(heard, expected, "{name}: sound, decoded: {decode}");
    }
}

const X264: [&str; 6] = ["-c:v", "libx264", "-bf", "3", "-preset", "veryfast"];

#[test]
fn b_frames_and_sound_that_begin_together() {
    judge("together", &X264, aac(), [0, 0]);
}

#[test]
fn b_frames_and_sound_that_begins_later() {
    judge("sound later", &X264, aac(), [0, 48_000 * 3 / 10]);
}

#[test]
fn b_frames_and_sound_that_begins_earlier() {
    judge("sound earlier", &X264, aac(), [90_000 / 5, 0]);
}

#[test]
fn no_b_frames_and_g711() {
    judge("G.711", &["-c:v", "libx264", "-bf", "0"], alaw(), [0, 800]);
}

#[test]
fn h265_with_b_frames_and_open_gops() {
    let codec = ["-c:v", "libx265", "-x265-params", "log-level=0:bframes=3:open-gop=1"];
    judge("H.265", &codec, aac(), [0, 4800]);
}
