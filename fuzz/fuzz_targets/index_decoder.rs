//! Any bytes as a packed index and as a final `moov`: what is accepted can be used whole, and is
//! the same after packing it again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use media::{SegmentIndex, read_final_moov};

fuzz_target!(|data: &[u8]| {
    if let Some(index) = SegmentIndex::unpack(data, &fuzz::common::tracks()) {
        use_it(&index);
    }
    if let Ok((_, index)) = read_final_moov(data) {
        use_it(&index);
    }
});

fn use_it(index: &SegmentIndex) {
    let _ = index.span();
    for track in &index.tracks {
        assert_eq!(track.times().count(), track.samples.len());
        assert_eq!(track.totals().samples as usize, track.samples.len());
        let _ = (track.span(), track.end(), track.last_decode());
        let _ = track.wall_of(track.samples.len() / 2);
    }
    let tracks: Vec<_> = index.tracks.iter().map(|track| track.params.clone()).collect();
    assert_eq!(SegmentIndex::unpack(&index.pack(), &tracks).as_ref(), Some(index));
}
