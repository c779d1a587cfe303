//! Foreign players show all of what is recorded: GStreamer, mpv and VLC, with MediaInfo's
//! measure and mp4box's.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use base::WallTime;
use serde_json::Value;

use crate::mp4box;
use crate::recording::cameras;
use crate::server::{Server, Setup};
use crate::tools::{mp4_files, shown};

/// A player that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a test camera sends: its clip, codecs as MediaInfo names them, pictures a second.
#[derive(Clone, Copy)]
struct Kind {
    clip: &'static str,
    video: &'static str,
    sound: Option<&'static str>,
    rate: f64,
}

const KINDS: [Kind; 4] = [
    Kind { clip: "door-main", video: "AVC", sound: Some("AAC"), rate: 25.0 },
    Kind { clip: "garden-sub", video: "AVC", sound: Some("ADPCM"), rate: 12.5 },
    Kind { clip: "hevc", video: "HEVC", sound: None, rate: 12.5 },
    Kind { clip: "mjpeg", video: "JPEG", sound: Some("AAC"), rate: 25.0 },
];

/// A file, and what players are to make of it.
struct Film {
    file: PathBuf,
    kind: Kind,
    /// When each picture is shown, and how long it is, in seconds.
    times: Vec<f64>,
    length: f64,
}

impl Film {
    /// With the pictures that ffmpeg shows, as many as there should be.
    fn new(file: PathBuf, kind: Kind) -> Self {
        let times = shown(&file, "v");
        Self { file, kind, length: times.len() as f64 / kind.rate, times }
    }

    /// A time while the picture in the middle is shown.
    fn middle(&self) -> f64 {
        self.times[self.times.len() / 2] + 0.25 / self.kind.rate
    }
}

/// A player's program, and the error with which it fails to show a film.
type Judge = (&'static str, fn(&Film) -> Result<(), String>);

/// All judges that are installed; says loudly which are not.
fn judges() -> Vec<Judge> {
    let players: [Judge; 3] = [("gst-launch-1.0", gstreamer), ("mpv", mpv), ("cvlc", vlc)];
    let mut judges = [&players[..], &[("mediainfo", mediainfo)]].concat();
    let is_here = |program: &str| Path::new("/usr/bin").join(program).exists();
    for (program, _) in judges.extract_if(.., |(program, _)| !is_here(program)) {
        eprintln!("LEFT OUT: what {program} makes of a file: it is not installed");
    }
    if mp4box::is_here() {
        judges.push(("mp4box", mp4box));
    }
    judges
}

/// What each judge says against a film, all asked at once.
fn complaints(film: &Film, judges: &[Judge]) -> Vec<String> {
    std::thread::scope(|scope| {
        let ask = |&(program, judge): &Judge| {
            scope.spawn(move || judge(film).err().map(|error| format!("{program}: {error}")))
        };
        let asked: Vec<_> = judges.iter().map(ask).collect();
        asked.into_iter().filter_map(|answer| answer.join().expect("it judges")).collect()
    })
}

/// Plays a film as an application would, then once more from a time on; prints how many pictures
/// came each time. Each time from the beginning, and it seeks before it plays: a bin that is sought
/// in after its end may tell that end once more, while the pictures after the seek still come.
const GSTREAMER: &str = r#"
import sys, gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst
Gst.init(None)
precisely = Gst.SeekFlags.FLUSH | Gst.SeekFlags.ACCURATE
ends = Gst.MessageType.EOS | Gst.MessageType.ERROR
for start in (0, int(float(sys.argv[2]) * Gst.SECOND)):
    player = Gst.parse_launch("playbin video-sink=fakesink audio-sink=fakesink")
    player.set_property("uri", Gst.filename_to_uri(sys.argv[1]))
    pictures = []
    video = player.get_property("video-sink")
    video.set_property("signal-handoffs", True)
    video.connect("handoff", lambda sink, buffer, pad: pictures.append(buffer.pts))
    player.set_state(Gst.State.PAUSED)
    player.get_state(Gst.CLOCK_TIME_NONE)
    if start and not player.seek_simple(Gst.Format.TIME, precisely, start):
        sys.exit("it cannot seek")
    player.get_state(Gst.CLOCK_TIME_NONE)
    player.set_state(Gst.State.PLAYING)
    end = player.get_bus().timed_pop_filtered(Gst.CLOCK_TIME_NONE, ends)
    if end.type == Gst.MessageType.ERROR:
        sys.exit(str(end.parse_error()))
    print(len(pictures))
    player.set_state(Gst.State.NULL)
"#;

fn gstreamer(film: &Film) -> Result<(), String> {
    let mut player = Command::new("/usr/bin/python3");
    player.args(["-c", GSTREAMER]).arg(&film.file).arg(film.middle().to_string());
    player.env("GST_DEBUG", "1").env("GST_DEBUG_NO_COLOR", "1"); // It says errors too.
    let (said, all) = (said(&mut player)?, film.times.len());
    let expected = format!("{all}\n{}\n", all - all / 2);
    (said == expected).then_some(()).ok_or(format!("{said:?}, and not {expected:?} pictures"))
}

fn mpv(film: &Film) -> Result<(), String> {
    for start in [None, Some(film.middle())] {
        let mut player = Command::new("mpv");
        player.args(["--no-config", "--vo=null", "--untimed", "--ao=null", "--ao-null-untimed"]);
        player.args(["--no-input-terminal", "--msg-level=all=error,statusline=status"]);
        player.arg("--term-status-msg=at ${=time-pos}").arg(&film.file);
        player.args(start.map(|start| format!("--start={start}")));
        let said = said(&mut player)?;
        let lines = said.split(['\r', '\n']).map(|line| line.trim_start_matches("\u{1b}[K"));
        let lines = lines.filter(|line| !line.trim().is_empty());
        let (times, bad): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("at "));
        if !bad.is_empty() {
            return Err(format!("from {start:?} s: {bad:#?}"));
        }
        let times: Vec<f64> = times.iter().filter_map(|line| line[3..].parse().ok()).collect();
        let (Some(first), Some(last)) = (times.first(), times.last()) else { return Err(said) };
        let end = film.times[film.times.len() - 1];
        // Without a start it also shows a clip's lead-in, and says the last picture's time or not.
        let is_first = start.is_none_or(|start| (first - start).abs() < 1.5 / film.kind.rate);
        if !is_first || (last - end).abs() > 2.5 / film.kind.rate {
            return Err(format!("shows {first} s to {last} s, not from {start:?} to {end} s"));
        }
    }
    Ok(())
}

fn vlc(film: &Film) -> Result<(), String> {
    // It refuses to run as root: then it runs as nobody, who may not open the file by itself.
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cvlc"];
    let words = if rustix::process::geteuid().is_root() { &nobody[..] } else { &nobody[4..] };
    for start in [0.0, film.middle()] {
        let mut player = Command::new(words[0]);
        player.stdin(std::fs::File::open(&film.file).expect("the file is there")).env("HOME", "/");
        player.args(&words[1..]).args(["--ignore-config", "--no-dbus", "-vv", "--play-and-exit"]);
        player.args(["--vout=vdummy", "--aout=adummy", "--rate=8", "--file-caching=10000"]);
        // On a busy machine it would leave out what is late, and complain that it is missing.
        player.args(["--no-drop-late-frames", "--no-skip-frames", "--no-avcodec-hurry-up"]);
        let said = said(player.args([&format!("--start-time={start}"), "fd://0"]))?;
        // FFmpeg's lines have no level. The interface that is missing is for a desktop's keys.
        let is_bad = |line: &&str| {
            let is_harmless = ["Reinit context", "interface"].iter().any(|w| line.contains(w));
            (line.contains(" @ 0x") || line.contains(" error: ")) && !is_harmless
        };
        let missing = ["first picture", "EOF reached"].into_iter().filter(|w| !said.contains(w));
        let bad: Vec<&str> = said.lines().filter(is_bad).chain(missing).collect();
        if !bad.is_empty() {
            return Err(format!("from {start} s, said or missing: {bad:#?}"));
        }
    }
    Ok(())
}

fn mediainfo(film: &Film) -> Result<(), String> {
    let said = said(Command::new("mediainfo").arg("--Output=JSON").arg(&film.file))?;
    let report: Value = serde_json::from_str(&said).map_err(|error| format!("{error}: {said}"))?;
    let tracks = report["media"]["track"].as_array().into_iter().flatten();
    let track = |kind: &str| tracks.clone().find(|t| t["@type"] == kind).unwrap_or(&Value::Null);
    let format = |kind: &str| track(kind)["Format"].as_str();
    let length = track("Video")["Duration"].as_str().and_then(|text| text.parse::<f64>().ok());
    let slack = 1.01 / film.kind.rate;
    let is_right = format("Video") == Some(film.kind.video)
        && format("Audio") == film.kind.sound
        && length.is_some_and(|length| (length - film.length).abs() < slack)
        && track("General")["extra"]["IsTruncated"].is_null();
    is_right.then_some(()).ok_or_else(|| format!("{} s expected: {report:#}", film.length))
}

fn mp4box(film: &Film) -> Result<(), String> {
    let found = mp4box::read(&film.file)?;
    let tracks = found["tracks"].as_array().into_iter().flatten();
    let video: Vec<_> = tracks.filter(|track| track["type"] == "video").collect();
    let [video] = video[..] else { return Err(format!("not one video track: {found:#}")) };
    let prefix = match film.kind.video {
        "HEVC" => "hvc1.",
        "JPEG" => "mp4v",
        _ => "avc1.",
    };
    let is_right = video["samples"].as_u64() >= Some(film.times.len() as u64)
        && video["samples"] == video["announced"]
        && video["entries"][0].as_str().is_some_and(|entry| entry.starts_with(prefix));
    is_right.then_some(()).ok_or_else(|| format!("{} pictures: {found:#}", film.times.len()))
}

/// What a program says on both its outputs; an error unless it ends well, and in time.
fn said(command: &mut Command) -> Result<String, String> {
    let mut words = tempfile::tempfile().expect("a scratch file");
    let output = || words.try_clone().expect("a second handle");
    let command = command.current_dir("/").stdout(output()).stderr(output());
    let mut child = command.spawn().expect("it starts");
    let began = Instant::now();
    while child.try_wait().expect("it can be asked").is_none() {
        if began.elapsed() > PATIENCE {
            child.kill().expect("it can be ended");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let (status, mut said) = (child.wait().expect("it has ended"), String::new());
    words.rewind().and_then(|()| words.read_to_string(&mut said)).expect("its words are text");
    if status.success() { Ok(said) } else { Err(format!("{status}: {said}")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_players_show_all_of_a_segment_and_of_a_clip() {
    let (judges, folder) = (judges(), tempfile::tempdir().expect("a scratch folder"));
    let cams = cameras(folder.path()).await;
    let mut setup = Setup::with_cameras(KINDS.map(|kind| (kind.clip, cams.url(kind.clip))));
    setup.archive = "segment_duration = \"2s\"".to_owned();
    let mut server = Server::start(&setup).await;
    let mut films = Vec::new();
    let time = |value: &Value| value.as_str().and_then(|at| at.parse::<WallTime>().ok());
    let (lead_in, length) = (Duration::from_millis(1020), Duration::from_millis(4400));
    for kind @ Kind { clip: name, .. } in KINDS {
        let is_begun = |stream: &Value| stream["recorded"]["from"].is_string();
        let begun = server.wait_for(name, "footage", is_begun).await;
        // GStreamer's qtdemux ends a film with a lead-in at the first key frame that lies later in
        // the track than the film is long. This range, from between two frames, has none there.
        let from = time(&begun["recorded"]["from"]).expect("is a time") + lead_in;
        let whole = |stream: &Value| time(&stream["durable_until"]) > Some(from + length);
        server.wait_for(name, "end of the clip", whole).await;
        let clip = server.clip(name, from, from + length, &format!("{name}.mp4")).await;
        let (clip, length) = (Film::new(clip, kind), length.as_secs_f64());
        let is_whole = (clip.length - length).abs() < 1.5 / kind.rate;
        assert!(is_whole, "{name}: it lasts {} s", clip.length);
        films.push(Film { length, ..clip });
    }
    assert_eq!(server.stop().1.code(), Some(0), "{}", server.log());
    for kind in KINDS {
        let files = mp4_files(&server.media().join(kind.clip));
        assert!(files.len() >= 2, "it is rotated: {files:?}");
        films.push(Film::new(files[0].clone(), kind));
    }
    for film in films {
        let complaints = complaints(&film, &judges);
        assert!(complaints.is_empty(), "{}:\n{}", film.file.display(), complaints.join("\n"));
    }
}

#[test]
fn every_player_complains_of_a_file_that_is_cut_off() {
    let (judges, folder) = (judges(), tempfile::tempdir().expect("a scratch folder"));
    crate::cams::scenes(folder.path());
    let mut film = Film::new(folder.path().join("garden-sub.mp4"), KINDS[1]);
    assert_eq!(complaints(&film, &judges), [""; 0], "of the whole file");
    let bytes = std::fs::read(&film.file).expect("the file can be read");
    film.file = folder.path().join("cut.mp4");
    std::fs::write(&film.file, &bytes[..bytes.len() * 2 / 5]).expect("the copy is written");
    let complaints = complaints(&film, &judges);
    assert_eq!(complaints.len(), judges.len(), "{complaints:#?}");
}
