//! Troubles that last: what looks again and again says each when it begins and when its words
//! change, whatever else goes wrong or right beside it.

use std::collections::BTreeMap;

/// What is wrong at present, each kind of trouble with its words.
pub struct Lasting<Kind> {
    now: BTreeMap<Kind, String>,
}

impl<Kind> Default for Lasting<Kind> {
    fn default() -> Self {
        Self { now: BTreeMap::new() }
    }
}

impl<Kind: Ord> Lasting<Kind> {
    /// What there is to say of `kind`, which is so now: `words` where they are news. None is the
    /// end of it.
    pub fn news(&mut self, kind: Kind, words: Option<String>) -> Option<&str> {
        let Some(words) = words else {
            self.now.remove(&kind);
            return None;
        };
        let known = self.now.entry(kind).or_default();
        let is_new = *known != words;
        *known = words;
        is_new.then_some(known.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_trouble_is_news_when_it_begins_and_changes_whatever_others_do() {
        let mut lasting = Lasting::default();
        let mut news = |kind: &'static str, words: Option<&str>| {
            lasting.news(kind, words.map(str::to_owned)).map(str::to_owned)
        };
        assert_eq!(news("disk", Some("full")).as_deref(), Some("full"));
        for _ in 0..3 {
            // The other is well, then not: that tells nothing new of the first.
            assert_eq!(news("rows", None), None);
            assert_eq!(news("disk", Some("full")), None);
        }
        assert_eq!(news("rows", Some("busy")).as_deref(), Some("busy"));
        assert_eq!(news("disk", Some("full")), None);
        assert_eq!(news("disk", Some("gone")).as_deref(), Some("gone"));
        assert_eq!(news("disk", None), None);
        assert_eq!(news("disk", Some("gone")).as_deref(), Some("gone"));
        assert_eq!(news("rows", Some("busy")), None);
    }
}
