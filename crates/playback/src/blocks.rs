//! Bytes that are kept for a while, in blocks so large that each goes back to the system as soon as
//! its last piece is gone: single pieces would leave holes in the allocator's heaps.

use std::collections::VecDeque;
use std::ops::Range;

use base::limits;

/// Pieces that mostly go in the order in which they came, or the last one first.
#[derive(Default)]
pub(crate) struct Blocks {
    blocks: VecDeque<Block>,
    /// The number of the first of them.
    first: usize,
}

struct Block {
    bytes: Vec<u8>,
    /// Pieces that are kept in it.
    pieces: usize,
}

/// Where a piece is.
pub(crate) struct Spot {
    block: usize,
    range: Range<usize>,
}

impl Blocks {
    /// Keeps a piece.
    pub fn put(&mut self, piece: &[u8]) -> Spot {
        let room = self.blocks.back().map_or(0, |last| last.bytes.capacity() - last.bytes.len());
        if self.blocks.is_empty() || room < piece.len() {
            let bytes = Vec::with_capacity(piece.len().max(limits::MEMORY_BLOCK_BYTES));
            self.blocks.push_back(Block { bytes, pieces: 0 });
        }
        let block = self.first + self.blocks.len() - 1;
        let start = self.blocks.back().map_or(0, |last| last.bytes.len());
        if let Some(last) = self.blocks.back_mut() {
            last.bytes.extend_from_slice(piece);
            last.pieces += 1;
        }
        Spot { block, range: start..start + piece.len() }
    }

    /// A piece that is kept.
    pub fn piece(&self, spot: &Spot) -> Option<&[u8]> {
        let block = self.blocks.get(spot.block.checked_sub(self.first)?)?;
        block.bytes.get(spot.range.clone())
    }

    /// Keeps a piece no more; how many bytes that frees, of it and of others before it.
    pub fn remove(&mut self, spot: Spot) -> usize {
        let at = spot.block.checked_sub(self.first);
        let Some(block) = at.and_then(|at| self.blocks.get_mut(at)) else { return 0 };
        let before = block.bytes.len();
        block.pieces -= 1;
        if block.pieces == 0 {
            block.bytes = Vec::new();
        } else if spot.range.end == before {
            block.bytes.truncate(spot.range.start);
        }
        let freed = before - block.bytes.len();
        while self.blocks.front().is_some_and(|first| first.pieces == 0) {
            self.blocks.pop_front();
            self.first += 1;
        }
        while self.blocks.back().is_some_and(|last| last.pieces == 0) {
            self.blocks.pop_back();
        }
        freed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever goes in whatever order: what is left is as it was, and in the end nothing is.
        #[test]
        fn pieces_stay_as_they_are_until_they_go(
            steps in proptest::collection::vec((any::<bool>(), any::<u8>(), 0usize..3), 0..60)
        ) {
            let (mut blocks, mut kept, mut bytes) = (Blocks::default(), Vec::new(), 0);
            for (is_put, byte, part) in steps {
                if is_put {
                    let piece = vec![byte; part * limits::MEMORY_BLOCK_BYTES / 3 + 1];
                    bytes += piece.len();
                    kept.push((blocks.put(&piece), piece));
                } else if !kept.is_empty() {
                    let (spot, _) = kept.remove(usize::from(byte) % kept.len());
                    bytes -= blocks.remove(spot);
                }
                let held: usize = blocks.blocks.iter().map(|block| block.bytes.len()).sum();
                prop_assert_eq!(held, bytes);
                for (spot, piece) in &kept {
                    prop_assert!(blocks.piece(spot) == Some(&piece[..]));
                }
            }
            for (spot, _) in kept {
                bytes -= blocks.remove(spot);
            }
            prop_assert!(bytes == 0 && blocks.blocks.is_empty());
        }
    }

    #[test]
    fn pieces_that_go_as_they_came_hold_one_block_more_than_they_need() {
        let mut blocks = Blocks::default();
        let piece = vec![7; limits::MEMORY_BLOCK_BYTES / 10];
        let mut kept = VecDeque::new();
        for at in 0..200 {
            kept.push_back(blocks.put(&piece));
            if at >= 10 {
                kept.pop_front().map(|first| blocks.remove(first));
            }
            assert!(blocks.blocks.len() <= 2, "{} blocks", blocks.blocks.len());
        }
        // What came last and goes first makes room at once.
        assert_eq!(kept.pop_back().map(|last| blocks.remove(last)), Some(piece.len()));
    }
}
