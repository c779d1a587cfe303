//! Playlists and media segments of HLS as other parsers read them.

use std::ops::Range;
use std::sync::Arc;

use base::WallTime;
use media::TrackParams;
use mp4_atom::{Any, DecodeMaybe, Moof, Moov, Traf};
use playback::hls::{MediaSegmentRequest, init_segment, media_segment};
use playback::{ClipReader, Source};

use crate::archive::{Memory, stream};

/// A media segment as a playlist names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub discontinuity: bool,
    pub map: String,
    pub date: Option<WallTime>,
    pub micros: i64,
    pub address: String,
}

/// The media segments of a playlist, and all lines that do not belong to one.
pub fn parse(text: &str) -> (Vec<Item>, Vec<&str>) {
    let (mut items, mut others) = (Vec::new(), Vec::new());
    let (mut discontinuity, mut map, mut date, mut micros) = (false, String::new(), None, None);
    for line in text.lines() {
        let value = line.split_once(':').map_or("", |(_, value)| value);
        if line == "#EXT-X-DISCONTINUITY" {
            discontinuity = true;
        } else if line.starts_with("#EXT-X-MAP:") {
            let address = value.strip_prefix("URI=\"").and_then(|it| it.strip_suffix('"'));
            map = address.unwrap().to_owned();
        } else if line.starts_with("#EXT-X-PROGRAM-DATE-TIME:") {
            date = Some(value.parse().unwrap());
        } else if line.starts_with("#EXTINF:") {
            let (seconds, decimals) = value.strip_suffix(',').unwrap().split_once('.').unwrap();
            assert_eq!(decimals.len(), 6);
            let whole = seconds.parse::<i64>().unwrap() * 1_000_000;
            micros = Some(whole + decimals.parse::<i64>().unwrap());
        } else if line.starts_with('#') {
            others.push(line);
        } else {
            items.push(Item {
                discontinuity: std::mem::take(&mut discontinuity),
                map: map.clone(),
                date: date.take(),
                micros: micros.take().expect("a length stands before it"),
                address: line.to_owned(),
            });
        }
    }
    (items, others)
}

/// What an address of a playlist asks for.
pub fn request(address: &str) -> MediaSegmentRequest {
    let (segment, file) = address.strip_prefix("hls/").unwrap().split_once('/').unwrap();
    let name = file.strip_suffix(".m4s").unwrap();
    let is_last = name.ends_with("-last");
    let (start, end) = name.trim_end_matches("-last").split_once('-').unwrap();
    let samples = start.parse().unwrap()..end.parse().unwrap();
    MediaSegmentRequest { stream: stream(), segment: segment.parse().unwrap(), samples, is_last }
}

/// The bytes of a media segment; `None` where there is none.
pub fn bytes(memory: &Arc<Memory>, address: &str) -> Option<Vec<u8>> {
    let plan = Arc::new(media_segment(&**memory, &request(address)).unwrap()?);
    let source: Arc<dyn Source> = memory.clone();
    let slices = ClipReader::new(plan.clone(), source, 0..plan.len());
    let bytes: Vec<u8> = slices.flat_map(|slice| slice.unwrap().to_vec()).collect();
    assert_eq!(bytes.len() as u64, plan.len());
    Some(bytes)
}

/// The tracks of an init segment, with their ids.
pub fn init(memory: &Memory, address: &str) -> Moov {
    let segment = address.strip_prefix("hls/").unwrap().strip_suffix("/init.mp4").unwrap();
    let bytes = init_segment(memory, stream(), segment.parse().unwrap()).unwrap().unwrap();
    let mut rest = &bytes[..];
    let mut moov = None;
    while let Some(atom) = Any::decode_maybe(&mut rest).unwrap() {
        if let Any::Moov(found) = atom {
            moov = Some(found);
        }
    }
    moov.expect("an init segment has a movie")
}

/// A sample of a media segment. Times are in the track's ticks.
#[derive(Debug, Clone)]
pub struct Sample {
    pub dts: i64,
    pub pts: i64,
    pub key: bool,
    pub data: Vec<u8>,
}

/// One track of a media segment.
#[derive(Debug, Clone)]
pub struct Track {
    pub id: u32,
    pub samples: Vec<Sample>,
    /// Decode time of the first sample plus all durations.
    pub end: i64,
}

/// The tracks of a media segment. Asserts that its samples tile `mdat` without a hole.
pub fn tracks(bytes: &[u8], moov: &Moov) -> Vec<Track> {
    let mut rest = bytes;
    let Some(Any::Moof(moof)) = Any::decode_maybe(&mut rest).unwrap() else {
        panic!("a media segment begins with a moof");
    };
    let data = bytes.len() - rest.len() + 8;
    assert_eq!(&bytes[data - 4..data], b"mdat");
    let size = u32::from_be_bytes(bytes[data - 8..data - 4].try_into().unwrap());
    assert_eq!(size as usize, bytes.len() + 8 - data, "mdat ends the media segment");
    let Moof { traf, .. } = moof;
    let mut at = data;
    let tracks = traf.iter().map(|traf| track(traf, moov, bytes, &mut at)).collect();
    assert_eq!(at, bytes.len());
    tracks
}

fn track(traf: &Traf, moov: &Moov, bytes: &[u8], at: &mut usize) -> Track {
    assert!(traf.tfhd.default_base_is_moof);
    let extends = &moov.mvex.as_ref().unwrap().trex;
    let extends = extends.iter().find(|trex| trex.track_id == traf.tfhd.track_id);
    let defaults = extends.expect("the init segment has the track");
    let mut dts = traf.tfdt.as_ref().unwrap().base_media_decode_time as i64;
    let mut samples = Vec::new();
    assert_eq!(traf.trun.len(), 1);
    assert_eq!(traf.trun[0].data_offset.unwrap() as usize, *at);
    for entry in traf.trun[0].samples.iter() {
        let flags = entry.flags.unwrap_or(defaults.default_sample_flags);
        let range = Range { start: *at, end: *at + entry.size.unwrap() as usize };
        *at = range.end;
        samples.push(Sample {
            dts,
            pts: dts + entry.cts.unwrap_or(0),
            key: flags & 0x1_0000 == 0,
            data: bytes[range].to_vec(),
        });
        let duration = entry.duration.or(traf.tfhd.default_sample_duration).unwrap();
        assert!(duration > 0);
        dts += i64::from(duration);
    }
    Track { id: traf.tfhd.track_id, samples, end: dts }
}

/// Whether these parameters are in an init segment, by the width of the picture.
pub fn width(params: &TrackParams) -> u16 {
    match params {
        TrackParams::Video(video) => video.width,
        TrackParams::Audio(_) => 0,
    }
}
