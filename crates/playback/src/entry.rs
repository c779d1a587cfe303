//! Sample entries (ISO/IEC 14496-12 8.5.2, 14496-14 5.6, 14496-15 5.4.2 and 8.4.1).

use media::mp4::boxes::Boxes;
use media::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};

pub(crate) fn sample_entry(b: &mut Boxes, params: &TrackParams) {
    match params {
        TrackParams::Video(video) => video_entry(b, video),
        TrackParams::Audio(audio) => audio_entry(b, audio),
    }
}

fn video_entry(b: &mut Boxes, video: &VideoParams) {
    let (kind, config) = match video.codec {
        VideoCodec::H264 => (*b"avc1", *b"avcC"),
        VideoCodec::H265 => (*b"hvc1", *b"hvcC"),
    };
    b.boxed(kind, |b| {
        b.zeros(6).u16(1).zeros(16).u16(video.width).u16(video.height);
        b.u32(0x48_0000).u32(0x48_0000).u32(0).u16(1).zeros(32).u16(0x18).u16(0xffff);
        b.boxed(config, |b| _ = b.bytes(&video.config));
        if video.pixel_aspect != (1, 1) {
            let (wide, high) = video.pixel_aspect;
            b.boxed(*b"pasp", |b| _ = b.u32(wide.into()).u32(high.into()));
        }
    });
}

fn audio_entry(b: &mut Boxes, audio: &AudioParams) {
    let kind = match audio.codec {
        AudioCodec::Aac => *b"mp4a",
        AudioCodec::Alaw => *b"alaw",
        AudioCodec::Ulaw => *b"ulaw",
    };
    b.boxed(kind, |b| {
        let rate = u16::try_from(audio.sample_rate).unwrap_or(0);
        b.zeros(6).u16(1).zeros(8).u16(audio.channels).u16(16).zeros(4).u16(rate).u16(0);
        if audio.codec == AudioCodec::Aac {
            b.full(*b"esds", 0, 0, |b| _ = b.bytes(&elementary_stream(&audio.config)));
        }
    });
}

/// The ES_Descriptor (ISO/IEC 14496-1 7.2.6.5) around an AudioSpecificConfig.
fn elementary_stream(config: &[u8]) -> Vec<u8> {
    let specific = descriptor(5, config);
    // MPEG-4 audio, an audio stream, sizes and rates unknown.
    let mut decoder = vec![0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    decoder.extend(specific);
    let mut stream = vec![0, 0, 0];
    stream.extend(descriptor(4, &decoder));
    stream.extend(descriptor(6, &[2]));
    descriptor(3, &stream)
}

fn descriptor(tag: u8, body: &[u8]) -> Vec<u8> {
    let len = body.len();
    let mut out = vec![tag];
    out.extend((1..4).rev().map(|group| 0x80 | (len >> (7 * group)) as u8 & 0x7f));
    out.push(len as u8 & 0x7f);
    out.extend_from_slice(body);
    out
}
