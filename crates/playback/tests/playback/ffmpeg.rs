//! What ffmpeg makes of clips: every frame asked for is decoded, at its time, to the same picture
//! as in the original, and nothing else.

use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use base::{Ticks, Timescale, WallTime};
use media::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};
use playback::{ClipPlan, ClipRequest};
use tempfile::TempDir;

use crate::archive::{Memory, Raw, Segment, segment, stream};
use crate::clip::read;
use crate::random::{Random, START};
use crate::several;

const FRAME: i64 = 3000;
const SOUND: usize = 160;
const SOUND_MICROS: i64 = 20_000;

/// Encoded video and what its frames look like.
struct Footage {
    params: Arc<TrackParams>,
    samples: Vec<Raw>,
    /// Hashes of the pictures in presentation order.
    pictures: Vec<String>,
}

/// Runs ffmpeg, which must not complain; `FILE` stands for each of `files` in turn. `None` where
/// there is no ffmpeg.
fn ffmpeg(arguments: &[&str], files: &[&Path]) -> Option<String> {
    let mut command = Command::new("ffmpeg");
    command.arg("-nostdin");
    let mut files = files.iter();
    for argument in arguments {
        match *argument {
            "FILE" => command.arg(files.next().unwrap()),
            argument => command.arg(argument),
        };
    }
    let Ok(output) = command.output() else {
        eprintln!("SKIPPED: there is no ffmpeg here, so nobody judges the clips");
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// How ffmpeg judges.
#[derive(Clone, Copy)]
enum Judge {
    /// Any fault in the stream is one.
    Strict,
    /// Faults that it conceals are none: H.264 that starts at a recovery point speaks of pictures
    /// before that.
    Lenient,
}

/// Decoded frames: time in ticks of the stream, hash.
fn decode(file: &Path, stream: &str, judge: Judge) -> Option<Vec<(i64, String)>> {
    let flags = match judge {
        Judge::Strict => "-v error -xerror -err_detect explode",
        Judge::Lenient => "-v fatal",
    };
    let arguments = "-i FILE -map STREAM -autoscale 0 \
                     -fps_mode passthrough -enc_time_base -1 -f framehash -hash crc32 -";
    let arguments = flags.split_whitespace().chain(arguments.split_whitespace());
    let arguments: Vec<&str> = arguments.map(|a| if a == "STREAM" { stream } else { a }).collect();
    let text = ffmpeg(&arguments, &[file])?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let frames = lines.map(|line| {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        (fields[2].parse().unwrap(), fields[5].to_owned())
    });
    Some(frames.collect())
}

/// What stands in the first box of a kind.
fn box_body(bytes: &[u8], kind: [u8; 4]) -> Vec<u8> {
    let at = bytes.windows(4).position(|four| four == kind).unwrap();
    let len = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize;
    bytes[at + 4..at - 4 + len].to_vec()
}

fn encode(folder: &TempDir, size: &str, codec: VideoCodec, options: &str) -> Option<Footage> {
    let file = folder.path().join(format!("{size}-{codec:?}.mp4"));
    let library = match codec {
        VideoCodec::H264 => "libx264",
        VideoCodec::H265 => "libx265",
        VideoCodec::Jpeg => "mjpeg",
    };
    let source = format!("testsrc2=size={size}:rate=30:duration=3");
    let mut arguments = vec!["-v", "error", "-f", "lavfi", "-i", &source, "-c:v", library];
    arguments.extend(options.split_whitespace());
    arguments.extend(["-video_track_timescale", "90000", "-tag:v"]);
    let tag = match codec {
        VideoCodec::H264 => "avc1",
        VideoCodec::H265 => "hvc1",
        VideoCodec::Jpeg => "mp4v",
    };
    arguments.extend([tag, "-y", "FILE"]);
    ffmpeg(&arguments, &[&file])?;
    let pictures =
        decode(&file, "0:v:0", Judge::Strict)?.into_iter().map(|(_, hash)| hash).collect();

    let bytes = std::fs::read(&file).unwrap();
    let mp4 = re_mp4::Mp4::read_bytes(&bytes).unwrap();
    let track = mp4.tracks().values().next().unwrap();
    let samples = track.samples.iter().map(|sample| Raw {
        track: 0,
        dts: sample.decode_timestamp,
        pts: sample.composition_timestamp,
        key: sample.is_sync,
        data: bytes[sample.byte_range()].to_vec(),
        batch: false,
    });
    let (width, height) = (track.width, track.height);
    let config = match codec {
        VideoCodec::H264 => box_body(&bytes, *b"avcC"),
        VideoCodec::H265 => box_body(&bytes, *b"hvcC"),
        VideoCodec::Jpeg => Vec::new(),
    };
    let reorder_depth = if codec == VideoCodec::Jpeg { 0 } else { 2 };
    let (pixel_aspect, config) = ((1, 1), config.into());
    let params = VideoParams { codec, width, height, pixel_aspect, config, reorder_depth };
    Some(Footage {
        params: Arc::new(TrackParams::Video(params)),
        samples: samples.collect(),
        pictures,
    })
}

/// An archive and what is presented in it when.
#[derive(Default)]
struct Expected {
    memory: Memory,
    pictures: Vec<(WallTime, String)>,
    /// A-law frames.
    sounds: Vec<(WallTime, Vec<u8>)>,
    /// Whether other parameters stand in the samples.
    in_band: bool,
}

impl Expected {
    /// Adds a run: footage from `at` on, a new segment every `gops` key frames, with sound.
    fn run(&mut self, footage: &Footage, at: i64, gops: usize, sound: bool) {
        let mut random = Random(at as u64);
        let telephone = Timescale::new(8000).unwrap();
        let wall = |scale: Timescale, ticks: i64| at + scale.to_micros(Ticks(ticks));
        let mut params = vec![footage.params.clone()];
        let mut samples: Vec<(i64, bool, Raw)> = Vec::new();
        let mut sounds = Vec::new();
        let mut keys = 0;
        for raw in &footage.samples {
            let cut = raw.key && keys % gops == 0;
            keys += usize::from(raw.key);
            samples.push((Timescale::VIDEO.to_micros(Ticks(raw.dts)), cut, raw.clone()));
        }
        if sound {
            let (codec, channels) = (AudioCodec::Alaw, 1);
            let audio = AudioParams { codec, sample_rate: 8000, channels, config: vec![].into() };
            params.push(Arc::new(TrackParams::Audio(audio)));
            for number in 0..(footage.pictures.len() as i64 * 8000 / 30) / SOUND as i64 {
                let data: Vec<u8> = (0..SOUND).map(|_| random.below(256) as u8).collect();
                let (track, pts) = (1, 300 + number * SOUND as i64);
                sounds.push(data.clone());
                let raw = Raw { track, dts: pts, pts, key: true, data, batch: false };
                samples.push((telephone.to_micros(Ticks(pts)), false, raw));
            }
        }
        samples.sort_by_key(|(written, ..)| *written);
        for (number, (_, cut, raw)) in samples.iter_mut().enumerate() {
            raw.batch = *cut || number % 50 == 0;
        }
        let first = self.memory.segments.len();
        for own in samples.chunk_by(|_, next| !next.1) {
            let own: Vec<Raw> = own.iter().map(|(.., raw)| raw.clone()).collect();
            let id = self.memory.segments.len() as u8 + 1;
            let run = (at / 1_000_000 % 251) as u8;
            let made: Segment =
                segment(id, run, &params, &own, &[FRAME as u32, SOUND as u32], |track, pts| {
                    wall(params[track].timescale(), pts)
                });
            self.memory.segments.push(made);
        }
        let indexes = self.memory.segments[first..].iter().map(|segment| &segment.index);
        let walls = |number: usize| {
            let tracks = indexes.clone().filter_map(move |index| index.tracks.get(number));
            let mut walls: Vec<WallTime> =
                tracks.flat_map(|track| track.times().map(|time| time.wall)).collect();
            walls.sort_unstable();
            walls
        };
        self.pictures.extend(walls(0).into_iter().zip(footage.pictures.iter().cloned()));
        self.sounds.extend(walls(1).into_iter().zip(sounds));
    }

    /// Judges the clips of several ranges, given in milliseconds after [`START`].
    fn judge(mut self, judge: Judge, folder: &TempDir, ranges: &[(i64, i64)]) {
        let memory = Arc::new(std::mem::take(&mut self.memory));
        for (from, to) in ranges {
            let (from, to) = (START + from * 1000, START + to * 1000);
            let at = WallTime::from_micros;
            let request = ClipRequest::new(stream(), at(from), at(to));
            let request = ClipRequest { in_band: self.in_band, ..request };
            let plan = Arc::new(ClipPlan::new(&*memory, request).unwrap());
            let clip = folder.path().join("clip.mp4");
            std::fs::write(&clip, read(&memory, &plan, 0..plan.len())).unwrap();
            let (from, to) = (WallTime::from_micros(from), WallTime::from_micros(to));
            let pictures: Vec<&(WallTime, String)> =
                self.pictures.iter().filter(|(at, _)| (from..to).contains(at)).collect();
            let decoded = decode(&clip, "0:v:0", judge).unwrap();
            let hashes: Vec<&String> = decoded.iter().map(|(_, hash)| hash).collect();
            let wanted: Vec<&String> = pictures.iter().map(|(_, hash)| hash).collect();
            assert!(hashes == wanted, "{} pictures, not {}", hashes.len(), wanted.len());
            let zero = pictures[0].0;
            for ((at, _), (wall, _)) in decoded.iter().zip(&pictures) {
                let micros = Timescale::VIDEO.to_micros(Ticks(*at));
                assert!((micros - wall.micros_since(zero)).abs() <= 24, "{at} is not {wall}");
            }
            self.judge_sound(&clip, zero, from..to, folder);
        }
    }

    /// Sound begins with clip time 0, though not with a frame of it, and each sample is heard once.
    fn judge_sound(&self, clip: &Path, zero: WallTime, window: Range<WallTime>, folder: &TempDir) {
        let in_range = self.sounds.iter().filter(|(at, _)| window.contains(at));
        let heard = in_range.filter(|(at, _)| at.micros_since(zero) > -SOUND_MICROS);
        let heard: Vec<&(WallTime, Vec<u8>)> = heard.collect();
        let Some((first, _)) = heard.first() else { return };
        for ((at, _), (wall, _)) in decode(clip, "0:a:0", Judge::Strict).unwrap().iter().zip(&heard)
        {
            let wanted = wall.micros_since(zero).max(0);
            assert!((at * 125 - wanted).abs() <= 250, "sound at {at} is not at {wanted}");
        }
        let [coded, wanted, pcm] = ["coded", "wanted", "pcm"].map(|name| folder.path().join(name));
        let sound: Vec<u8> = heard.iter().flat_map(|(_, data)| data.clone()).collect();
        std::fs::write(&coded, sound).unwrap();
        let arguments =
            ["-v", "error", "-f", "alaw", "-ar", "8000", "-i", "FILE", "-f", "s16le", "-y", "FILE"];
        ffmpeg(&arguments, &[&coded, &wanted]);
        ffmpeg(
            &["-v", "error", "-i", "FILE", "-map", "0:a:0", "-f", "s16le", "-y", "FILE"],
            &[clip, &pcm],
        );
        let (wanted, pcm) = (std::fs::read(wanted).unwrap(), std::fs::read(pcm).unwrap());
        // The part of the first frame that is before clip time 0; the last may end with the range.
        let cut = (zero.micros_since(*first).max(0) / 125 * 2) as usize;
        let same = (0..3).any(|more| wanted[cut.saturating_sub(2) + more * 2..].starts_with(&pcm));
        assert!(same, "the sound is another one");
        assert!(wanted.len() - cut - pcm.len() <= SOUND * 2);
    }
}

#[test]
fn ffmpeg_shows_exactly_the_frames_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-g 15 -bf 2 -pix_fmt yuv420p -x264-params b-pyramid=normal:keyint=15";
    let Some(footage) = encode(&folder, "160x120", VideoCodec::H264, options) else { return };
    let mut expected = Expected::default();
    expected.run(&footage, START, 2, true);
    expected.run(&footage, START + 8_000_000, 1, true);
    expected.judge(
        Judge::Strict,
        &folder,
        &[(0, 3000), (450, 2340), (1, 12_000), (700, 8500), (2900, 8100)],
    );
}

#[test]
fn timestamps_are_subtitles_and_pictures_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-g 15 -bf 2 -pix_fmt yuv420p";
    let Some(footage) = encode(&folder, "160x120", VideoCodec::H264, options) else { return };
    let mut expected = Expected::default();
    expected.run(&footage, START, 2, true);
    expected.run(&footage, START + 8_000_000, 1, true);
    let at = |millis: i64| WallTime::from_micros(START + millis * 1000);
    let request = ClipRequest::new(stream(), at(500), at(10_000));
    let request = ClipRequest { timestamps: true, ..request };
    let plan = Arc::new(ClipPlan::new(&expected.memory, request).unwrap());
    let memory = Arc::new(std::mem::take(&mut expected.memory));
    let clip = folder.path().join("clip.mp4");
    std::fs::write(&clip, read(&memory, &plan, 0..plan.len())).unwrap();
    let shown = expected.pictures.iter().filter(|(wall, _)| (at(500)..at(10_000)).contains(wall));
    let wanted: Vec<&String> = shown.map(|(_, hash)| hash).collect();
    let decoded = decode(&clip, "0:v:0", Judge::Strict).unwrap();
    assert!(decoded.iter().map(|(_, hash)| hash).eq(wanted));
    // From 20:15:00.623 on, a gap from 03.123 to 08.123.
    let arguments = "-v error -xerror -i FILE -map 0:s -f srt -";
    let text = ffmpeg(&arguments.split(' ').collect::<Vec<_>>(), &[&clip]).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("2026-")).collect();
    let seconds = lines.iter().map(|line| line[line.find("20:15").unwrap()..][..8].to_owned());
    let wanted = [0, 1, 2, 3, 8, 9, 10].map(|second| format!("20:15:{second:02}"));
    assert!(seconds.eq(wanted), "{text}");
    assert!(text.contains("00:00:00,377 --> 00:00:01,377"), "{text}");
    assert!(text.contains("00:00:07,500 --> 00:00:08,377"), "{text}");
}

/// Two cameras, of which the second begins a second later; both have a gap from 4 s to 8 s.
fn two_cameras(folder: &TempDir) -> Option<[Expected; 2]> {
    let options = "-g 15 -bf 2 -pix_fmt yuv420p";
    let large = encode(folder, "160x120", VideoCodec::H264, options)?;
    let small = encode(folder, "96x64", VideoCodec::H264, options)?;
    let mut cameras = [Expected::default(), Expected::default()];
    cameras[0].run(&large, START, 2, true);
    cameras[0].run(&large, START + 8_000_000, 1, true);
    cameras[1].run(&small, START + 1_000_000, 1, false);
    cameras[1].run(&small, START + 8_500_000, 3, false);
    Some(cameras)
}

#[test]
fn two_cameras_without_their_gap_are_decoded_picture_for_picture() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut expected) = two_cameras(&folder) else { return };
    let memories = expected.each_mut().map(|expected| std::mem::take(&mut expected.memory));
    let cameras = several::Cameras::new(memories);
    for squeeze in [false, true] {
        let wanted = several::request(&[0, 1], START, START + 20_000_000);
        let wanted = ClipRequest { squeeze, ..wanted };
        let plan = Arc::new(ClipPlan::new(&*cameras, wanted).unwrap());
        let clip = folder.path().join("clip.mp4");
        std::fs::write(&clip, several::read(&cameras, &plan, 0..plan.len())).unwrap();
        for (stream, expected) in ["0:v:0", "0:v:1"].into_iter().zip(&expected) {
            let decoded = decode(&clip, stream, Judge::Strict).unwrap();
            let pictures = decoded.iter().map(|(_, hash)| hash);
            assert!(pictures.eq(expected.pictures.iter().map(|(_, hash)| hash)));
            let gap = if squeeze { 4_000_000 } else { 0 };
            for ((at, _), (wall, _)) in decoded.iter().zip(&expected.pictures) {
                let wall = wall.as_micros() - START;
                let wanted = if wall < 6_000_000 { wall } else { wall - gap };
                let micros = Timescale::VIDEO.to_micros(Ticks(*at));
                // What is left of the gap is no longer than the picture before it lasts.
                assert!((micros - wanted).abs() <= 24 + 34_000, "{micros} is not {wanted}");
            }
        }
        // The first camera's sound, frame by frame.
        let sound = decode(&clip, "0:a:0", Judge::Strict).unwrap();
        assert!(sound.len() >= expected[0].sounds.len() - 2);
    }
}

#[test]
fn a_frame_before_a_gap_stands_until_footage_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-g 30 -bf 0 -pix_fmt yuv420p";
    let Some(footage) = encode(&folder, "160x120", VideoCodec::H264, options) else { return };
    let mut expected = Expected::default();
    for run in 0..4 {
        expected.run(&footage, START + run * 3_040_000, 1, run % 2 == 0);
    }
    expected.judge(
        Judge::Strict,
        &folder,
        &[(0, 13_000), (2500, 4000), (2990, 3041), (1500, 9000)],
    );
}

#[test]
fn a_change_of_parameters_is_another_sample_entry() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-g 15 -bf 2 -pix_fmt yuv420p";
    let Some(large) = encode(&folder, "160x120", VideoCodec::H264, options) else { return };
    let small = encode(&folder, "96x64", VideoCodec::H264, options).unwrap();
    let mut expected = Expected::default();
    expected.run(&large, START, 2, true);
    expected.run(&small, START + 5_000_000, 3, true);
    expected.run(&large, START + 8_500_000, 2, true);
    expected.in_band = true;
    let mut once_more = Expected { in_band: false, ..Expected::default() };
    once_more.run(&large, START, 2, true);
    once_more.run(&small, START + 5_000_000, 3, true);
    once_more.run(&large, START + 8_500_000, 2, true);
    for expected in [expected, once_more] {
        expected.judge(Judge::Strict, &folder, &[(0, 12_000), (1700, 6000), (6100, 11_000)]);
    }
}

#[test]
fn leading_pictures_of_open_gops_are_decodable() {
    let folder = tempfile::tempdir().unwrap();
    for (codec, judge, options) in [
        (
            VideoCodec::H265,
            Judge::Strict,
            "-pix_fmt yuv420p -x265-params log-level=error:keyint=15:open-gop=1",
        ),
        (
            VideoCodec::H264,
            Judge::Lenient,
            "-g 15 -bf 2 -pix_fmt yuv420p -x264-params open-gop=1:bframes=2",
        ),
    ] {
        let Some(footage) = encode(&folder, "160x120", codec, options) else { return };
        let mut expected = Expected::default();
        expected.run(&footage, START, 2, false);
        expected.judge(judge, &folder, &[(0, 4000), (930, 2000), (960, 2000), (1410, 2100)]);
    }
}

#[test]
fn pictures_that_all_are_key_frames_are_shown_from_any_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-pix_fmt yuvj420p -huffman default";
    let Some(large) = encode(&folder, "160x120", VideoCodec::Jpeg, options) else { return };
    let small = encode(&folder, "96x64", VideoCodec::Jpeg, options).unwrap();
    for in_band in [false, true] {
        let mut expected = Expected { in_band, ..Expected::default() };
        expected.run(&large, START, 40, true);
        expected.run(&small, START + 5_000_000, 25, true);
        expected.judge(
            Judge::Strict,
            &folder,
            &[(0, 8_000), (450, 2340), (1700, 6000), (5100, 7000), (1010, 1050)],
        );
    }
}
