//! The hash chain over a segment's bytes.

use crate::identity::ChainHash;

/// BLAKE3 wants many chunks at once to use the processor's wide registers, and samples are small:
/// bytes are gathered until there are this many.
const PIECE: usize = 16 << 10;

/// The hash of one batch while its bytes come in.
#[derive(Clone)]
pub(crate) struct Chain {
    hasher: blake3::Hasher,
    gathered: Vec<u8>,
}

impl Chain {
    /// The hash that follows `previous` (zeros before the first commit).
    pub(crate) fn after(previous: Option<ChainHash>) -> Self {
        // Gathered like all that follows: a hasher that was given 32 bytes would never see whole
        // chunks again, and hash one of each piece by itself.
        let mut gathered = Vec::with_capacity(PIECE);
        gathered.extend(previous.unwrap_or_default());
        Self { hasher: blake3::Hasher::new(), gathered }
    }

    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        if !self.gathered.is_empty() {
            let wanted = (PIECE - self.gathered.len()).min(bytes.len());
            self.gathered.extend_from_slice(&bytes[..wanted]);
            bytes = &bytes[wanted..];
            if self.gathered.len() == PIECE {
                self.hasher.update(&self.gathered);
                self.gathered.clear();
            }
        }
        let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % PIECE);
        self.hasher.update(whole);
        if !rest.is_empty() {
            self.gathered.extend_from_slice(rest);
        }
    }

    pub(crate) fn finish(mut self) -> ChainHash {
        self.hasher.update(&self.gathered);
        self.hasher.finalize().into()
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn how_the_bytes_are_cut_changes_nothing(
            cuts in proptest::collection::vec(0usize..40_000, 0..8),
        ) {
            let bytes: Vec<u8> = (0..cuts.iter().sum()).map(|at: usize| (at % 251) as u8).collect();
            let mut chain = Chain::after(Some([7; 32]));
            let mut rest = &bytes[..];
            for cut in cuts {
                chain.update(&rest[..cut]);
                rest = &rest[cut..];
            }
            let whole = [&[7; 32][..], &bytes].concat();
            assert_eq!(chain.finish(), *blake3::hash(&whole).as_bytes());
        }
    }
}
