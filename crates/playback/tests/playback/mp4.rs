//! A clip as another parser reads it.

use mp4_atom::{Atom, Codec, DecodeAtom, Header, Moov, ReadFrom, StszSamples, Trak};

/// One track.
#[derive(Debug)]
pub struct Track {
    pub is_video: bool,
    /// What its handler calls it.
    pub name: String,
    pub timescale: u32,
    /// Empty edit, in movie ticks.
    pub late: u64,
    /// Duration of the normal edit in movie ticks, and its media time.
    pub edit: (u64, i64),
    pub duration: u64,
    /// Widths that the sample entries of video tell.
    pub widths: Vec<u16>,
    pub samples: Vec<Sample>,
}

/// One sample. Times are in the track's ticks from its first decode time.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub pts: i64,
    pub offset: usize,
    pub size: usize,
    pub key: bool,
    pub description: u32,
}

/// Reads `ftyp`, `moov`, `mdat`: the movie, and what lies in `mdat`.
pub fn read(file: &[u8]) -> (Moov, std::ops::Range<usize>) {
    let mut rest = file;
    let mut moov = None;
    loop {
        let at = file.len() - rest.len();
        let header = Header::read_from(&mut rest).unwrap();
        let head = file.len() - rest.len() - at;
        let size = header.size.unwrap();
        if header.kind == Moov::KIND {
            let mut body = &rest[..size];
            moov = Some(Moov::decode_atom(&header, &mut body).unwrap());
            assert!(body.is_empty(), "moov holds more than it says");
        }
        if &file[at + 4..at + 8] == b"mdat" {
            let start = at + head;
            assert_eq!(start + size, file.len(), "mdat does not end the file");
            return (moov.unwrap(), start..file.len());
        }
        rest = &rest[size..];
    }
}

/// One timestamp: when it begins and how long it lasts, in ticks of 90 kHz from clip time 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub start: i64,
    pub duration: i64,
    pub text: String,
    place: (usize, usize),
}

fn is_text(trak: &Trak) -> bool {
    &trak.mdia.hdlr.handler.to_string() == "sbtl"
}

/// The timestamps of a clip; `None` where it has no track of them.
pub fn texts(file: &[u8]) -> Option<Vec<Text>> {
    let (moov, _) = read(file);
    let trak = moov.trak.iter().find(|trak| is_text(trak))?;
    let stbl = &trak.mdia.minf.stbl;
    assert!(matches!(stbl.stsd.codecs[..], [Codec::Tx3g(_)]));
    assert_eq!(trak.mdia.mdhd.timescale, 90_000);
    let StszSamples::Different { sizes } = &stbl.stsz.samples else { panic!("stsz has no table") };
    let chunks = &stbl.co64.as_ref().unwrap().entries;
    let [one] = &stbl.stsc.entries[..] else { panic!("one sample in every chunk") };
    assert_eq!((one.first_chunk, one.samples_per_chunk), (1, 1));
    let durations: Vec<u32> =
        stbl.stts.entries.iter().flat_map(|e| repeat(e.sample_delta, e.sample_count)).collect();
    assert_eq!((durations.len(), sizes.len()), (chunks.len(), chunks.len()));
    let edits = &trak.edts.as_ref().unwrap().elst.as_ref().unwrap().entries;
    let sum: u64 = durations.iter().map(|duration| u64::from(*duration)).sum();
    assert_eq!((edits.len(), edits[0].media_time), (1, Some(0)));
    let edit = edits[0].segment_duration;
    assert!(edit.abs_diff(sum) <= 1, "{edit} {:?}", stbl.stts.entries);
    let mut at = 0;
    let texts = durations.iter().zip(sizes).zip(chunks).map(|((duration, size), offset)| {
        let (start, duration) = (at, i64::from(*duration));
        assert!(duration > 0);
        at += duration;
        let place = (*offset as usize, *size as usize);
        let sample = &file[place.0..place.0 + place.1];
        assert_eq!(usize::from(u16::from_be_bytes([sample[0], sample[1]])), sample.len() - 2);
        let text = String::from_utf8(sample[2..].to_vec()).unwrap();
        Text { start, duration, text, place }
    });
    Some(texts.collect())
}

/// The tracks of a clip but that of timestamps. Asserts that the samples tile `mdat` without a
/// hole.
pub fn tracks(file: &[u8]) -> Vec<Track> {
    let (moov, mdat) = read(file);
    assert_eq!(moov.mvhd.timescale, 90_000);
    let tracks: Vec<Track> = moov.trak.iter().filter(|trak| !is_text(trak)).map(track).collect();
    let samples = tracks.iter().flat_map(|track| &track.samples);
    let mut places: Vec<(usize, usize)> = samples.map(|s| (s.offset, s.size)).collect();
    places.extend(texts(file).unwrap_or_default().iter().map(|text| text.place));
    places.sort_unstable();
    let mut at = mdat.start;
    for (offset, size) in places {
        assert_eq!(offset, at);
        at += size;
    }
    assert_eq!(at, mdat.end);
    tracks
}

fn track(trak: &Trak) -> Track {
    let stbl = &trak.mdia.minf.stbl;
    let edits = &trak.edts.as_ref().unwrap().elst.as_ref().unwrap().entries;
    let (late, edit) = match &edits[..] {
        [edit] => (0, edit),
        [empty, edit] => {
            assert_eq!(empty.media_time, None);
            (empty.segment_duration, edit)
        }
        _ => panic!("{} edits", edits.len()),
    };
    let samples = samples(trak);
    let widths = stbl.stsd.codecs.iter().filter_map(|codec| match codec {
        Codec::Avc1(entry) => Some(entry.visual.width),
        _ => None,
    });
    let widths = widths.collect();
    Track {
        is_video: &trak.mdia.hdlr.handler.to_string() == "vide",
        name: trak.mdia.hdlr.name.to_string(),
        timescale: trak.mdia.mdhd.timescale,
        late,
        edit: (edit.segment_duration, edit.media_time.unwrap() as i64),
        duration: trak.mdia.mdhd.duration,
        widths,
        samples,
    }
}

fn samples(trak: &Trak) -> Vec<Sample> {
    let stbl = &trak.mdia.minf.stbl;
    let StszSamples::Different { sizes } = &stbl.stsz.samples else { panic!("stsz has no table") };
    let durations: Vec<u32> =
        stbl.stts.entries.iter().flat_map(|e| repeat(e.sample_delta, e.sample_count)).collect();
    let offsets: Vec<i64> = match &stbl.ctts {
        Some(ctts) => {
            ctts.entries.iter().flat_map(|e| repeat(e.sample_offset, e.sample_count)).collect()
        }
        None => vec![0; sizes.len()],
    };
    assert_eq!((durations.len(), offsets.len()), (sizes.len(), sizes.len()));
    assert!(durations.iter().all(|duration| *duration > 0));
    let chunks = &stbl.co64.as_ref().unwrap().entries;
    let mut samples = Vec::new();
    let mut dts = 0;
    assert_eq!(stbl.stsc.entries.len(), chunks.len(), "one entry for each chunk");
    for (number, (chunk, entry)) in chunks.iter().zip(&stbl.stsc.entries).enumerate() {
        assert_eq!(entry.first_chunk as usize, number + 1);
        let mut offset = *chunk as usize;
        for _ in 0..entry.samples_per_chunk {
            let at = samples.len();
            let size = sizes[at] as usize;
            let key = stbl.stss.as_ref().is_none_or(|s| s.entries.contains(&(at as u32 + 1)));
            let pts = dts + offsets[at];
            let description = entry.sample_description_index;
            samples.push(Sample { pts, offset, size, key, description });
            dts += i64::from(durations[at]);
            offset += size;
        }
    }
    assert_eq!(samples.len(), sizes.len());
    samples
}

fn repeat<T: Copy>(value: T, count: u32) -> impl Iterator<Item = T> {
    std::iter::repeat_n(value, count as usize)
}
