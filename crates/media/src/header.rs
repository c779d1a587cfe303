//! The header of a segment: `ftyp`, the 16 bytes of `free`, and a `moov` whose samples come in
//! fragments.

use std::sync::Arc;

use base::{Ticks, Timescale};

use crate::batch::BatchAnchor;
use crate::identity::{self, Identity};
use crate::mp4::boxes::Boxes;
use crate::mp4::movie::{self, Edit, MOVIE_TIMESCALE, TrackHead};
use crate::mp4::movie_read;
use crate::params::TrackParams;

/// What the header of a segment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Who it is.
    pub identity: Identity,
    /// Its tracks.
    pub tracks: Vec<Arc<TrackParams>>,
    /// Where the 16 bytes of `free` (or of the `mdat` header) stand.
    pub free_offset: u64,
    /// Bytes from the start of the file to the end of the header's `moov`.
    pub len: u64,
}

/// Bytes of `free`, and of the 64-bit `mdat` header that it becomes.
pub(crate) const FREE_LEN: usize = 16;

/// Appends `ftyp`.
pub(crate) fn put_file_type(b: &mut Boxes) {
    b.boxed(*b"ftyp", |b| b.bytes(b"iso6").u32(0).bytes(b"iso6isommp42").end());
}

/// The header before the first batch, and where its `free` stands. `anchors` are those of that
/// batch: they tell where each track begins.
pub(crate) fn write(
    identity: &Identity,
    tracks: &[Arc<TrackParams>],
    anchors: &[BatchAnchor],
) -> (Vec<u8>, usize) {
    let mut b = Boxes::new();
    put_file_type(&mut b);
    let free_offset = b.len();
    b.boxed(*b"free", |b| b.zeros(FREE_LEN - 8).end());

    let first_of = |track| anchors.iter().find(|anchor| anchor.track == track);
    let starts: Vec<_> = (0..tracks.len()).map(|at| first_of(at).map(|a| a.media)).collect();
    let starts = Starts::new(tracks, &starts);
    b.boxed(*b"moov", |b| {
        movie::put_movie_header(b, identity.start, 0, tracks.len());
        for (track, params) in tracks.iter().enumerate() {
            let (empty, media_time) = starts.of(track);
            let edits = edit_list(empty, Edit { duration: 0, media_time: Some(media_time) });
            let head = TrackHead {
                id: track as u32 + 1,
                params,
                created: identity.start,
                duration: 0,
                media_duration: 0,
                edits: &edits,
                enabled: true,
            };
            movie::put_track(b, &head, movie::put_empty_tables);
        }
        let ids = tracks.iter().zip(1..).map(|(params, id)| (id, &**params));
        movie::put_fragments_follow(b, ids);
        identity::put(b, identity, tracks);
    });
    (b.into_bytes(), free_offset)
}

/// The edit list of a track that shows nothing for `empty` ticks of the movie, then `edit`.
pub(crate) fn edit_list(empty: u64, edit: Edit) -> Vec<Edit> {
    let nothing = (empty > 0).then_some(Edit { duration: empty, media_time: None });
    nothing.into_iter().chain([edit]).collect()
}

/// Where the tracks of a segment begin, by their first presentation.
pub(crate) struct Starts {
    /// Each track's first presentation on its scale, and in ticks of the movie.
    tracks: Vec<(i64, i64)>,
    earliest: i64,
}

impl Starts {
    /// A track whose first presentation is not known counts as if it began with the earliest.
    pub(crate) fn new(tracks: &[Arc<TrackParams>], first: &[Option<Ticks>]) -> Self {
        let rescale = |ticks: i64, from: u32, to: u32| {
            let product = i128::from(ticks) * i128::from(to);
            product.div_euclid(from.into()).clamp(i64::MIN.into(), i64::MAX.into()) as i64
        };
        let scales: Vec<u32> = tracks.iter().map(|track| track.timescale().hertz()).collect();
        let in_movie = |(first, scale): (&Option<Ticks>, &u32)| {
            first.map(|first| rescale(first.0, *scale, MOVIE_TIMESCALE))
        };
        let earliest = first.iter().zip(&scales).filter_map(in_movie).min().unwrap_or(0);
        let start = |(first, scale): (&Option<Ticks>, &u32)| match first {
            Some(first) => (first.0, rescale(first.0, *scale, MOVIE_TIMESCALE)),
            None => (rescale(earliest, MOVIE_TIMESCALE, *scale), earliest),
        };
        Self { tracks: first.iter().zip(&scales).map(start).collect(), earliest }
    }

    /// How long a track shows nothing, in ticks of the movie, and its first presentation on its
    /// own scale.
    pub(crate) fn of(&self, track: usize) -> (u64, i64) {
        let (first, in_movie) = self.tracks[track];
        (in_movie.abs_diff(self.earliest), first.max(0))
    }
}

/// Reads the body of a header's `moov`.
pub(crate) fn read(moov: &[u8]) -> Option<(Identity, Vec<Arc<TrackParams>>)> {
    let (identity, reorder_depths) = identity::read(moov)?;
    let tracks = movie_read::read_tracks(moov, &reorder_depths)?;
    Some((identity, tracks.into_iter().map(|track| track.params).collect()))
}

/// `ticks`, not negative, in ticks of the movie, rounded up.
pub(crate) fn movie_length(scale: Timescale, ticks: i64) -> u64 {
    movie::movie_ticks(u64::try_from(ticks).unwrap_or(0), scale.hertz())
}
