//! What video usability information of H.264 and H.265 has in common (annex E of both).

use crate::bits::Bits;

/// Table E-1: sample aspect ratios by `aspect_ratio_idc`; 0 is unspecified.
pub(crate) const PIXEL_ASPECTS: [(u16, u16); 17] = [
    (0, 0),
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];
/// `aspect_ratio_idc` that is followed by the ratio itself.
const EXTENDED: u32 = 255;

/// Sample aspect ratio, `Some(None)` where it is not said.
#[allow(clippy::option_option)]
pub(crate) fn read_pixel_aspect(
    bits: &mut Bits<'_>,
    known: &[(u16, u16)],
) -> Option<Option<(u16, u16)>> {
    if !bits.flag()? {
        return Some(None);
    }
    let ratio = match bits.u(8)? {
        EXTENDED => (bits.u(16)? as u16, bits.u(16)? as u16),
        idc => known.get(idc as usize).copied().unwrap_or_default(),
    };
    Some(Some(ratio).filter(|(across, down)| *across > 0 && *down > 0))
}

/// How a picture's samples stand for colours (ITU-T H.273).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Colour {
    /// Whether black and white are 0 and 255, not 16 and 235.
    pub full_range: bool,
    /// `MatrixCoefficients` (clause 8.3); 2 where the stream does not say.
    pub matrix: u8,
}

impl Colour {
    /// What JPEG pictures have (JFIF, ITU-T T.871 clause 7): all values, by BT.601.
    pub const JFIF: Self = Self { full_range: true, matrix: 5 };
}

impl Default for Colour {
    fn default() -> Self {
        Self { full_range: false, matrix: 2 }
    }
}

/// Reads video signal type, and passes over overscan and chroma location.
pub(crate) fn read_colour(bits: &mut Bits<'_>, colour: &mut Colour) -> Option<()> {
    if bits.flag()? {
        bits.flag()?; // overscan_appropriate_flag
    }
    if bits.flag()? {
        bits.skip(3)?; // video_format
        colour.full_range = bits.flag()?;
        if bits.flag()? {
            bits.skip(16)?; // primaries, transfer
            colour.matrix = bits.u(8)? as u8;
        }
    }
    if bits.flag()? {
        bits.ue()?;
        bits.ue()?;
    }
    Some(())
}

/// The distance of two frames in ticks of 90 kHz, from one to 1/240 second and up to 100 s.
pub(crate) fn frame_ticks(units: u64, scale: u32) -> Option<u32> {
    let ticks = (units * 90_000).checked_div(scale.into())?;
    u32::try_from(ticks).ok().filter(|ticks| (375..=9_000_000).contains(ticks))
}
