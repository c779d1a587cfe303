//! JPEG pictures (ITU-T T.81 | ISO/IEC 10918-1), as far as a recorder must read them: their size.

/// Markers (table B.1) without segments.
const STANDALONE: [std::ops::RangeInclusive<u8>; 2] = [0xd0..=0xd8, 0x01..=0x01];
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
/// Among the start-of-frame markers stand these three, which start none.
const DHT: u8 = 0xc4;
const JPG: u8 = 0xc8;
const DAC: u8 = 0xcc;

/// Width and height in pixels (clause B.2.2); `None` where the bytes are no picture, or do not say.
pub fn size(picture: &[u8]) -> Option<(u16, u16)> {
    let mut rest = picture.strip_prefix(&[0xff, 0xd8])?;
    loop {
        // Any number of fill bytes may stand before a marker.
        let after = rest.strip_prefix(&[0xff])?;
        let fill = after.iter().take_while(|byte| **byte == 0xff).count();
        let (&marker, after) = after[fill..].split_first()?;
        rest = after;
        if STANDALONE.iter().any(|range| range.contains(&marker)) {
            continue;
        }
        if matches!(marker, SOS | EOI) {
            return None;
        }
        let len = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        let segment = rest.get(2..len)?;
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, DHT | JPG | DAC) {
            // Precision, lines, samples a line.
            let &[_, a, b, c, d] = segment.first_chunk()?;
            let (height, width) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            return Some((width, height)).filter(|_| width > 0 && height > 0);
        }
        rest = &rest[len..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: [u8; 24] = [
        0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xff, 0xc4, 0, 3, 9, 0xff, 0xc0, 0, 7, 8,
        0x04, 0x38, 0x07, 0x80,
    ];

    #[test]
    fn the_size_stands_behind_other_segments_and_fill_bytes() {
        assert_eq!(size(&PICTURE), Some((1920, 1080)));
        for len in 0..PICTURE.len() {
            assert_eq!(size(&PICTURE[..len]), None);
        }
        let no_lines = [&PICTURE[..20], &[0, 0, 7, 0x80]].concat();
        assert_eq!(size(&no_lines), None, "the number of lines may follow the scan");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, place in 0..24usize, byte: u8) {
            size(&bytes);
            let mut picture = PICTURE;
            picture[place] = byte;
            size(&picture);
        }
    }
}
