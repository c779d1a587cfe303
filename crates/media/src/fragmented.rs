//! Fragmented MP4 made anew of recorded samples: an init segment, and what stands before the
//! samples of a media segment (ISO/IEC 14496-12 clause 8.8).

use base::WallTime;

use crate::fragment;
pub use crate::fragment::SampleRun;
use crate::header;
use crate::mp4::boxes::Boxes;
use crate::mp4::movie::{self, TrackHead};
use crate::params::TrackParams;

/// `ftyp` and `moov` of tracks given with their ids. Times are true presentation times: there is no
/// edit list.
pub fn init_segment(tracks: &[(u32, &TrackParams)]) -> Vec<u8> {
    let mut b = Boxes::new();
    header::put_file_type(&mut b);
    b.boxed(*b"moov", |b| {
        let last = tracks.iter().map(|(id, _)| *id as usize).max().unwrap_or(0);
        movie::put_movie_header(b, WallTime::EPOCH, 0, last);
        for (id, params) in tracks {
            let head = TrackHead {
                id: *id,
                params,
                created: WallTime::EPOCH,
                duration: 0,
                media_duration: 0,
                edits: &[],
                enabled: true,
            };
            movie::put_track(b, &head, movie::put_empty_tables);
        }
        movie::put_fragments_follow(b, tracks.iter().copied());
    });
    b.into_bytes()
}

/// `moof` and the head of the `mdat` that the samples of all `runs` follow, one run after the
/// other. `None` when something does not fit its field.
pub fn fragment_head(sequence: u32, runs: &[SampleRun<'_>]) -> Option<Vec<u8>> {
    let mut b = Boxes::new();
    fragment::put_moof_of_samples(&mut b, sequence, runs)?;
    Some(b.into_bytes())
}
