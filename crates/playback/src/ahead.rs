//! Pieces of tables that were made before they are due. A clip's tables stand one after the other,
//! each with a piece of every segment; a segment's index, once it is there, gives all its pieces.
//! Without this a long clip would read each index a dozen times.

use std::collections::BTreeMap;

use base::limits::CLIP_TABLES_BYTES_MAX;

use crate::blocks::{Blocks, Spot};
use crate::compact;
use crate::tables::Table;

/// Stands for the track of timestamps, which comes after all others.
const TEXTS: usize = usize::MAX;
/// What a map takes for a piece beside the piece, about.
const ENTRY_BYTES: usize = 96;
/// Sizes are made ahead only where there is so much room, for making them is most of the work.
const SIZES_ROOM: usize = CLIP_TABLES_BYTES_MAX / 16;

/// One piece: the track of the clip, the table, the member of the track. In the order in which
/// they stand in the file.
pub(crate) type Place = (usize, Table, usize);

/// Pieces that are still to come, bounded in bytes.
#[derive(Default)]
pub(crate) struct Ahead {
    /// Of all tables but those of sizes.
    pieces: BTreeMap<Place, Kept>,
    /// Of tables of sizes. They are four fifths of all bytes and come from one column of an index:
    /// where room is short they go first, the last in the file before all others.
    sizes: BTreeMap<Place, Kept>,
    /// What is kept of each table: its pieces go in the order in which they came.
    blocks: BTreeMap<(usize, Table), Blocks>,
    bytes: usize,
    /// A piece on its way to its block.
    packed: Vec<u8>,
}

/// A piece in few bytes.
struct Kept {
    /// Bytes of the piece as it stands in the file.
    len: usize,
    spot: Spot,
}

impl Ahead {
    /// Keeps a piece of any table but that of sizes if there is room for it.
    pub fn put(&mut self, place: Place, piece: &[u8]) {
        compact::pack(place.1, piece, &mut self.packed);
        self.keep(place, piece.len());
    }

    /// Keeps a piece of a table of sizes if there is room for it.
    pub fn put_sizes(&mut self, place: Place, sizes: &[u32]) {
        compact::pack_sizes(sizes, &mut self.packed);
        self.keep(place, sizes.len() * 4);
    }

    /// Keeps what was packed of a piece of so many bytes.
    fn keep(&mut self, place: Place, len: usize) {
        let (track, table, _) = place;
        let bytes = self.packed.len() + ENTRY_BYTES;
        let is_sizes = table == Table::Stsz;
        while self.bytes + bytes > CLIP_TABLES_BYTES_MAX {
            let gone = if is_sizes { None } else { self.sizes.pop_last() };
            let Some((place, gone)) = gone else { return };
            self.free(place, gone);
        }
        self.bytes += bytes;
        let spot = self.blocks.entry((track, table)).or_default().put(&self.packed);
        let kept = Kept { len, spot };
        let pieces = if is_sizes { &mut self.sizes } else { &mut self.pieces };
        if let Some(before) = pieces.insert(place, kept) {
            self.free(place, before);
        }
    }

    /// Puts a piece that was kept into `out`, in the place of what that holds; whether there was
    /// one. It is kept no more.
    pub fn take(&mut self, place: Place, out: &mut Vec<u8>) -> bool {
        let Some(kept) = self.pieces.remove(&place).or_else(|| self.sizes.remove(&place)) else {
            return false;
        };
        let (track, table, _) = place;
        let packed = self.blocks.get(&(track, table)).and_then(|own| own.piece(&kept.spot));
        let packed = packed.map(|packed| compact::unpack(table, packed, kept.len, out));
        self.free(place, kept);
        packed.is_some()
    }

    fn free(&mut self, (track, table, _): Place, kept: Kept) {
        let freed = self.blocks.get_mut(&(track, table)).map(|blocks| blocks.remove(kept.spot));
        self.bytes -= freed.unwrap_or(0) + ENTRY_BYTES;
    }

    /// Whether a piece is worth making: it is not kept yet, and there is room.
    pub fn wants(&self, place: Place) -> bool {
        let room = CLIP_TABLES_BYTES_MAX.saturating_sub(self.bytes);
        if place.1 == Table::Stsz {
            return room > SIZES_ROOM && !self.sizes.contains_key(&place);
        }
        let has_room = room > SIZES_ROOM / 4 || !self.sizes.is_empty();
        has_room && !self.pieces.contains_key(&place)
    }

    /// Whether a piece that is not of sizes is kept.
    pub fn keeps(&self, place: Place) -> bool {
        self.pieces.contains_key(&place)
    }

    /// Where the timestamps of a part stand, which come after all else.
    pub fn texts(part: usize) -> Place {
        (TEXTS, Table::Co64, part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece of so many entries of which nothing can be left out.
    fn sizes(entries: u32) -> Vec<u32> {
        (0..entries).map(|at| at.wrapping_mul(0x9e37_79b9)).collect()
    }

    #[test]
    fn sizes_make_way_for_all_others_and_come_back_or_are_not_there() {
        let (mut ahead, mut out) = (Ahead::default(), Vec::new());
        let piece = sizes(1 << 16);
        for member in 0..100 {
            let place = (0, Table::Stsz, member);
            if ahead.wants(place) {
                ahead.put_sizes(place, &piece);
            }
        }
        let kept = ahead.sizes.len();
        assert!((50..64).contains(&kept), "{kept} pieces of 256 KiB");
        let chunks: Vec<u8> =
            (0..1u64 << 14).flat_map(|at| ((at * at) << 30).to_be_bytes()).collect();
        for member in 0..100 {
            let place = (1, Table::Co64, member);
            assert!(ahead.wants(place));
            ahead.put(place, &chunks);
            assert!(!ahead.wants(place) && ahead.bytes <= CLIP_TABLES_BYTES_MAX);
        }
        assert!(ahead.take((1, Table::Co64, 99), &mut out) && out == chunks);
        assert!(!ahead.take((1, Table::Co64, 99), &mut out));
        assert!(ahead.sizes.len() < kept, "{} sizes are left", ahead.sizes.len());
        // Those that are due first are still there.
        let piece: Vec<u8> = piece.iter().flat_map(|size| size.to_be_bytes()).collect();
        assert!(ahead.take((0, Table::Stsz, 0), &mut out) && out == piece);
        assert!(!ahead.take((0, Table::Stsz, kept - 1), &mut out));
        while let Some((place, _)) = ahead.pieces.first_key_value() {
            let place = *place;
            assert!(ahead.take(place, &mut out));
        }
        ahead.sizes.keys().copied().collect::<Vec<_>>().into_iter().for_each(|place| {
            assert!(ahead.take(place, &mut out));
        });
        assert_eq!(ahead.bytes, 0);
    }
}
