//! Growing and sealed files as parsers see them that others wrote.

use std::io::Cursor;

use media::LiveMuxer;
use mp4_atom::{Any, ReadFrom};

use crate::support::{Recording, Written, aac, alaw};

/// (presentation time, decode time, size, key) of each sample of a track, and its timescale.
type Samples = (u64, Vec<(i64, i64, u64, bool)>);

fn by_re_mp4(file: &[u8]) -> Vec<Samples> {
    let mp4 = re_mp4::Mp4::read_bytes(file).unwrap();
    let track = |track: &re_mp4::Track| {
        let sample = |sample: &re_mp4::Sample| {
            let times = (sample.composition_timestamp, sample.decode_timestamp);
            (times.0, times.1, sample.size, sample.is_sync)
        };
        (track.timescale, track.samples.iter().map(sample).collect())
    };
    mp4.tracks().values().map(track).collect()
}

/// `edited`: 0 is where the edit list lets the track begin.
fn expected(written: &Written, edited: bool) -> Vec<Samples> {
    let track = |track: &media::TrackIndex| {
        let first = track.times().next().unwrap().pts.0;
        let zero = if edited { first } else { 0 };
        let sample = |(sample, time): (&media::Sample, media::SampleTime)| {
            (time.pts.0 - zero, time.dts.0 - zero, u64::from(sample.size), sample.key)
        };
        let samples = track.samples.iter().zip(track.times()).map(sample).collect();
        (u64::from(track.params.timescale().hertz()), samples)
    };
    written.builder.index().tracks.iter().map(track).collect()
}

#[test]
fn re_mp4_sees_every_sample_at_its_time() {
    for audio in [None, Some(aac()), Some(alaw())] {
        let written = Written::of(&Recording::with_b_frames(50, audio), 30);
        assert_eq!(by_re_mp4(&written.sealed()), expected(&written, true), "sealed");
    }
}

#[test]
fn mp4_atom_reads_every_box() {
    let written = Written::of(&Recording::with_b_frames(50, Some(aac())), 30);
    let files = [written.growing.clone(), written.half_sealed(), written.sealed()];
    for (file, fragments) in files.into_iter().zip([5, 5, 0]) {
        let mut reader = Cursor::new(&file);
        let (mut moofs, mut moovs) = (0, 0);
        while let Some(atom) = Option::<Any>::read_from(&mut reader).unwrap() {
            match atom {
                Any::Moof(_) => moofs += 1,
                Any::Moov(_) => moovs += 1,
                _ => {}
            }
        }
        assert_eq!(reader.position(), file.len() as u64);
        assert_eq!(moofs > 0, fragments > 0);
        assert!(moovs > 0);
    }
}

#[test]
fn a_viewer_gets_every_frame_of_what_browsers_play() {
    let recording = Recording::with_b_frames(50, Some(aac()));
    let mut muxer = LiveMuxer::new(&recording.tracks, recording.scale());
    assert_eq!(muxer.mime(), r#"video/mp4; codecs="avc1.640028, mp4a.40.2""#);
    let mut file = muxer.init().unwrap().to_vec();
    for frames in recording.frames.chunks(3) {
        file.extend_from_slice(&muxer.fragment(frames).unwrap());
    }
    let written = Written::of(&recording, 30);
    assert_eq!(by_re_mp4(&file), expected(&written, false));
}

#[test]
fn viewers_get_no_track_that_browsers_do_not_play() {
    let recording = Recording::with_b_frames(12, Some(alaw()));
    let mut muxer = LiveMuxer::new(&recording.tracks, recording.scale());
    assert_eq!(muxer.mime(), r#"video/mp4; codecs="avc1.640028""#);
    assert!(muxer.fragment(&recording.frames[1..2]).is_none(), "audio alone");
    let mut muxer = LiveMuxer::new(&recording.tracks[1..], recording.scale());
    assert!(muxer.init().is_none());
    assert!(muxer.fragment(&[]).is_none());
}
