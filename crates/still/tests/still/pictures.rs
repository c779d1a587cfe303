//! What is drawn, held against what ffmpeg makes of the same key frame.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use base::Shutdown;
use bytes::Bytes;
use media::{VideoCodec, VideoParams};
use still::{Cell, DrawError, Drawn, Job};
use world::SystemClock;

use crate::program;

/// The first picture of a clip.
#[derive(Clone)]
pub struct KeyFrame {
    pub codec: VideoCodec,
    pub config: Bytes,
    pub size: (u16, u16),
    pub data: Bytes,
    /// ffmpeg's opinion: RGB at full size.
    rgb: Vec<u8>,
}

fn clip(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testcam/clips").join(name)
}

fn ffmpeg(arguments: &[&str], input: Option<&[u8]>) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin"]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("ffmpeg is installed");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.map(<[u8]>::to_vec);
    let feed = std::thread::spawn(move || stdin.write_all(&input.unwrap_or_default()));
    let output = child.wait_with_output().unwrap();
    let _ = feed.join();
    assert!(output.status.success(), "ffmpeg failed: {arguments:?}");
    output.stdout
}

fn read(file: &Path, codec: VideoCodec) -> KeyFrame {
    let bytes = std::fs::read(file).unwrap();
    let mp4 = re_mp4::Mp4::read_bytes(&bytes).unwrap();
    let track = mp4.tracks().values().find(|track| track.width > 0).unwrap();
    let sample = track.samples.iter().find(|sample| sample.is_sync).unwrap();
    let data = bytes[sample.byte_range()].to_vec().into();
    let name = if codec == VideoCodec::H264 { b"avcC" } else { b"hvcC" };
    let config = match codec {
        VideoCodec::Jpeg => Bytes::new(),
        VideoCodec::H264 | VideoCodec::H265 => {
            let at = bytes.windows(4).position(|four| four == name).unwrap();
            let len = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize;
            bytes[at + 4..at - 4 + len].to_vec().into()
        }
    };
    let path = file.to_str().unwrap();
    let pixels = ["-frames:v", "1", "-sws_flags", "accurate_rnd+full_chroma_int+bilinear"];
    let mut arguments = vec!["-i", path];
    arguments.extend(pixels);
    arguments.extend(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]);
    let rgb = ffmpeg(&arguments, None);
    KeyFrame { codec, config, size: (track.width, track.height), data, rgb }
}

/// The first picture of the test camera's door, as it is or coded anew in H.265.
pub fn key_frame(codec: VideoCodec) -> KeyFrame {
    static H264: OnceLock<KeyFrame> = OnceLock::new();
    static H265: OnceLock<KeyFrame> = OnceLock::new();
    static JPEG: OnceLock<KeyFrame> = OnceLock::new();
    let door = clip("door-main.mp4");
    match codec {
        VideoCodec::H264 => H264.get_or_init(|| read(&door, codec)).clone(),
        VideoCodec::H265 => H265.get_or_init(|| anew(&door, "libx265", "yuv420p", codec)).clone(),
        VideoCodec::Jpeg => JPEG.get_or_init(|| anew(&door, "mjpeg", "yuvj420p", codec)).clone(),
    }
}

/// Codes the beginning of a clip anew.
fn anew(of: &Path, library: &str, pixels: &str, codec: VideoCodec) -> KeyFrame {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anew.mp4");
    let (of, to) = (of.to_str().unwrap(), file.to_str().unwrap());
    let tag = match codec {
        VideoCodec::H264 => "avc1",
        VideoCodec::H265 => "hvc1",
        VideoCodec::Jpeg => "mp4v",
    };
    let quiet = if library == "libx265" { ["-x265-params", "log-level=none"] } else { ["-g", "5"] };
    let mut arguments = vec!["-i", of, "-an", "-frames:v", "5", "-c:v", library];
    arguments.extend(quiet);
    arguments.extend(["-pix_fmt", pixels, "-tag:v", tag, "-y", to]);
    ffmpeg(&arguments, None);
    read(&file, codec)
}

fn draw(job: &Job) -> Result<Drawn, DrawError> {
    program(None).draw(job, &SystemClock::new(), &Shutdown::new())
}

fn cell(key: &KeyFrame, size: (u16, u16)) -> Cell {
    Cell { codec: key.codec, config: key.config.clone(), size, data: key.data.clone() }
}

/// The pixels of a JPEG, by ffmpeg.
fn pixels(jpeg: &[u8]) -> Vec<u8> {
    let arguments = ["-f", "mjpeg", "-i", "-", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
    ffmpeg(&arguments, Some(jpeg))
}

/// The picture of ffmpeg at another size.
fn scaled(key: &KeyFrame, (width, height): (u16, u16)) -> Vec<u8> {
    let from = format!("{}x{}", key.size.0, key.size.1);
    let scale = format!("scale={width}:{height}:flags=bilinear+accurate_rnd");
    let arguments = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &from, "-i", "-", "-vf", &scale];
    let to = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
    ffmpeg(&[&arguments[..], &to[..]].concat(), Some(&key.rgb))
}

/// Peak signal to noise ratio in dB.
fn psnr(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len(), "of one size");
    let error = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let mean = one.iter().zip(other).map(error).sum::<f64>() / one.len() as f64;
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

fn check(name: &str, key: &KeyFrame) {
    for size in [key.size, (320, 180), (161, 91)] {
        let job = Job { columns: 1, cell: size, cells: vec![cell(key, size)] };
        let drawn = draw(&job).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(drawn.missing.is_empty());
        let expected = if size == key.size { key.rgb.clone() } else { scaled(key, size) };
        let like = psnr(&pixels(&drawn.jpeg), &expected);
        assert!(like > 30.0, "{name} at {size:?}: {like:.1} dB");
    }
}

#[test]
fn pictures_are_those_of_ffmpeg() {
    check("H.264", &key_frame(VideoCodec::H264));
    check("H.264 baseline", &read(&clip("door-sub.mp4"), VideoCodec::H264));
    check("H.265", &key_frame(VideoCodec::H265));
    let garden = clip("garden-main.mp4");
    check("H.265 of 10 bits", &anew(&garden, "libx265", "yuv420p10le", VideoCodec::H265));
    check("H.264 of 10 bits", &anew(&garden, "libx264", "yuv420p10le", VideoCodec::H264));
    check("JPEG", &key_frame(VideoCodec::Jpeg));
    check("JPEG of 4:2:2", &anew(&garden, "mjpeg", "yuvj422p", VideoCodec::Jpeg));
    check("H.264 of full range", &anew(&garden, "libx264", "yuvj420p", VideoCodec::H264));
}

#[test]
fn colours_are_taken_as_the_stream_declares_them() {
    let colour = |key: &KeyFrame| {
        let colour = VideoParams::from_config(key.codec, &key.config).unwrap().colour();
        (colour.full_range, colour.matrix)
    };
    assert_eq!(colour(&key_frame(VideoCodec::H264)), (false, 1));
    let garden = clip("garden-main.mp4");
    let full = anew(&garden, "libx264", "yuvj420p", VideoCodec::H264);
    assert!(colour(&full).0, "{:?}", colour(&full));
    let full = anew(&garden, "libx265", "yuvj420p", VideoCodec::H265);
    assert!(colour(&full).0, "{:?}", colour(&full));
}

#[test]
fn a_sheet_has_its_pictures_in_reading_order_and_dark_where_one_is_missing() {
    let (first, second) = (key_frame(VideoCodec::H264), key_frame(VideoCodec::H265));
    let size = (160, 90);
    let broken = Cell { data: first.data.slice(..100), ..cell(&first, size) };
    let cells = vec![cell(&first, size), broken, cell(&second, size)];
    let drawn = draw(&Job { columns: 2, cell: (160, 90), cells }).unwrap();
    assert_eq!(drawn.missing, [1]);
    let sheet = pixels(&drawn.jpeg);
    assert_eq!(sheet.len(), 320 * 180 * 3);
    let part = |column: usize, row: usize| -> Vec<u8> {
        let lines = (0..90).map(|line| ((row * 90 + line) * 320 + column * 160) * 3);
        lines.flat_map(|at| sheet[at..at + 160 * 3].to_vec()).collect()
    };
    assert!(psnr(&part(0, 0), &scaled(&first, size)) > 28.0);
    assert!(psnr(&part(0, 1), &scaled(&second, size)) > 28.0);
    for dark in [part(1, 0), part(1, 1)] {
        let lit = dark.iter().filter(|value| **value > 60).count();
        assert!(lit < dark.len() / 50, "{lit} of {} are lit", dark.len());
    }
}
