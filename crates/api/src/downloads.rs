//! Which downloads of exports stand in the audit already: one that is fetched in parts, or goes on
//! after a break, is one download.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use base::{ExportId, MonoTime, limits};

/// Who took what away lately, the oldest first.
#[derive(Default)]
pub(crate) struct Downloads(Mutex<VecDeque<Noted>>);

struct Noted {
    who: String,
    export: ExportId,
    at: MonoTime,
}

impl Downloads {
    /// Whether it was noted so lately that this request belongs to that download.
    pub fn is_noted(&self, who: &str, export: ExportId, now: MonoTime) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|noted| now.since(noted.at) < limits::EXPORT_DOWNLOAD_NOTED);
        all.iter().any(|noted| noted.export == export && noted.who == who)
    }

    /// It stands in the audit. What is forgotten for want of room is noted there once more.
    pub fn note(&self, who: String, export: ExportId, now: MonoTime) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while all.len() >= limits::EXPORT_DOWNLOADS_MAX {
            all.pop_front();
        }
        all.push_back(Noted { who, export, at: now });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_noted_for_some_minutes_of_one_person_and_one_export() {
        let downloads = Downloads::default();
        let (first, other) = (ExportId::from_bytes([1; 16]), ExportId::from_bytes([2; 16]));
        let now = MonoTime::from_micros(7);
        assert!(!downloads.is_noted("ada", first, now));
        downloads.note("ada".into(), first, now);
        assert!(downloads.is_noted("ada", first, now));
        assert!(!downloads.is_noted("bob", first, now) && !downloads.is_noted("ada", other, now));
        let later = now + limits::EXPORT_DOWNLOAD_NOTED;
        assert!(!downloads.is_noted("ada", first, later));
        for _ in 0..=limits::EXPORT_DOWNLOADS_MAX {
            downloads.note("bob".into(), other, now);
        }
        assert!(!downloads.is_noted("ada", first, now), "there is no room for all of them");
    }
}
