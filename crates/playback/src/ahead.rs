//! Pieces of tables that were made before they are due. A clip's tables stand one after the other,
//! each with a piece of every segment; a segment's index, once it is there, gives all its pieces.
//! Without this a long clip would read each index a dozen times.

use std::collections::BTreeMap;

use base::limits::CLIP_TABLES_BYTES_MAX;

use crate::tables::Table;

/// Stands for the track of timestamps, which comes after all others.
const TEXTS: usize = usize::MAX;

/// One piece: the track of the clip, the table, the member of the track. In the order in which
/// they stand in the file.
pub(crate) type Place = (usize, Table, usize);

/// Pieces that are still to come, bounded in bytes.
#[derive(Default)]
pub(crate) struct Ahead {
    pieces: BTreeMap<Place, Vec<u8>>,
    bytes: usize,
}

impl Ahead {
    /// Keeps a piece if there is room for it.
    pub fn put(&mut self, place: Place, mut piece: Vec<u8>) {
        // It grew by doubling.
        piece.shrink_to_fit();
        if self.bytes + piece.len() <= CLIP_TABLES_BYTES_MAX {
            self.bytes += piece.len();
            self.pieces.insert(place, piece);
        }
    }

    /// A piece that was kept; it is kept no more.
    pub fn take(&mut self, place: Place) -> Option<Vec<u8>> {
        let piece = self.pieces.remove(&place)?;
        self.bytes -= piece.len();
        Some(piece)
    }

    /// Keeps where the timestamps of a part begin.
    pub fn put_places(&mut self, part: usize, places: Vec<u8>) {
        self.put((TEXTS, Table::Co64, part), places);
    }

    /// Where the timestamps of a part begin, if that was kept; it is kept no more.
    pub fn take_places(&mut self, part: usize) -> Option<Vec<u8>> {
        self.take((TEXTS, Table::Co64, part))
    }

    /// Whether it is known where the timestamps of a part begin.
    pub fn has_places(&self, part: usize) -> bool {
        self.pieces.contains_key(&(TEXTS, Table::Co64, part))
    }

    /// Whether nothing more can be kept, or hardly anything.
    pub fn is_full(&self) -> bool {
        self.bytes + CLIP_TABLES_BYTES_MAX / 64 > CLIP_TABLES_BYTES_MAX
    }
}
