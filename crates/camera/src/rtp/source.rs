//! Which source's packets count, where several send on one channel. Some servers keep the session
//! of a client that is gone and go on sending what it asked for, in turn with what we asked for.
//! Pure.

/// A source that was replaced and comes again within so many packets was never gone.
const RETURN: u32 = 3000;
/// So many packets in a row of another source, and none of the one that counts: that one is gone.
const SILENCE: u32 = 1000;

/// The source of a track's packets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    /// What the camera said that it would be (RFC 2326 section 12.39, `ssrc`).
    pub(crate) announced: Option<u32>,
    current: Option<u32>,
    /// The one before, and how many packets have come since.
    replaced: Option<(u32, u32)>,
    /// It has been seen that several take turns: only `current` counts.
    settled: bool,
    /// Packets of others since the last one of `current`.
    others: u32,
}

impl Source {
    /// Whether a packet of `source` counts. One that is new counts at once, for cameras begin anew;
    /// it is when the one before comes back that only one of the two can be ours: the one that was
    /// announced, or else the one that was there first.
    pub(crate) fn counts(&mut self, source: u32) -> bool {
        let Some(current) = self.current else {
            self.current = Some(source);
            return true;
        };
        if let Some((_, packets)) = &mut self.replaced {
            *packets = packets.saturating_add(1);
        }
        if source == current {
            self.others = 0;
            return true;
        }
        self.others += 1;
        if self.settled && self.others < SILENCE {
            return false;
        }
        let returns = |(before, packets): (u32, u32)| before == source && packets < RETURN;
        let takes_turns = !self.settled && self.replaced.is_some_and(returns);
        self.settled = takes_turns;
        if takes_turns && self.announced == Some(current) {
            return false;
        }
        self.replaced = Some((current, 0));
        (self.current, self.others) = (Some(source), 0);
        true
    }

    /// Whether it is the one that counts now.
    pub(crate) fn is(&self, source: u32) -> bool {
        self.current == Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(source: &mut Source, packets: &[u32]) -> Vec<bool> {
        packets.iter().map(|packet| source.counts(*packet)).collect()
    }

    #[test]
    fn a_source_that_begins_anew_loses_no_packet() {
        let mut source = Source::default();
        assert_eq!(counted(&mut source, &[1, 1, 2, 2, 3, 3]), [true; 6]);
    }

    #[test]
    fn of_two_that_take_turns_the_first_counts() {
        let mut source = Source::default();
        assert_eq!(counted(&mut source, &[1, 2, 1, 2, 1]), [true, true, true, false, true]);
        assert!(source.is(1));
    }

    #[test]
    fn of_two_that_take_turns_the_one_that_was_announced_counts() {
        let mut source = Source { announced: Some(2), ..Source::default() };
        assert_eq!(counted(&mut source, &[1, 2, 1, 2, 1]), [true, true, false, true, false]);
        assert!(source.is(2));
        // One that was announced and never came is no reason to wait for it.
        let mut source = Source { announced: Some(9), ..Source::default() };
        assert_eq!(counted(&mut source, &[1, 2, 1, 2, 1]), [true, true, true, false, true]);
    }

    #[test]
    fn when_the_one_that_counts_is_gone_another_takes_over() {
        let mut source = Source::default();
        counted(&mut source, &[1, 2, 1]);
        let heard = counted(&mut source, &[2; SILENCE as usize]);
        assert_eq!(heard.iter().filter(|counts| **counts).count(), 1);
        assert!(source.is(2));
    }

    #[test]
    fn a_number_that_is_drawn_again_much_later_is_a_new_beginning() {
        let mut source = Source::default();
        counted(&mut source, &[1]);
        counted(&mut source, &[2; RETURN as usize + 1]);
        assert_eq!(counted(&mut source, &[1, 1, 3]), [true; 3]);
    }

    proptest! {
        #[test]
        fn one_of_any_two_sources_always_counts(
            packets in prop::collection::vec(0u32..2, 1..200),
            announced in prop::option::of(0u32..3),
        ) {
            let mut source = Source { announced, ..Source::default() };
            prop_assert!(source.counts(packets[0]));
            for packet in packets {
                let counts = source.counts(packet);
                prop_assert_eq!(counts, source.is(packet));
            }
        }
    }
}
