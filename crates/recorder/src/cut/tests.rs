//! What `cut` decides, on written-out streams.

#![allow(clippy::unwrap_used)]

use super::*;
use base::{MonoTime, Ticks};
use bytes::Bytes;
use media::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};
use proptest::prelude::*;

const SECOND: i64 = 1_000_000;

fn epoch(run: u8, number: u32) -> Arc<Epoch> {
    let video = VideoParams {
        codec: VideoCodec::H264,
        width: 640,
        height: 360,
        pixel_aspect: (1, 1),
        config: Bytes::new(),
        reorder_depth: 0,
    };
    let audio = AudioParams {
        codec: AudioCodec::Ulaw,
        sample_rate: 8000,
        channels: 1,
        config: Bytes::new(),
    };
    let tracks = vec![Arc::new(TrackParams::Video(video)), Arc::new(TrackParams::Audio(audio))];
    let run = RunId::from_bytes([run; 16]);
    Arc::new(Epoch { run, number, tracks, begun: WallTime::EPOCH })
}

fn frame(epoch: &Arc<Epoch>, track: usize, access: Access, at: i64) -> Item {
    let ticks = Ticks(at * 90_000);
    Item::Entry(Entry::Frame(
        epoch.clone(),
        Frame {
            track,
            pts: ticks,
            dts: ticks,
            duration: 90_000,
            access,
            data: Bytes::from_static(b"x"),
            received: MonoTime::from_micros(at * SECOND),
            received_wall: WallTime::from_micros(at * SECOND),
        },
    ))
}

/// One letter a second: I = IDR, R = recovery point, p = other picture, a = audio, E = end of the
/// run, L = loss; a digit begins that epoch.
fn items(text: &str) -> VecDeque<Item> {
    let (mut run, mut current) = (0, epoch(0, 0));
    let item = |(at, letter): (usize, char)| {
        let at = at as i64;
        Some(match letter {
            'I' => frame(&current, 0, Access::Idr, at),
            'R' => frame(&current, 0, Access::Recovery, at),
            'p' => frame(&current, 0, Access::None, at),
            'a' => frame(&current, 1, Access::Idr, at),
            'L' => Item::Lost(Lost { frames: 1, bytes: 1 }),
            'E' => {
                let ended = current.run;
                run += 1;
                current = epoch(run, 0);
                let cause = EndCause::CameraGone;
                Item::Entry(Entry::End { run: ended, cause, at: WallTime::EPOCH })
            }
            digit => {
                current = epoch(run, digit.to_digit(10).unwrap());
                return None;
            }
        })
    };
    text.chars().enumerate().filter_map(item).collect()
}

fn rotation() -> Rotation {
    Rotation { duration: 6 * SECOND, phase: 0 }
}

fn received(frame: &Frame) -> WallTime {
    frame.received_wall
}

/// Runs all of `text` and writes down what happened: files in brackets.
fn script(text: &str) -> String {
    let (mut items, mut open, mut out) =
        (items(text), None::<(Arc<Epoch>, WallTime)>, String::new());
    for _ in 0..1000 {
        let growing = open.as_ref().map(|(epoch, start)| Growing { epoch, start: *start });
        match next(&items, growing, None, rotation(), received) {
            Step::Idle => return out,
            Step::Skip(n) => {
                items.drain(..n);
                out += &format!("-{n} ");
            }
            Step::Rotate => {
                open = None;
                out += "| ";
            }
            Step::End(cause) => {
                items.pop_front();
                open = None;
                out += &format!("{cause} ");
            }
            Step::Gap => {
                items.pop_front();
                open = None;
                out += "gap ";
            }
            Step::Write { begin, frames } => {
                if begin {
                    let (epoch, first) = items[0].frame().unwrap();
                    open = Some((epoch.clone(), received(first)));
                    out += "new ";
                }
                items.drain(..frames);
                out += &format!("{frames} ");
            }
        }
    }
    panic!("never idle: {out}");
}

#[test]
fn segments_are_cut_where_they_should_be() {
    for (text, expected) in [
        ("", ""),
        ("IppIpp", "new 6 "),
        // Due at 6 s, at the first IDR from then on.
        ("IppIpppIpp", "new 7 | new 3 "),
        ("IpppppIppp", "new 6 | new 4 "),
        // Audio never cuts, and stays with the frames it came with.
        ("IaaaaaaaaIa", "new 9 | new 2 "),
        // A recovery point only after twice the time.
        ("IppRppRppRppRpp", "new 12 | new 3 "),
        ("IppRppRppIpp", "new 9 | new 3 "),
        // Nothing can be decoded before the first key frame; audio alone is not footage.
        ("ppaIpp", "-3 new 3 "),
        // New parameters: at once, from their first key frame on.
        ("Ipp1ppIp", "new 3 -2 | new 2 "),
        ("Ipp1Ip", "new 3 | new 2 "),
        // A run ends, another begins.
        ("IppEIp", "new 3 camera-gone new 2 "),
        ("IppEppIp", "new 3 camera-gone -2 new 2 "),
        ("EIp", "camera-gone new 2 "),
        // Missing frames are a hole between segments, not inside one.
        ("IpLIp", "new 2 gap new 2 "),
    ] {
        assert_eq!(script(text), expected, "{text}");
    }
}

#[test]
fn after_a_failed_file_the_next_one_goes_on_without_a_key_frame() {
    let items = items("pppIp");
    let run = epoch(0, 0).run;
    let step = next(&items, None, Some((run, 0)), rotation(), received);
    assert_eq!(step, Step::Write { begin: true, frames: 5 });
    let step = next(&items, None, Some((run, 1)), rotation(), received);
    assert_eq!(step, Step::Skip(3));
}

#[test]
fn streams_that_began_together_are_not_replaced_together() {
    let minutes = Duration::from_secs(300);
    let due = |n: u8| {
        let stream = StreamId::new(WallTime::from_micros(1 << 50), [n; 10]);
        Rotation::new(minutes, stream).due(WallTime::EPOCH).as_micros() / SECOND
    };
    let dues: Vec<i64> = (0..6).map(due).collect();
    assert!(dues.iter().all(|due| (150..450).contains(due)), "{dues:?}");
    let mut apart = dues.clone();
    apart.sort();
    apart.dedup_by_key(|due| *due / 5);
    assert!(apart.len() >= 5, "{dues:?}");
}

proptest! {
    #[test]
    fn a_segment_once_in_step_lasts_exactly_its_duration(
        start in 0i64..1 << 50,
        phase in 0i64..300,
    ) {
        let rotation = Rotation { duration: 300 * SECOND, phase: phase * SECOND };
        let first = rotation.due(WallTime::from_micros(start));
        let lasted = first.micros_since(WallTime::from_micros(start));
        prop_assert!((150 * SECOND..450 * SECOND).contains(&lasted));
        prop_assert_eq!(rotation.due(first).micros_since(first), 300 * SECOND);
    }

    #[test]
    fn nothing_is_lost_or_doubled_at_any_boundary(text in "[IRpaEL12]{0,60}") {
        let script = script(&text);
        let mut written = 0;
        let mut skipped = 0;
        for word in script.split_whitespace() {
            match word.strip_prefix('-') {
                Some(n) => skipped += n.parse::<usize>().unwrap(),
                None => written += word.parse::<usize>().unwrap_or(0),
            }
        }
        let frames = items(&text).iter().filter(|item| item.frame().is_some()).count();
        prop_assert_eq!(written + skipped, frames);
    }
}
