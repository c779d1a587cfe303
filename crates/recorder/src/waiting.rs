//! What a lane has taken of its stream and not written yet.

use std::collections::VecDeque;

use base::{RunId, limits};
use stream::{ClockEstimate, Entry, Lost, RecorderCursor};

use crate::cut::Item;

/// Entries that wait to be written. They stay in the stream's memory too, until they are passed.
pub(crate) struct Waiting {
    cursor: RecorderCursor,
    items: VecDeque<Item>,
    /// By item, how many of what the cursor gave it stands for: those that were given up behind it
    /// go with it.
    slots: VecDeque<usize>,
}

/// What was taken in.
#[derive(Default)]
pub(crate) struct TakenIn {
    /// Frames that are missing, of which nobody was told yet.
    pub(crate) lost: Lost,
    /// The newest relation of camera time to wall time.
    pub(crate) clock: Option<(RunId, ClockEstimate)>,
    /// The newest run.
    pub(crate) run: Option<RunId>,
    /// How it ended.
    pub(crate) end: TakeEnd,
}

/// Why no more was taken in.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TakeEnd {
    /// There was no more.
    #[default]
    Empty,
    /// There is more than is written at once.
    Full,
    /// As much as is written at once waits for the disk: hurrying would not help.
    Stuck,
}

impl Waiting {
    pub(crate) fn new(cursor: RecorderCursor) -> Self {
        Self { cursor, items: VecDeque::new(), slots: VecDeque::new() }
    }

    pub(crate) fn items(&self) -> &VecDeque<Item> {
        &self.items
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether as much waits as is written at once: no more is taken in until some is written.
    pub(crate) fn is_full(&self) -> bool {
        self.room() == 0
    }

    fn room(&self) -> usize {
        let waiting: usize = self.items.iter().map(Item::size).sum();
        limits::BATCH_BYTES_MAX.saturating_sub(waiting)
    }

    /// How much waits that would be lost.
    pub(crate) fn frames(&self) -> Lost {
        lost_of(self.items.iter())
    }

    /// Takes what came since, unless much waits already.
    pub(crate) fn take_in(&mut self) -> TakenIn {
        let mut room = self.room();
        if room == 0 {
            let clock = self.cursor.clock();
            return TakenIn { end: TakeEnd::Stuck, clock, ..TakenIn::default() };
        }
        let mut all = TakenIn::default();
        loop {
            let taken = self.cursor.take(room);
            all.clock = taken.clock.or(all.clock);
            if !taken.lost.is_none() {
                self.push(Item::Lost(taken.lost));
                if !taken.told {
                    all.lost.frames += taken.lost.frames;
                    all.lost.bytes += taken.lost.bytes;
                }
            }
            if taken.lost.is_none() && taken.entries.is_empty() {
                return all;
            }
            for entry in taken.entries {
                room = room.saturating_sub(entry.size());
                all.run = Some(run_of(&entry));
                self.push(Item::Entry(entry));
            }
            if room == 0 {
                all.end = TakeEnd::Full;
                return all;
            }
        }
    }

    /// The first `count` are durable, or given up.
    pub(crate) fn pass(&mut self, count: usize) -> Lost {
        let count = count.min(self.items.len());
        let lost = lost_of(self.items.iter().take(count));
        self.items.drain(..count);
        let slots: usize = self.slots.drain(..count).sum();
        self.cursor.acknowledge(slots);
        lost
    }

    /// Gives up those of the first `count` that are frames of `track`.
    pub(crate) fn pass_track(&mut self, count: usize, track: usize) -> Lost {
        let count = count.min(self.items.len());
        let skipped = |item: &Item| item.frame().is_some_and(|(_, frame)| frame.track == track);
        let lost = lost_of(self.items.iter().take(count).filter(|item| skipped(item)));
        let (items, slots) = (std::mem::take(&mut self.items), std::mem::take(&mut self.slots));
        let mut ahead = 0;
        for (number, (item, slots)) in items.into_iter().zip(slots).enumerate() {
            match self.slots.back_mut() {
                _ if number >= count || !skipped(&item) => {
                    self.items.push_back(item);
                    self.slots.push_back(slots);
                }
                Some(before) => *before += slots,
                None => ahead += slots,
            }
        }
        self.cursor.acknowledge(ahead);
        lost
    }

    /// Asks the camera's side to end a run.
    pub(crate) fn request_end(&self, run: RunId, cause: stream::EndCause) {
        self.cursor.request_end(run, cause);
    }

    /// Nothing more is to be recorded.
    pub(crate) fn end(self) {
        self.cursor.end();
    }

    fn push(&mut self, item: Item) {
        self.items.push_back(item);
        self.slots.push_back(1);
    }
}

fn lost_of<'a>(items: impl Iterator<Item = &'a Item>) -> Lost {
    let mut lost = Lost::default();
    for item in items {
        lost.frames += u64::from(item.frame().is_some());
        lost.bytes += item.size() as u64;
    }
    lost
}

fn run_of(entry: &Entry) -> RunId {
    match entry {
        Entry::Frame(epoch, _) => epoch.run,
        Entry::End { run, .. } => *run,
    }
}
