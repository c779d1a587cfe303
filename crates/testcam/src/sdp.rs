//! The description that DESCRIBE answers with (RFC 8866).

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::clip::{Clip, Codec};
use crate::faults::Faults;
use crate::jpeg;

/// Payload type of a track.
pub(crate) fn payload_type(codec: &Codec, track: usize) -> u8 {
    match codec {
        Codec::Ulaw { rate: 8000, channels: 1 } => 0,
        Codec::Alaw { rate: 8000, channels: 1 } => 8,
        Codec::Jpeg { .. } => 26,
        _ => 96 + track as u8,
    }
}

/// The description of a clip.
pub(crate) fn describe(clip: &Clip, faults: &Faults) -> String {
    let mut text = String::from(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=testcam\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n\
         a=control:*\r\na=range:npt=now-\r\n",
    );
    let mut tracks = 0;
    for (track, codec) in clip.codecs().enumerate() {
        if codec.is_video() || !faults.noaudio {
            describe_track(codec, track, faults, &mut text);
            tracks = track + 1;
        }
    }
    if faults.unknown {
        let _ = write!(
            text,
            "m=audio 0 RTP/AVP 120\r\na=rtpmap:120 X-NOBODY/48000/2\r\n\
             a=control:trackID={tracks}\r\n"
        );
    }
    text
}

fn describe_track(codec: &Codec, track: usize, faults: &Faults, text: &mut String) {
    let (kind, name, rate) = match codec {
        Codec::H264 { .. } => ("video", "H264", "90000".to_owned()),
        Codec::H265 { .. } => ("video", "H265", "90000".to_owned()),
        Codec::Jpeg { .. } => ("video", "JPEG", "90000".to_owned()),
        Codec::Aac { rate, channels, .. } => {
            ("audio", "mpeg4-generic", format!("{rate}/{channels}"))
        }
        Codec::Alaw { rate, channels } => ("audio", "PCMA", format!("{rate}/{channels}")),
        Codec::Ulaw { rate, channels } => ("audio", "PCMU", format!("{rate}/{channels}")),
    };
    let payload = payload_type(codec, track);
    let _ = write!(text, "m={kind} 0 RTP/AVP {payload}\r\na=rtpmap:{payload} {name}/{rate}\r\n");
    let encoded = |unit: &Vec<u8>| STANDARD.encode(unit);
    match codec {
        Codec::H264 { sets } => {
            let profile = sets.first().and_then(|sps| sps.get(1..4)).unwrap_or(&[0x42, 0, 0x1e]);
            let _ = write!(text, "a=fmtp:{payload} packetization-mode=1;profile-level-id=");
            profile.iter().for_each(|byte| _ = write!(text, "{byte:02X}"));
            if !faults.noparams {
                let sets: Vec<_> = sets.iter().map(encoded).collect();
                let _ = write!(text, ";sprop-parameter-sets={}", sets.join(","));
            }
            text.push_str("\r\n");
        }
        Codec::H265 { sets } if !faults.noparams => {
            let of = |kind| sets.iter().filter(move |set| (set[0] >> 1) & 0x3f == kind);
            let list = |kind| of(kind).map(encoded).collect::<Vec<_>>().join(",");
            let (vps, sps, pps) = (list(32), list(33), list(34));
            let _ = write!(
                text,
                "a=fmtp:{payload} sprop-vps={vps};sprop-sps={sps};sprop-pps={pps}\r\n"
            );
        }
        // Larger than packets can say (RFC 2435 section 3.1.5).
        Codec::Jpeg { width, height }
            if *width.max(height) > jpeg::SIDE_MAX && !faults.noparams =>
        {
            let _ = write!(text, "a=framesize:{payload} {width}-{height}\r\n");
        }
        Codec::Aac { config, .. } => {
            let _ = write!(
                text,
                "a=fmtp:{payload} streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;\
                 indexlength=3;indexdeltalength=3;config="
            );
            config.iter().for_each(|byte| _ = write!(text, "{byte:02X}"));
            text.push_str("\r\n");
        }
        _ => {}
    }
    let _ = write!(text, "a=control:trackID={track}\r\n");
}
