//! A JPEG picture (ITU-T T.81) taken apart into what RTP sends of it (RFC 2435).

/// The longest side that a packet can say, in pixels.
pub(crate) const SIDE_MAX: u16 = 2040;
/// The tables stand in the stream, for this picture only.
const Q_OWN: u8 = 255;

/// What a client must know of a picture, and its scan.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Jpeg<'a> {
    /// 0: 4:2:2, 1: 4:2:0.
    kind: u8,
    width: u16,
    height: u16,
    /// Quantization tables of luma and chroma, one behind the other.
    tables: Vec<u8>,
    /// Bit n: the values of table n have two bytes.
    precision: u8,
    restart_interval: u16,
    /// From the first coded byte on, with EOI.
    pub(crate) scan: &'a [u8],
}

impl<'a> Jpeg<'a> {
    /// Takes a picture apart; `None` where it is no baseline JPEG of three components that RTP can
    /// carry.
    pub(crate) fn read(picture: &'a [u8]) -> Option<Self> {
        let mut rest = picture.strip_prefix(&[0xff, 0xd8])?;
        let mut found = Self {
            kind: 0,
            width: 0,
            height: 0,
            tables: Vec::new(),
            precision: 0,
            restart_interval: 0,
            scan: &[],
        };
        let mut tables: [Option<(bool, &[u8])>; 4] = [None; 4];
        let mut chroma = 0;
        loop {
            let (head, after) = rest.split_first_chunk::<4>()?;
            let len = usize::from(u16::from_be_bytes([head[2], head[3]])).checked_sub(2)?;
            let (segment, after) = after.split_at_checked(len)?;
            rest = after;
            match head[..2] {
                [0xff, 0xdb] => read_tables(segment, &mut tables)?,
                [0xff, 0xdd] => {
                    found.restart_interval = u16::from_be_bytes(*segment.first_chunk()?);
                }
                [0xff, 0xc0 | 0xc1] => {
                    let &[8, a, b, c, d, 3, _, sampling, 0, _, 0x11, of, _, 0x11, same] = segment
                    else {
                        return None;
                    };
                    found.height = u16::from_be_bytes([a, b]);
                    found.width = u16::from_be_bytes([c, d]);
                    found.kind = [0x21, 0x22].iter().position(|s| *s == sampling)? as u8;
                    chroma = Some(of).filter(|of| *of == same && *of < 4)?;
                }
                [0xff, 0xda] => break,
                [0xff, _] => {}
                _ => return None,
            }
        }
        for (number, place) in [0, usize::from(chroma)].into_iter().enumerate() {
            let (is_wide, table) = tables[place]?;
            found.precision |= u8::from(is_wide) << number;
            found.tables.extend_from_slice(table);
        }
        found.scan = rest;
        (found.width > 0 && found.height > 0).then_some(found)
    }

    /// What stands before the data of a packet that begins with byte `at` of the scan.
    pub(crate) fn header(&self, at: usize) -> Vec<u8> {
        let restarts = self.restart_interval > 0;
        let kind = self.kind + if restarts { 64 } else { 0 };
        let is_large = self.width.max(self.height) > SIDE_MAX;
        // In units of 8 pixels.
        let side = |pixels: u16| if is_large { 0 } else { pixels.div_ceil(8) as u8 };
        let mut header = (at as u32).to_be_bytes().to_vec();
        header.extend([kind, Q_OWN, side(self.width), side(self.height)]);
        if restarts {
            header.extend(self.restart_interval.to_be_bytes());
            // Intervals are not kept together: only whole pictures can be decoded.
            header.extend([0xff, 0xff]);
        }
        if at == 0 {
            header.extend([0, self.precision]);
            header.extend((self.tables.len() as u16).to_be_bytes());
            header.extend_from_slice(&self.tables);
        }
        header
    }
}

/// `DQT` (clause B.2.4.1): one or more tables, each with its place.
fn read_tables<'a>(
    mut segment: &'a [u8],
    tables: &mut [Option<(bool, &'a [u8])>; 4],
) -> Option<()> {
    while let Some((place, rest)) = segment.split_first() {
        let is_wide = place >> 4 != 0;
        let (table, rest) = rest.split_at_checked(if is_wide { 128 } else { 64 })?;
        *tables.get_mut(usize::from(place & 15))? = Some((is_wide, table));
        segment = rest;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picture(restart: bool) -> Vec<u8> {
        let mut picture = vec![0xff, 0xd8];
        for (place, value) in [(0, 3), (1, 9)] {
            picture.extend([0xff, 0xdb, 0, 67, place]);
            picture.extend([value; 64]);
        }
        picture.extend([0xff, 0xc0, 0, 17, 8, 0, 120, 0, 160, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11]);
        picture.push(1);
        if restart {
            picture.extend([0xff, 0xdd, 0, 4, 0, 10]);
        }
        picture.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]);
        picture.extend([1, 2, 3, 0xff, 0xd9]);
        picture
    }

    #[test]
    fn a_picture_is_taken_apart() {
        for restart in [false, true] {
            let picture = picture(restart);
            let jpeg = Jpeg::read(&picture).expect("is one");
            assert_eq!((jpeg.width, jpeg.height, jpeg.kind), (160, 120, 1));
            assert_eq!(jpeg.scan, [1, 2, 3, 0xff, 0xd9]);
            let marks: &[u8] = if restart { &[0, 10, 0xff, 0xff] } else { &[] };
            let kind = if restart { 65 } else { 1 };
            let later = [&[0, 0, 1, 0, kind, 255, 20, 15][..], marks].concat();
            assert_eq!(jpeg.header(256), later);
            let first = jpeg.header(0);
            assert_eq!(first[later.len()..][..5], [0, 0, 0, 128, 3]);
            assert_eq!(first.len(), later.len() + 132);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(place in 0..180usize, byte: u8, bytes: Vec<u8>) {
            let mut picture = picture(true);
            picture[place] = byte;
            Jpeg::read(&picture);
            Jpeg::read(&bytes);
        }
    }
}
