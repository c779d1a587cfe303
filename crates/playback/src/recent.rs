//! What was unpacked of sealed segments lately, for whoever asks next.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use base::{SegmentId, limits};
use catalog::{SegmentRow, SegmentState};
use media::CommitRef;

/// A segment, and what it ends with: a repaired one has another index.
type Content = (SegmentId, CommitRef);

/// What all readers share, each under its segment's last commit, the newest last.
pub(crate) struct Recent<T>(Mutex<VecDeque<(Content, Arc<T>)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Recent<T> {
    /// That of a segment which somebody has asked for lately.
    pub fn get(&self, segment: &SegmentRow) -> Option<Arc<T>> {
        let content = content(segment)?;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = held.iter().position(|(of, _)| *of == content)?;
        let found = held.remove(at)?;
        held.push_back(found.clone());
        Some(found.1)
    }

    /// Holds what is of a sealed segment, which never changes.
    pub fn put(&self, segment: &SegmentRow, own: &Arc<T>) {
        let Some(content) = content(segment) else { return };
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(of, _)| *of != content);
        while held.len() >= limits::INDEXES_HELD_MAX {
            held.pop_front();
        }
        held.push_back((content, own.clone()));
    }
}

/// Whether what a segment holds is that for ever.
pub(crate) fn is_final(segment: &SegmentRow) -> bool {
    content(segment).is_some()
}

fn content(segment: &SegmentRow) -> Option<Content> {
    let last = segment.last_commit.filter(|_| segment.state == SegmentState::Sealed)?;
    Some((segment.id, last))
}
