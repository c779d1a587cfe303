//! Files of segments, read in turn with others who read from the same volume, after its recorder.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use archive::{ReadGate, SegmentPlace, SegmentReader, Urgency, Volume};

use crate::source::SegmentFile;

/// Reads of a file for which somebody waits: a key frame, the beginning of a body. What is read
/// after them goes on.
const FIRST_READS: u32 = 2;

/// One segment's file.
pub(crate) struct GatedFile {
    file: SegmentReader,
    gate: ReadGate,
    reads: AtomicU32,
    first: Urgency,
    /// What the disk was told that it is asked for: it is there, or on its way.
    on_its_way: Mutex<Range<u64>>,
}

impl GatedFile {
    /// Opens the file, which may take some reads by itself. That, and the first reads of it, are as
    /// urgent as `first`.
    pub fn of(volume: &Volume, place: &SegmentPlace, first: Urgency) -> io::Result<Self> {
        let _turn = volume.gate().enter(first)?;
        let (file, gate) = (volume.reader(place)?, volume.gate().clone());
        let (reads, on_its_way) = (AtomicU32::new(0), Mutex::new(0..0));
        Ok(Self { file, gate, reads, first, on_its_way })
    }

    /// Guards memory only.
    fn on_its_way(&self) -> MutexGuard<'_, Range<u64>> {
        self.on_its_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn urgency(&self) -> Urgency {
        match (self.reads.fetch_add(1, Ordering::Relaxed), self.first) {
            (FIRST_READS.., Urgency::Soon) => Urgency::Later,
            (_, first) => first,
        }
    }
}

impl SegmentFile for GatedFile {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_part_at(buffer, offset, buffer.len() as u64)
    }

    fn read_part_at(&self, buffer: &mut [u8], offset: u64, len: u64) -> io::Result<()> {
        let end = offset + buffer.len() as u64;
        let known = self.on_its_way().clone();
        if known.start <= offset && end <= known.end {
            return self.file.read_at(buffer, offset);
        }
        let _turn = self.gate.enter(self.urgency())?;
        if len > buffer.len() as u64 {
            self.file.will_read(offset, len);
        }
        self.file.read_at(buffer, offset)?;
        // Where the disk gave nothing there is nothing on its way either.
        if len > buffer.len() as u64 {
            *self.on_its_way() = offset..offset + len;
        }
        Ok(())
    }
}
