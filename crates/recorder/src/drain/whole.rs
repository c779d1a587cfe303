//! Whether a file is all of the segment that its row tells of, on whatever volume it lies.

use std::io;

use archive::{Depth, Problem, SegmentPlace, Verify, Verifying, Volume};
use catalog::SegmentRow;

/// Reads all of the file of `row` on `volume`; `None` where `pace`, which hears of each piece,
/// breaks that off. What is not there is not whole; an error is the disk's.
pub(crate) fn is_whole(
    volume: &Volume,
    place: &SegmentPlace,
    row: &SegmentRow,
    pace: &mut dyn FnMut(u64) -> bool,
) -> io::Result<Option<bool>> {
    if !volume.may_hold(place) {
        return Ok(Some(false));
    }
    let mut verifying = Verifying::begin(volume, place, Depth::Everything)?;
    loop {
        match verifying.step()? {
            Verify::Read(bytes) if !pace(bytes) => return Ok(None),
            Verify::Read(_) => {}
            Verify::Done(found) => {
                // Where it was written, and whose key signed it, is no damage.
                let is_none =
                    |it: &Problem| matches!(it, Problem::OtherVolume(_) | Problem::OtherKey);
                let is_row = row.last_commit.is_none() || row.last_commit == found.last;
                return Ok(Some(is_row && found.problems.iter().all(is_none)));
            }
        }
    }
}
