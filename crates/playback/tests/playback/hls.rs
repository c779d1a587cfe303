//! HLS of random archives: every sample of the range once, at its time on the absolute grid, in
//! playlists as players take them.

use std::sync::Arc;

use base::WallTime;
use catalog::SegmentState;
use media::TrackParams;
use playback::PlanError;
use playback::hls::{Playlist, PlaylistRequest};
use proptest::prelude::*;

use crate::archive::{Memory, stream};
use crate::clip::{Stored, plan, read, stored};
use crate::hidden::{is_hidden, joined, spans};
use crate::media_segment::{self, Item, Sample, parse};
use crate::mp4;
use crate::random::{Random, START, archive, recipe};

pub fn playlist(
    memory: &Memory,
    from: i64,
    to: i64,
    is_growing: bool,
) -> Result<String, PlanError> {
    let (from, to) = (WallTime::from_micros(from), WallTime::from_micros(to));
    let request = PlaylistRequest { stream: stream(), from, to, is_growing };
    Playlist::new(memory, request).map(|playlist| playlist.text())
}

/// What a playlist leads to.
pub struct Played {
    pub items: Vec<Item>,
    /// Of each media segment its pictures, then its sound.
    pub pictures: Vec<Vec<Sample>>,
    pub sounds: Vec<Vec<Sample>>,
    /// Decode times at which they end.
    ends: Vec<i64>,
}

pub fn play(memory: &Arc<Memory>, text: &str) -> Played {
    let (items, _) = parse(text);
    let mut played =
        Played { items: items.clone(), pictures: vec![], sounds: vec![], ends: vec![] };
    for item in &items {
        let moov = media_segment::init(memory, &item.map);
        let bytes = media_segment::bytes(memory, &item.address).expect("it is there");
        let mut tracks = media_segment::tracks(&bytes, &moov);
        let sound = tracks.iter().position(|track| track.id == 2).map(|at| tracks.remove(at));
        assert_eq!(tracks.len(), 1);
        played.ends.push(tracks[0].end);
        played.pictures.push(tracks.remove(0).samples);
        played.sounds.push(sound.map_or_else(Vec::new, |sound| sound.samples));
    }
    played
}

/// The archive's samples that these are, each at its time; asserts that they follow one another.
fn found<'a>(samples: &[Sample], all: &'a [Stored<'a>]) -> Vec<&'a Stored<'a>> {
    let found = samples.iter().map(|sample| {
        let stored = all.iter().find(|stored| stored.data == sample.data);
        let stored = stored.expect("it is of the archive");
        assert_eq!(sample.dts, stored.time.grid_dts, "it is decoded at its time");
        assert_eq!(sample.pts, stored.time.grid_pts, "it is presented at its time");
        assert_eq!(sample.key, stored.key);
        stored
    });
    found.collect()
}

/// Lengths, dates and decode times: what a player puts in a row.
pub fn check_times(played: &Played, text: &str, videos: &[Stored]) {
    let target = text.lines().find_map(|line| line.strip_prefix("#EXT-X-TARGETDURATION:"));
    let target: i64 = target.unwrap().parse().unwrap();
    let mut expected: Option<WallTime> = None;
    for (at, item) in played.items.iter().enumerate() {
        assert!(item.micros > 0 && (item.micros + 500_000) / 1_000_000 <= target, "{item:?}");
        assert!(item.date.is_some() || !item.discontinuity && at > 0);
        let first = played.pictures[at].iter().map(|sample| sample.pts).min().unwrap();
        let first = videos.iter().find(|stored| stored.time.grid_pts == first).unwrap();
        if !item.discontinuity
            && let (Some(expected), Some(date)) = (expected, item.date)
        {
            assert_eq!(expected, date, "lengths add up to dates");
        }
        let begin = item.date.or(expected).unwrap();
        assert_eq!(begin, first.time.wall, "it begins with its first picture");
        expected = Some(begin.plus_micros(item.micros));
        if at > 0 && !item.discontinuity {
            assert_eq!(played.ends[at - 1], played.pictures[at][0].dts, "decode time goes on");
        }
        let flat = text.contains("#EXT-X-INDEPENDENT-SEGMENTS");
        let clean = played.pictures[at].iter().all(|s| s.pts >= played.pictures[at][0].pts);
        assert!(!flat || played.pictures[at][0].key && clean);
    }
}

pub fn check_sounds(memory: &Memory, played: &Played) {
    let audios = stored(memory, |params| !params.is_video());
    let mut seen: Vec<&[u8]> = Vec::new();
    for (item, sounds) in played.items.iter().zip(&played.sounds) {
        let request = media_segment::request(&item.address);
        for (sound, stored) in sounds.iter().zip(found(sounds, &audios)) {
            assert_eq!(stored.segment, request.segment);
            assert!(!is_hidden(memory, stored.time.wall));
            assert!(!seen.contains(&stored.data), "it is heard once");
            seen.push(stored.data);
            assert!(sound.key);
        }
    }
    // All sound of a segment is heard that is played from its first picture to its last.
    for segment in &memory.segments {
        let own = played.items.iter().map(|item| media_segment::request(&item.address));
        let own: Vec<_> = own.filter(|request| request.segment == segment.row.id).collect();
        let count = segment.index.tracks[0].samples.len();
        let (Some(first), Some(last)) = (own.first(), own.last()) else { continue };
        let whole = first.samples.start == 0 && last.samples.end == count && !last.is_last;
        if whole && own.windows(2).all(|pair| pair[0].samples.end == pair[1].samples.start) {
            let all = audios.iter().filter(|stored| stored.segment == segment.row.id);
            for stored in all.filter(|stored| !is_hidden(memory, stored.time.wall)) {
                assert!(seen.contains(&stored.data), "it is heard");
            }
        }
    }
}

fn check(memory: &Arc<Memory>, from: i64, to: i64) {
    let videos = stored(memory, TrackParams::is_video);
    let window = WallTime::from_micros(from)..WallTime::from_micros(to);
    let text = match playlist(memory, from, to, false) {
        Ok(text) => text,
        Err(PlanError::NoFootage(_)) => {
            let any = videos.iter().any(|s| window.contains(&s.time.wall));
            assert!(!any || !memory.hidden.is_empty());
            return;
        }
        Err(error) => panic!("{error}"),
    };
    assert!(text.ends_with("#EXT-X-ENDLIST\n"));
    let played = play(memory, &text);
    check_times(&played, &text, &videos);
    check_sounds(memory, &played);
    let samples: Vec<Sample> = played.pictures.concat();
    let own = found(&samples, &videos);
    let place = |stored: &Stored| videos.iter().position(|it| std::ptr::eq(it, stored)).unwrap();
    assert!(own.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "in decode order");
    assert!(own.iter().all(|stored| !is_hidden(memory, stored.time.wall)));
    if memory.hidden.is_empty() {
        assert!(own[0].key);
        assert!(own.windows(2).all(|pair| place(pair[0]) + 1 == place(pair[1])), "no hole");
        for (at, stored) in videos.iter().enumerate() {
            let there = own.iter().any(|it| std::ptr::eq(*it, stored));
            assert!(there || !window.contains(&stored.time.wall), "picture {at} is missing");
        }
        check_against_clip(memory, &played, &samples, to);
    }
    for (item, pictures) in played.items.iter().zip(&played.pictures) {
        let stored = found(&pictures[..1], &videos)[0];
        let moov = media_segment::init(memory, &item.map);
        let segment = memory.segments.iter().find(|it| it.row.id == stored.segment).unwrap();
        let mp4_atom::Codec::Avc1(entry) = &moov.trak[0].mdia.minf.stbl.stsd.codecs[0] else {
            panic!("it is H.264");
        };
        let width = media_segment::width(&segment.row.tracks[0].params);
        assert_eq!(entry.visual.width, width, "with its parameters");
    }
}

/// The clip from the first picture on has the same pictures, byte for byte.
fn check_against_clip(memory: &Arc<Memory>, played: &Played, samples: &[Sample], to: i64) {
    let from = played.items[0].date.unwrap().as_micros();
    let leads = samples.iter().any(|sample| sample.pts < samples[0].pts);
    if leads {
        return;
    }
    let plan = Arc::new(plan(memory, from, to).unwrap());
    let file = read(memory, &plan, 0..plan.len());
    let track = mp4::tracks(&file).into_iter().find(|track| track.is_video).unwrap();
    let clip = track.samples.iter().map(|s| &file[s.offset..s.offset + s.size]);
    let clip: Vec<&[u8]> = clip.collect();
    let hls: Vec<&[u8]> = samples.iter().map(|sample| &sample.data[..]).collect();
    assert!(clip == hls, "{} pictures are not the clip's {}", hls.len(), clip.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_playlist_leads_to_what_was_asked_for(recipe in recipe(), seed: u64) {
        let memory = Arc::new(archive(&recipe));
        let mut random = Random(seed);
        let end = memory.segments.last().unwrap().row.end.as_micros();
        let length = end - START + 2_000_000;
        for _ in 0..4 {
            let from = START - 1_000_000 + random.below(length);
            check(&memory, from, from + 1 + random.below(length));
        }
        check(&memory, START - 2_000_000, end + 2_000_000);
    }

    #[test]
    fn nothing_hidden_is_played(recipe in recipe(), hidden in spans(), seed: u64) {
        let mut memory = archive(&recipe);
        let end = memory.segments.last().unwrap().row.end.as_micros();
        let whole = playlist(&memory, START - 2_000_000, end + 2_000_000, false).unwrap();
        memory.hidden = joined(&hidden);
        let memory = Arc::new(memory);
        let mut random = Random(seed);
        let from = START - 1_000_000 + random.below(end - START);
        check(&memory, from, from + 1 + random.below(end - START));
        check(&memory, START - 2_000_000, end + 2_000_000);
        // Whoever kept an address gets nothing that was hidden since.
        let videos = stored(&memory, TrackParams::is_video);
        for item in parse(&whole).0 {
            let Some(bytes) = media_segment::bytes(&memory, &item.address) else { continue };
            let moov = media_segment::init(&memory, &item.map);
            let tracks = media_segment::tracks(&bytes, &moov);
            let shown = found(&tracks[0].samples, &videos);
            prop_assert!(shown.iter().all(|stored| !is_hidden(&memory, stored.time.wall)));
        }
    }

    #[test]
    fn a_playlist_that_grows_only_ever_gets_longer(recipe in recipe(), seed: u64) {
        let mut random = Random(seed);
        let whole = archive(&recipe);
        let end = whole.segments.last().unwrap().row.end.as_micros();
        let from = START + random.below(3_000_000);
        let mut last = String::new();
        let mut times: Vec<i64> = (0..8).map(|_| from + 1 + random.below(end - START)).collect();
        times.sort_unstable();
        for to in times {
            let memory = Arc::new(recorded_until(&whole, to));
            let Ok(text) = playlist(&memory, from, to, true) else {
                prop_assert!(last.is_empty());
                continue;
            };
            prop_assert!(text.starts_with(&last), "{}\nis not the start of\n{}", last, text);
            prop_assert!(text.contains("EVENT") && !text.contains("ENDLIST"));
            let played = play(&memory, &text);
            check_times(&played, &text, &stored(&whole, TrackParams::is_video));
            last = text;
        }
    }

    #[test]
    fn one_address_is_one_playlist_for_ever(recipe in recipe(), seed: u64) {
        let mut random = Random(seed);
        let whole = Arc::new(archive(&recipe));
        let end = whole.segments.last().unwrap().row.end.as_micros();
        let from = START + random.below(end - START);
        let to = from + 1 + random.below(end - from);
        let early = Arc::new(recorded_until(&whole, to));
        let Ok(text) = playlist(&early, from, to, false) else { return Ok(()) };
        prop_assert_eq!(&text, &playlist(&whole, from, to, false).unwrap());
        for item in parse(&text).0 {
            let then = media_segment::bytes(&early, &item.address);
            prop_assert!(then == media_segment::bytes(&whole, &item.address), "{:?}", item);
        }
    }
}

/// The archive as it was when all was durable that is presented before `until`, and nothing else
/// but what came before some of that in decode order.
pub fn recorded_until(whole: &Memory, until: i64) -> Memory {
    let until = WallTime::from_micros(until);
    let mut memory = Memory::default();
    for segment in &whole.segments {
        let mut segment = segment.clone();
        let complete = segment.row.end <= until
            && whole.segments.iter().any(|next| next.row.start >= segment.row.end);
        let index = Arc::make_mut(&mut segment.index);
        let mut is_cut = false;
        for track in &mut index.tracks {
            let times: Vec<WallTime> = track.times().map(|time| time.wall).collect();
            let count = times.iter().rposition(|at| *at < until).map_or(0, |last| last + 1);
            is_cut |= count < times.len();
            track.samples.truncate(count);
            if let Some(last) = track.samples.last_mut().filter(|_| count < times.len()) {
                last.duration = 5000; // A guess.
            }
            track.chunks.retain(|chunk| (chunk.first_sample as usize) < count);
            track.anchors.retain(|anchor| (anchor.first_sample as usize) < count);
        }
        if segment.index.tracks[0].samples.is_empty() {
            break;
        }
        if is_cut || !complete {
            segment.row.state = SegmentState::Open;
            segment.row.end = segment.row.end.min(until.plus_micros(100_000));
        }
        memory.segments.push(segment);
    }
    memory
}
