//! Sample entries: what `stsd` says of a track's codec (ISO/IEC 14496-12 clause 8.5.2, 14496-14
//! clause 5.6, 14496-15 clauses 5.4.2 and 8.4.1).

use base::Timescale;
use bytes::Bytes;

use super::boxes::{Boxes, FourCc};
use super::reader::{self, Reader};
use crate::params::{AudioCodec, AudioParams, TrackParams, VideoCodec, VideoParams};

/// Appends `stsd` with one entry.
pub fn put_description(b: &mut Boxes, params: &TrackParams) {
    put_descriptions(b, &[params]);
}

/// Appends `stsd` with an entry for each of several parameters.
pub fn put_descriptions(b: &mut Boxes, entries: &[&TrackParams]) {
    put_entries(b, entries, |codec| video_kinds(codec).0);
}

/// The same for tracks in whose samples parameter sets may stand too (`avc3`, `hev1`: ISO/IEC
/// 14496-15 clauses 5.4.2.1 and 8.4.1.1).
pub fn put_descriptions_in_band(b: &mut Boxes, entries: &[&TrackParams]) {
    put_entries(b, entries, |codec| match codec {
        VideoCodec::H264 => *b"avc3",
        VideoCodec::H265 => *b"hev1",
        VideoCodec::Jpeg => video_kinds(codec).0,
    });
}

fn put_entries(b: &mut Boxes, entries: &[&TrackParams], kind: impl Fn(VideoCodec) -> FourCc) {
    b.full(*b"stsd", 0, 0, |b| {
        b.u32(entries.len() as u32);
        for params in entries {
            match params {
                TrackParams::Video(video) => put_video(b, kind(video.codec), video),
                TrackParams::Audio(audio) => put_audio(b, audio),
            }
        }
    });
}

const fn video_kinds(codec: VideoCodec) -> (FourCc, FourCc) {
    match codec {
        VideoCodec::H264 => (*b"avc1", *b"avcC"),
        VideoCodec::H265 => (*b"hvc1", *b"hvcC"),
        VideoCodec::Jpeg => (*b"mp4v", *b"esds"),
    }
}

fn put_video(b: &mut Boxes, entry: FourCc, video: &VideoParams) {
    let (_, config) = video_kinds(video.codec);
    b.boxed(entry, |b| {
        b.zeros(6).u16(1).zeros(16); // data reference
        b.u16(video.width).u16(video.height);
        b.u32(0x0048_0000).u32(0x0048_0000).u32(0).u16(1); // 72 dpi, one frame a sample
        b.zeros(32).u16(0x18).u16(0xffff); // no name, colour without alpha
        match video.codec {
            VideoCodec::Jpeg => put_esds(b, JPEG_PICTURES, &[]),
            VideoCodec::H264 | VideoCodec::H265 => {
                b.boxed(config, |b| b.bytes(&video.config).end());
            }
        }
        if video.pixel_aspect.0 != video.pixel_aspect.1 {
            let (across, down) = video.pixel_aspect;
            b.boxed(*b"pasp", |b| b.u32(across.into()).u32(down.into()).end());
        }
    });
}

const fn audio_kind(codec: AudioCodec) -> FourCc {
    match codec {
        AudioCodec::Aac => *b"mp4a",
        AudioCodec::Alaw => *b"alaw",
        AudioCodec::Ulaw => *b"ulaw",
    }
}

fn put_audio(b: &mut Boxes, audio: &AudioParams) {
    b.boxed(audio_kind(audio.codec), |b| {
        b.zeros(6).u16(1).zeros(8); // data reference
        b.u16(audio.channels).u16(16).zeros(4);
        // 16.16; a rate that does not fit is told by the timescale and the decoder's own
        // configuration.
        b.u32(u16::try_from(audio.sample_rate).map_or(0, |rate| u32::from(rate) << 16));
        if audio.codec == AudioCodec::Aac {
            put_esds(b, MPEG4_AUDIO, &audio.config);
        }
    });
}

/// Descriptor tags (ISO/IEC 14496-1 clause 7.2.2.1).
const ES: u8 = 3;
const DECODER_CONFIG: u8 = 4;
const DECODER_SPECIFIC: u8 = 5;
const SYNC_LAYER: u8 = 6;

/// What a stream is: object type (clause 7.2.6.6, table 5), stream type (table 6) with a bit that
/// is always set.
const MPEG4_AUDIO: [u8; 2] = [0x40, 5 << 2 | 1];
const JPEG_PICTURES: [u8; 2] = [0x6c, 4 << 2 | 1];

/// `config` is what only this codec's decoder reads; empty where there is none.
fn put_esds(b: &mut Boxes, kind: [u8; 2], config: &[u8]) {
    let mut decoder = kind.to_vec();
    decoder.extend_from_slice(&[0; 11]); // buffer size and rates: not said
    if !config.is_empty() {
        put_descriptor(&mut decoder, DECODER_SPECIFIC, config);
    }
    let mut stream = vec![0, 0, 0]; // id, flags
    put_descriptor(&mut stream, DECODER_CONFIG, &decoder);
    put_descriptor(&mut stream, SYNC_LAYER, &[2]);
    let mut whole = Vec::new();
    put_descriptor(&mut whole, ES, &stream);
    b.full(*b"esds", 0, 0, |b| b.bytes(&whole).end());
}

/// Its length takes 7 bits a byte, highest first (ISO/IEC 14496-1 clause 8.3.3).
fn put_descriptor(out: &mut Vec<u8>, tag: u8, body: &[u8]) {
    out.push(tag);
    let len = body.len();
    let wide = (1..4).rev().map(|at| 7 * at).filter(|shift| len >> shift != 0);
    out.extend(wide.map(|shift| (len >> shift) as u8 & 0x7f | 0x80));
    out.push(len as u8 & 0x7f);
    out.extend_from_slice(body);
}

/// The parameters that the body of `stsd` tells, given the track's timescale and (nothing in an
/// MP4 says it) its reorder depth. `None` when damaged or of another codec.
pub fn read_description(
    stsd: &[u8],
    timescale: Timescale,
    reorder_depth: u8,
) -> Option<TrackParams> {
    let mut reader = Reader::new(stsd);
    reader.version_flags()?;
    let count = reader.u32()?;
    let entry = reader::boxes(reader.rest()).next().filter(|_| count == 1)?;
    for codec in [VideoCodec::H264, VideoCodec::H265, VideoCodec::Jpeg] {
        let (kind, config) = video_kinds(codec);
        if entry.head.kind == kind {
            return read_video(entry.body, codec, config, reorder_depth);
        }
    }
    let known = [AudioCodec::Aac, AudioCodec::Alaw, AudioCodec::Ulaw];
    let codec = known.into_iter().find(|codec| audio_kind(*codec) == entry.head.kind)?;
    read_audio(entry.body, codec, timescale)
}

fn read_video(
    entry: &[u8],
    codec: VideoCodec,
    config: FourCc,
    reorder_depth: u8,
) -> Option<TrackParams> {
    let mut reader = Reader::new(entry);
    reader.take(24)?;
    let (width, height) = (reader.u16()?, reader.u16()?);
    reader.take(50)?;
    let config = match (codec, reader::find(reader.rest(), config)?) {
        // Other codecs have this sample entry too.
        (VideoCodec::Jpeg, esds) => {
            decoder_config(esds)?.strip_prefix(&JPEG_PICTURES[..1]).map(|_| &[][..])?
        }
        (_, config) => config,
    };
    let pixel_aspect = match reader::find(reader.rest(), *b"pasp") {
        Some(pasp) => {
            let mut pasp = Reader::new(pasp);
            (u16::try_from(pasp.u32()?).ok()?, u16::try_from(pasp.u32()?).ok()?)
        }
        None => (1, 1),
    };
    Some(TrackParams::Video(VideoParams {
        codec,
        width,
        height,
        pixel_aspect,
        config: Bytes::copy_from_slice(config),
        reorder_depth,
    }))
}

fn read_audio(entry: &[u8], codec: AudioCodec, timescale: Timescale) -> Option<TrackParams> {
    let mut reader = Reader::new(entry);
    reader.take(16)?;
    let channels = reader.u16()?;
    reader.take(10)?;
    let config = match codec {
        AudioCodec::Aac => read_esds(reader::find(reader.rest(), *b"esds")?)?,
        AudioCodec::Alaw | AudioCodec::Ulaw => &[],
    };
    let config = Bytes::copy_from_slice(config);
    Some(TrackParams::Audio(AudioParams {
        codec,
        sample_rate: timescale.hertz(),
        channels,
        config,
    }))
}

fn read_esds(esds: &[u8]) -> Option<&[u8]> {
    find_descriptor(decoder_config(esds)?.get(13..)?, DECODER_SPECIFIC)
}

fn decoder_config(esds: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(esds);
    reader.version_flags()?;
    let mut stream = Reader::new(find_descriptor(reader.rest(), ES)?);
    stream.take(2)?;
    let flags = stream.u8()?;
    if flags != 0 {
        return None; // we write none
    }
    find_descriptor(stream.rest(), DECODER_CONFIG)
}

fn find_descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes);
    loop {
        let found = reader.u8()?;
        let mut len = 0;
        for _ in 0..4 {
            let byte = reader.u8()?;
            len = len << 7 | usize::from(byte & 0x7f);
            if byte < 0x80 {
                break;
            }
        }
        let body = reader.take(len)?;
        if found == tag {
            return Some(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(params: TrackParams, reorder_depth: u8) {
        let mut boxes = Boxes::new();
        put_description(&mut boxes, &params);
        let bytes = boxes.into_bytes();
        let stsd = reader::find(&bytes, *b"stsd").expect("was written");
        let read = read_description(stsd, params.timescale(), reorder_depth);
        assert_eq!(read, Some(params));
        for cut in 0..stsd.len() {
            let _ = read_description(&stsd[..cut], Timescale::VIDEO, 0);
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let config = Bytes::from_static(&[1, 100, 0, 31, 255]);
        for (codec, config) in [
            (VideoCodec::H264, config.clone()),
            (VideoCodec::H265, config),
            (VideoCodec::Jpeg, Bytes::new()),
        ] {
            check(
                TrackParams::Video(VideoParams {
                    codec,
                    width: 1920,
                    height: 1080,
                    pixel_aspect: (4, 3),
                    config,
                    reorder_depth: 2,
                }),
                2,
            );
        }
        for (codec, sample_rate, config) in [
            (AudioCodec::Aac, 96_000, Bytes::from(vec![0x10; 200])),
            (AudioCodec::Alaw, 8_000, Bytes::new()),
            (AudioCodec::Ulaw, 16_000, Bytes::new()),
        ] {
            check(TrackParams::Audio(AudioParams { codec, sample_rate, channels: 1, config }), 0);
        }
    }
}
