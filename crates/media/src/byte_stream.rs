//! The byte stream format (ITU-T H.264 annex B): some cameras send it where NAL units belong.

use std::sync::LazyLock;

use memchr::memmem::Finder;

const START: &[u8] = &[0, 0, 1];
/// Made once: each NAL unit of each camera is searched.
static STARTS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(START));

/// `unit` without zeros at its end, which belong to the byte stream format (ITU-T H.264 annex B)
/// and to no NAL unit.
fn without_zeros(unit: &[u8]) -> &[u8] {
    let len = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &unit[..len]
}

/// The NAL units between start codes, where there are any: none can stand inside a NAL unit.
pub fn split(units: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    STARTS.find(units)?;
    let mut begin = 0;
    let between = STARTS.find_iter(units).chain([units.len()]).map(move |at| {
        let unit = without_zeros(&units[begin..at]);
        begin = (at + START.len()).min(units.len());
        unit
    });
    Some(between.filter(|unit| !unit.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_codes_separate_units_and_zeros_around_them_go() {
        assert!(split(&[0x67, 1, 0, 0, 2]).is_none());
        let units = [0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 1, 0x65, 3, 0, 0, 0];
        let found: Vec<_> = split(&units).expect("there are start codes").collect();
        assert_eq!(found, [[0x67, 1], [0x68, 2], [0x65, 3]]);
        assert_eq!(split(&[0, 0, 1]).map(Iterator::count), Some(0));
        assert_eq!(without_zeros(&[0, 5, 0, 0]), [0, 5]);
    }
}
