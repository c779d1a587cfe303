//! Reads classic MP4 files (ISO/IEC 14496-12) as ffmpeg writes them: one `moov` with full tables.

use std::path::Path;

use crate::clip::{Clip, Codec, Sample, Track};

/// Why a file cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadClip {
    /// A box is missing or does not hold what it should.
    #[error("the MP4 file has no usable {0} box")]
    Box(&'static str),
    /// A sample lies outside the file.
    #[error("a sample lies outside the MP4 file")]
    Cut,
    /// Nothing in it can be sent.
    #[error("the MP4 file has no track of H.264, H.265, MJPEG, AAC or G.711")]
    Empty,
}

type Result<T> = std::result::Result<T, BadClip>;

impl Clip {
    /// Reads an MP4 file: not fragmented, NAL lengths of 4 bytes.
    pub fn parse(file: &[u8]) -> Result<Self> {
        read(file)
    }

    /// Reads an MP4 file; the reason in words when it cannot be.
    pub(crate) fn load(path: &Path) -> std::result::Result<Self, String> {
        let file = std::fs::read(path).map_err(|why| why.to_string())?;
        Self::parse(&file).map_err(|why| why.to_string())
    }
}

fn read(file: &[u8]) -> Result<Clip> {
    let moov = child(file, b"moov").ok_or(BadClip::Box("moov"))?;
    let traks = boxes(moov).filter(|(kind, _)| kind == b"trak");
    let tracks: Result<Vec<_>> = traks.filter_map(|(_, trak)| track(trak, file)).collect();
    let mut tracks = tracks?;
    if tracks.is_empty() {
        return Err(BadClip::Empty);
    }
    tracks.sort_by_key(|track| !track.codec.is_video());
    Ok(Clip { tracks })
}

/// One track; `None` for codecs that cannot be sent.
fn track(trak: &[u8], file: &[u8]) -> Option<Result<Track>> {
    let find = || {
        let mdia = child(trak, b"mdia").ok_or(BadClip::Box("mdia"))?;
        let mdhd = child(mdia, b"mdhd").ok_or(BadClip::Box("mdhd"))?;
        let at = if mdhd.first() == Some(&1) { 20 } else { 12 };
        let timescale = u32_at(mdhd, at).filter(|t| *t > 0).ok_or(BadClip::Box("mdhd"))?;
        let minf = child(mdia, b"minf").ok_or(BadClip::Box("minf"))?;
        let stbl = child(minf, b"stbl").ok_or(BadClip::Box("stbl"))?;
        let stsd = child(stbl, b"stsd").and_then(|b| b.get(8..)).ok_or(BadClip::Box("stsd"))?;
        let (kind, entry) = boxes(stsd).next().ok_or(BadClip::Box("stsd"))?;
        match codec(&kind, entry) {
            Some(codec) => Ok(Some((codec?, timescale, stbl))),
            None => Ok(None),
        }
    };
    let (codec, timescale, stbl) = match find() {
        Ok(found) => found?,
        Err(bad) => return Some(Err(bad)),
    };
    Some(samples(stbl, file).map(|samples| {
        let samples = match &codec {
            Codec::Alaw { .. } | Codec::Ulaw { .. } => regrouped(&samples, timescale),
            _ => samples,
        };
        let length = samples.last().map_or(0, |s| s.dts + i64::from(s.duration)).max(1);
        Track { codec, timescale, samples, length }
    }))
}

/// G.711 in frames of 20 ms (files may have samples of a single byte).
fn regrouped(samples: &[Sample], timescale: u32) -> Vec<Sample> {
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| &*sample.data).copied().collect();
    let size = (timescale / 50).max(1);
    let frame = |(i, data): (usize, &[u8])| {
        let dts = i as i64 * i64::from(size);
        Sample { dts, pts: dts, duration: data.len() as u32, key: true, data: data.to_vec() }
    };
    bytes.chunks(size as usize).enumerate().map(frame).collect()
}

/// The sample entry in a form that can be described to a client.
fn codec(kind: &[u8; 4], entry: &[u8]) -> Option<Result<Codec>> {
    let visual = || entry.get(78..);
    let audio = || entry.get(28..);
    let rate = || Some((u32::from(u16_at(entry, 24)?), u16_at(entry, 16)?));
    match kind {
        b"avc1" | b"avc3" => Some(visual().and_then(avc).ok_or(BadClip::Box("avcC"))),
        b"hvc1" | b"hev1" => Some(visual().and_then(hevc).ok_or(BadClip::Box("hvcC"))),
        b"mp4v" => jpeg(entry).map(Ok),
        b"mp4a" => Some(audio().and_then(aac).ok_or(BadClip::Box("esds"))),
        b"alaw" => rate().map(|(rate, channels)| Ok(Codec::Alaw { rate, channels })),
        b"ulaw" => rate().map(|(rate, channels)| Ok(Codec::Ulaw { rate, channels })),
        _ => None,
    }
}

/// `avcC`, ISO/IEC 14496-15 5.3.3.1.
fn avc(entry: &[u8]) -> Option<Codec> {
    let mut rest = child(entry, b"avcC")?.get(5..)?;
    let mut sets = Vec::new();
    for mask in [0x1f, 0xff] {
        let (count, after) = rest.split_first()?;
        rest = after;
        for _ in 0..count & mask {
            let length = usize::from(u16_at(rest, 0)?);
            sets.push(rest.get(2..2 + length)?.to_vec());
            rest = &rest[2 + length..];
        }
    }
    Some(Codec::H264 { sets })
}

/// `hvcC`, ISO/IEC 14496-15 8.3.3.1.
fn hevc(entry: &[u8]) -> Option<Codec> {
    let config = child(entry, b"hvcC")?;
    let (mut rest, mut sets) = (config.get(23..)?, Vec::new());
    for _ in 0..*config.get(22)? {
        let count = u16_at(rest, 1)?;
        rest = rest.get(3..)?;
        for _ in 0..count {
            let length = usize::from(u16_at(rest, 0)?);
            sets.push(rest.get(2..2 + length)?.to_vec());
            rest = &rest[2 + length..];
        }
    }
    sets.retain(|set| matches!(set.first().map(|byte| (byte >> 1) & 0x3f), Some(32..=34)));
    Some(Codec::H265 { sets })
}

/// The entry of JPEG pictures, which they share with MPEG-4 video.
fn jpeg(entry: &[u8]) -> Option<Codec> {
    let mut rest = child(entry.get(78..)?, b"esds")?.get(4..)?;
    let object = loop {
        let (tag, after, length) = descriptor(rest)?;
        rest = match tag {
            3 => after.get(3..)?,
            4 => break *after.first()?,
            _ => after.get(length..)?,
        };
    };
    (object == 0x6c)
        .then_some(Codec::Jpeg { width: u16_at(entry, 24)?, height: u16_at(entry, 26)? })
}

/// ISO/IEC 14496-1 8.3.3: a tag, what follows it, and how long its body there is.
fn descriptor(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (tag, mut after) = bytes.split_first()?;
    let mut length = 0;
    loop {
        let (byte, more) = after.split_first()?;
        after = more;
        length = (length << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((*tag, after, length));
        }
    }
}

/// `esds`, ISO/IEC 14496-14 5.6 around ISO/IEC 14496-1 7.2.6: the AudioSpecificConfig.
fn aac(entry: &[u8]) -> Option<Codec> {
    let mut rest = child(entry, b"esds")?.get(4..)?;
    loop {
        let (tag, after, length) = descriptor(rest)?;
        rest = match tag {
            3 => after.get(3..)?,
            4 => after.get(13..)?,
            5 => return audio_config(after.get(..length)?),
            _ => after.get(length..)?,
        };
    }
}

/// ISO/IEC 14496-3 1.6.2.1, as far as AAC-LC needs.
fn audio_config(config: &[u8]) -> Option<Codec> {
    const RATES: [u32; 13] = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
        8000, 7350,
    ];
    let bits = u16_at(config, 0)?;
    let rate = *RATES.get(usize::from((bits >> 7) & 0xf))?;
    Some(Codec::Aac { rate, channels: (bits >> 3) & 0xf, config: config.to_vec() })
}

fn samples(stbl: &[u8], file: &[u8]) -> Result<Vec<Sample>> {
    let table = |kind: &'static [u8; 4], name| child(stbl, kind).ok_or(BadClip::Box(name));
    let sizes = sizes(table(b"stsz", "stsz")?).ok_or(BadClip::Box("stsz"))?;
    let durations = runs(table(b"stts", "stts")?).ok_or(BadClip::Box("stts"))?;
    let mut durations = durations.into_iter().flat_map(|(n, v)| (0..n).map(move |_| v));
    let compositions = child(stbl, b"ctts").and_then(runs).unwrap_or_default();
    let mut compositions = compositions.into_iter().flat_map(|(n, v)| (0..n).map(move |_| v));
    let offsets = offsets(stbl, &sizes).ok_or(BadClip::Box("stsc"))?;
    let keys = child(stbl, b"stss").and_then(list);
    let (mut dts, mut out) = (0, Vec::with_capacity(sizes.len()));
    for (i, (size, offset)) in sizes.iter().zip(offsets).enumerate() {
        let (size, start) = (*size as usize, usize::try_from(offset).unwrap_or(usize::MAX));
        let data = file.get(start..start.saturating_add(size)).ok_or(BadClip::Cut)?.to_vec();
        let duration = durations.next().unwrap_or(0);
        let composition = compositions.next().unwrap_or(0).cast_signed();
        let key = keys.as_ref().is_none_or(|keys| keys.contains(&(i as u32 + 1)));
        out.push(Sample { dts, pts: dts + i64::from(composition), duration, key, data });
        dts += i64::from(duration);
    }
    Ok(out)
}

fn sizes(stsz: &[u8]) -> Option<Vec<u32>> {
    match u32_at(stsz, 4)? {
        0 => list(stsz.get(4..)?),
        same => Some(vec![same; u32_at(stsz, 8)? as usize]),
    }
}

/// Offset of every sample, from `stsc` and `stco` or `co64`.
fn offsets(stbl: &[u8], sizes: &[u32]) -> Option<Vec<u64>> {
    let chunks: Vec<u64> = match child(stbl, b"stco") {
        Some(stco) => list(stco)?.into_iter().map(u64::from).collect(),
        None => {
            let words = child(stbl, b"co64")?.get(8..)?.chunks_exact(8);
            words.filter_map(|word| Some(u64::from_be_bytes(word.try_into().ok()?))).collect()
        }
    };
    let words = child(stbl, b"stsc")?.get(8..)?;
    let entries: Vec<(usize, u32)> = words
        .chunks_exact(12)
        .filter_map(|entry| Some((u32_at(entry, 0)? as usize, u32_at(entry, 4)?)))
        .collect();
    let (mut sizes, mut out) = (sizes.iter(), Vec::with_capacity(sizes.len()));
    for (i, chunk) in chunks.iter().enumerate() {
        let entry = entries.iter().rev().find(|(first, _)| *first <= i + 1)?;
        let mut offset = *chunk;
        for size in sizes.by_ref().take(entry.1 as usize) {
            out.push(offset);
            offset += u64::from(*size);
        }
    }
    Some(out)
}

/// A table of (count, value).
fn runs(table: &[u8]) -> Option<Vec<(u32, u32)>> {
    let pairs = table.get(8..)?.chunks_exact(8);
    Some(pairs.filter_map(|pair| Some((u32_at(pair, 0)?, u32_at(pair, 4)?))).collect())
}

/// A table of values.
fn list(table: &[u8]) -> Option<Vec<u32>> {
    Some(table.get(8..)?.chunks_exact(4).filter_map(|word| u32_at(word, 0)).collect())
}

fn child<'a>(parent: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(parent).find(|(found, _)| found == kind).map(|(_, body)| body)
}

/// The boxes that stand one after another in `rest`.
fn boxes(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let kind = rest.get(4..8)?.try_into().ok()?;
        let (length, header) = match u32_at(rest, 0)? {
            0 => (rest.len(), 8),
            1 => {
                let length = u64::from_be_bytes(rest.get(8..16)?.try_into().ok()?);
                (usize::try_from(length).ok()?, 16)
            }
            length => (length as usize, 8),
        };
        let body = rest.get(header..length)?;
        rest = &rest[length..];
        Some((kind, body))
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 0..200),
            kind in prop_oneof![Just(*b"moov"), Just(*b"trak"), Just(*b"mdia")],
        ) {
            if bytes.len() >= 8 {
                let length = bytes.len() as u32;
                bytes[..4].copy_from_slice(&length.to_be_bytes());
                bytes[4..8].copy_from_slice(&kind);
            }
            prop_assert!(read(&bytes).is_err());
        }
    }
}
