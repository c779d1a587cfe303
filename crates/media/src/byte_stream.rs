//! The byte stream format (ITU-T H.264 annex B): some cameras send it where NAL units belong.

use memchr::memmem;

/// `unit` without zeros at its end, which belong to the byte stream format (ITU-T H.264 annex B)
/// and to no NAL unit.
fn without_zeros(unit: &[u8]) -> &[u8] {
    let len = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &unit[..len]
}

/// The NAL units between start codes, where there are any: none can stand inside a NAL unit.
pub fn split(units: &[u8]) -> Option<Vec<Vec<u8>>> {
    const START: &[u8] = &[0, 0, 1];
    memmem::find(units, START)?;
    let mut all = Vec::new();
    let mut begin = 0;
    for at in memmem::find_iter(units, START).chain([units.len()]) {
        let unit = without_zeros(&units[begin..at]);
        if !unit.is_empty() {
            all.push(unit.to_vec());
        }
        begin = (at + START.len()).min(units.len());
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_codes_separate_units_and_zeros_around_them_go() {
        assert_eq!(split(&[0x67, 1, 0, 0, 2]), None);
        let units = [0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 1, 0x65, 3, 0, 0, 0];
        let found = split(&units).expect("there are start codes");
        assert_eq!(found, [vec![0x67, 1], vec![0x68, 2], vec![0x65, 3]]);
        assert_eq!(split(&[0, 0, 1]), Some(vec![]));
        assert_eq!(without_zeros(&[0, 5, 0, 0]), [0, 5]);
    }
}
