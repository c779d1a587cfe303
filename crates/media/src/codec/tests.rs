//! Parameter sets as x264 and x265 write them.

#![allow(clippy::unwrap_used)]

use super::*;
use VideoCodec::{H264, H265};

fn bytes(hex: &str) -> Bytes {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// Name, codec, parameter sets in order, what is to be read, codec name.
type Case = (&'static str, VideoCodec, &'static [&'static str], SpsInfo, &'static str);

fn info(width: u16, height: u16, pixel_aspect: (u16, u16), depth: u8, ticks: u32) -> SpsInfo {
    let (reorder_depth, frame_ticks) = (Some(depth), Some(ticks));
    SpsInfo { width, height, pixel_aspect, reorder_depth, frame_ticks }
}

fn cases() -> [Case; 6] {
    [
        (
            "High with B-frames, 1080 cut from 1088",
            H264,
            &["67640028acd940780227e5c044000003000400000300f03c60c658", "68ebe3cb22c0"],
            info(1920, 1080, (1, 1), 2, 3000),
            "avc1.640028",
        ),
        (
            "Constrained Baseline",
            H264,
            &["6742c01fd9005005bb0110000003001000000301e0f1832480", "68cb83cb20"],
            info(1280, 720, (1, 1), 0, 6000),
            "avc1.42c01f",
        ),
        (
            "interlaced, wide pixels",
            H264,
            &["6764001eacd940b424d8208000000300800000190f8a14cb", "68faa3cb22c0"],
            info(720, 576, (16, 11), 2, 3600),
            "avc1.64001e",
        ),
        (
            "4:2:2, 10 bits",
            H264,
            &["677a001eb6cd940a02ff89c044000003000400000300c83c58b658", "68eae3cb3002c0"],
            info(640, 360, (1, 1), 2, 3600),
            "avc1.7a001e",
        ),
        (
            "Main, wide pixels",
            H265,
            &[
                "40010c01ffff016000000300900000030000030078959409",
                concat!(
                    "420101016000000300900000030000030078a003c08010e59656592",
                    "4caf0e68080000003008000000f04"
                ),
                "4401c172b46240",
            ],
            info(1920, 1080, (4, 3), 2, 3000),
            "hvc1.1.6.L120.90",
        ),
        (
            "4:4:4, 10 bits, odd size, scaling lists",
            H265,
            &[
                "40010c01ffff0408000003009c0800000300003c928090",
                concat!(
                    "4201010408000003009c0800000300003c90014901f39e76cb25492",
                    "72bc05b020000030002000003003210"
                ),
                "4401c172860c4624",
            ],
            info(322, 242, (1, 1), 0, 3600),
            "hvc1.4.10.L60.9C.8",
        ),
    ]
}

fn sets(codec: VideoCodec, nals: &[&str]) -> ParameterSets {
    let mut sets = ParameterSets::default();
    for nal in nals {
        assert!(sets.absorb(codec, &bytes(nal)));
    }
    sets
}

#[test]
fn sequence_parameter_sets_tell_size_aspect_and_reordering() {
    for (name, codec, nals, expected, _) in cases() {
        let sps = &sets(codec, nals).sps[0];
        assert_eq!(read_sps(codec, sps), Ok(expected), "{name}");
    }
}

#[test]
fn a_configuration_holds_all_parameter_sets() {
    for (name, codec, nals, expected, codec_name) in cases() {
        let mut sets = sets(codec, nals);
        // A second picture parameter set, with another id.
        let second: &[u8] = if codec == H264 { &[0x68, 0x4e] } else { &[0x44, 1, 0x4e] };
        assert!(sets.absorb(codec, second));
        let params = VideoParams::from_parameter_sets(codec, &sets).unwrap();
        assert_eq!((params.width, params.height), (expected.width, expected.height), "{name}");
        assert_eq!(params.parameter_sets().as_ref(), Ok(&sets), "{name}");
        assert_eq!(VideoParams::from_config(codec, &params.config).as_ref(), Ok(&params), "{name}");
        assert_eq!(params.frame_ticks(), expected.frame_ticks, "{name}");
        let params = TrackParams::Video(params);
        assert_eq!(params.rfc6381().as_deref(), Some(codec_name), "{name}");
        assert_eq!(TrackParams::unpack(&params.pack()), Some(params), "{name}");
    }
}

#[test]
fn what_a_stream_has_not_sent_is_named() {
    let error = VideoParams::from_parameter_sets(H265, &ParameterSets::default()).unwrap_err();
    assert_eq!(error.codec, "H.265");
    insta::assert_snapshot!(error.problem, @"the stream has sent no sequence parameter set");
}

#[test]
fn audio_has_names_and_frame_lengths() {
    let aac = AudioParams::aac(&[0x11, 0x90]).unwrap();
    assert_eq!((aac.sample_rate, aac.channels, aac.frame_ticks(400)), (48_000, 2, 1024));
    let alaw = AudioParams::g711(AudioCodec::Alaw, 8000, 1);
    assert_eq!(alaw.frame_ticks(160), 160);
    for (params, name) in [(aac, Some("mp4a.40.2")), (alaw, None)] {
        let params = TrackParams::Audio(params);
        assert_eq!(params.rfc6381().as_deref(), name);
        assert_eq!(TrackParams::unpack(&params.pack()), Some(params));
    }
}

proptest::proptest! {
    #[test]
    fn damaged_parameters_never_panic(
        which in 0usize..6,
        at in 0usize..64,
        damage: Vec<u8>,
        cut in 0usize..200,
    ) {
        let (_, codec, nals, ..) = cases()[which];
        let good = sets(codec, nals);
        let params = VideoParams::from_parameter_sets(codec, &good).unwrap();
        let spoil = |good: &[u8]| {
            let mut bytes = good.to_vec();
            for (byte, with) in bytes.iter_mut().skip(at).zip(&damage) {
                *byte ^= with;
            }
            bytes.truncate(cut);
            bytes
        };
        let _ = read_sps(codec, &spoil(&good.sps[0]));
        let _ = VideoParams::from_config(codec, &spoil(&params.config));
        let _ = AudioParams::aac(&damage);
        let _ = TrackParams::unpack(&spoil(&TrackParams::Video(params).pack()));
        let mut sets = good.clone();
        sets.absorb(codec, &spoil(&good.sps[0]));
        let _ = VideoParams::from_parameter_sets(codec, &sets);
    }
}
