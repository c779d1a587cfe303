//! H.264: sequence parameter sets (ITU-T H.264 clause 7.3.2.1.1, annex E) and `avcC`
//! (ISO/IEC 14496-15 clause 5.3.3.1).

use bytes::Bytes;

use super::ParameterSets;
use super::SpsInfo;
use super::vui::{self, Colour, PIXEL_ASPECTS};
use crate::bits::{Bits, unescape};
use crate::mp4::boxes::Boxes;
use crate::mp4::reader::Reader;

/// What is read of an SPS, `avcC`'s fields included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sps {
    pub(crate) info: SpsInfo,
    pub(crate) colour: Colour,
    pub(crate) id: u32,
    chroma_format: u32,
    bit_depths: (u32, u32),
}

/// Profiles whose SPS has the chroma fields (clause 7.3.2.1.1).
const WITH_CHROMA: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/// Profiles that are intra-only when constraint_set3_flag is set (clause A.2.8 and on).
const MAYBE_INTRA: [u8; 5] = [44, 86, 110, 122, 244];
/// Baseline has no B slices (clause A.2.1).
const BASELINE: u8 = 66;

/// Reads an SPS NAL unit.
pub(crate) fn read_sps(nal: &[u8]) -> Option<Sps> {
    let payload = unescape(nal.get(1..)?);
    let (profile, constraints) = (*payload.first()?, *payload.get(1)?);
    let mut bits = Bits::new(payload.get(3..)?);
    let id = bits.ue_max(31)?;
    let (mut chroma_format, mut bit_depths, mut separate) = (1, (8, 8), false);
    if WITH_CHROMA.contains(&profile) {
        chroma_format = bits.ue_max(3)?;
        separate = chroma_format == 3 && bits.flag()?;
        bit_depths = (8 + bits.ue_max(6)?, 8 + bits.ue_max(6)?);
        bits.flag()?; // qpprime_y_zero_transform_bypass_flag
        if bits.flag()? {
            skip_scaling_lists(&mut bits, if chroma_format == 3 { 12 } else { 8 })?;
        }
    }
    bits.ue_max(12)?; // log2_max_frame_num_minus4
    let order_type = skip_picture_order(&mut bits)?;
    bits.ue()?; // max_num_ref_frames
    bits.flag()?; // gaps_in_frame_num_value_allowed_flag
    let chroma = if separate { 0 } else { chroma_format };
    let (width, height) = read_size(&mut bits, chroma)?;
    let vui = if bits.flag()? { read_vui(&mut bits) } else { Vui::default() };

    let intra_only = MAYBE_INTRA.contains(&profile) && constraints & 0x10 != 0;
    let in_order = order_type == 2 || profile == BASELINE || intra_only;
    let reorder_depth = vui.reorder_depth.or(in_order.then_some(0));
    let info = SpsInfo {
        width,
        height,
        pixel_aspect: vui.pixel_aspect.unwrap_or((1, 1)),
        reorder_depth,
        frame_ticks: vui.frame_ticks,
    };
    Some(Sps { info, colour: vui.colour, id, chroma_format, bit_depths })
}

/// Clause 7.3.2.1.1.1.
fn skip_scaling_lists(bits: &mut Bits<'_>, lists: u32) -> Option<()> {
    for list in 0..lists {
        if !bits.flag()? {
            continue;
        }
        let (mut last, mut next) = (8i64, 8i64);
        for _ in 0..if list < 6 { 16 } else { 64 } {
            if next != 0 {
                next = (last + bits.se()?).rem_euclid(256);
            }
            last = if next == 0 { last } else { next };
        }
    }
    Some(())
}

/// Passes over the fields of picture order count; its type.
fn skip_picture_order(bits: &mut Bits<'_>) -> Option<u32> {
    let order_type = bits.ue_max(2)?;
    if order_type == 0 {
        bits.ue_max(12)?;
    } else if order_type == 1 {
        bits.flag()?;
        bits.se()?;
        bits.se()?;
        for _ in 0..bits.ue_max(255)? {
            bits.se()?;
        }
    }
    Some(order_type)
}

/// The size of the shown picture (clause 7.4.2.1.1, equations 7-19 to 7-22).
fn read_size(bits: &mut Bits<'_>, chroma_array_type: u32) -> Option<(u16, u16)> {
    let width = bits.ue_max(4095)?.checked_add(1)? * 16;
    let map_units = bits.ue_max(4095)?.checked_add(1)?;
    let frames_only = bits.flag()?;
    if !frames_only {
        bits.flag()?; // mb_adaptive_frame_field_flag
    }
    bits.flag()?; // direct_8x8_inference_flag
    let fields = if frames_only { 1 } else { 2 };
    let height = map_units * 16 * fields;
    let (unit_x, unit_y) = match chroma_array_type {
        1 => (2, 2 * fields),
        2 => (2, fields),
        _ => (1, fields),
    };
    let mut crop = [0; 4];
    if bits.flag()? {
        for side in &mut crop {
            *side = bits.ue_max(u16::MAX.into())?;
        }
    }
    let [left, right, top, bottom] = crop;
    let width = width.checked_sub((left + right) * unit_x)?;
    let height = height.checked_sub((top + bottom) * unit_y)?;
    let (width, height) = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
    (width > 0 && height > 0).then_some((width, height))
}

#[derive(Default)]
struct Vui {
    pixel_aspect: Option<(u16, u16)>,
    frame_ticks: Option<u32>,
    reorder_depth: Option<u8>,
    colour: Colour,
}

/// Annex E.1.1. Cameras cut it short or fill it wrongly: what was read up to there counts.
fn read_vui(bits: &mut Bits<'_>) -> Vui {
    let mut vui = Vui::default();
    let _ = fill_vui(bits, &mut vui);
    vui
}

fn fill_vui(bits: &mut Bits<'_>, vui: &mut Vui) -> Option<()> {
    vui.pixel_aspect = vui::read_pixel_aspect(bits, &PIXEL_ASPECTS)?;
    vui::read_colour(bits, &mut vui.colour)?;
    if bits.flag()? {
        let (units, scale) = (bits.u(32)?, bits.u(32)?);
        bits.flag()?; // fixed_frame_rate_flag
        // A frame lasts two ticks of this clock, which counts fields (clause E.2.1).
        vui.frame_ticks = vui::frame_ticks(u64::from(units) * 2, scale);
    }
    let mut hypothetical_decoder = false;
    for _ in 0..2 {
        if bits.flag()? {
            hypothetical_decoder = true;
            skip_hrd(bits)?;
        }
    }
    if hypothetical_decoder {
        bits.flag()?; // low_delay_hrd_flag
    }
    bits.flag()?; // pic_struct_present_flag
    if bits.flag()? {
        bits.flag()?; // motion_vectors_over_pic_boundaries_flag
        for _ in 0..4 {
            bits.ue()?;
        }
        vui.reorder_depth = Some(bits.ue_max(16)? as u8);
    }
    Some(())
}

/// Annex E.1.2.
fn skip_hrd(bits: &mut Bits<'_>) -> Option<()> {
    let count = bits.ue_max(31)? + 1;
    bits.skip(8)?;
    for _ in 0..count {
        bits.ue()?;
        bits.ue()?;
        bits.flag()?;
    }
    bits.skip(20)
}

/// The id of a PPS NAL unit.
pub(crate) fn pps_id(nal: &[u8]) -> Option<u32> {
    let start = unescape(nal.get(1..nal.len().min(16))?);
    Bits::new(&start).ue_max(255)
}

/// The body of `avcC`.
pub(crate) fn build_config(sets: &ParameterSets, sps: &Sps) -> Option<Vec<u8>> {
    let first = sets.sps.first().filter(|first| first.len() >= 4)?;
    let (sps_count, pps_count) = (u8::try_from(sets.sps.len()), u8::try_from(sets.pps.len()));
    let mut config = Boxes::new();
    config.u8(1).bytes(&first[1..4]).u8(0xff);
    config.u8(0xe0 | sps_count.ok().filter(|count| *count < 32)?);
    put_sets(&mut config, &sets.sps)?;
    config.u8(pps_count.ok()?);
    put_sets(&mut config, &sets.pps)?;
    if WITH_CHROMA.contains(&first[1]) {
        config.u8(0xfc | sps.chroma_format as u8);
        config.u8(0xf8 | (sps.bit_depths.0 - 8) as u8).u8(0xf8 | (sps.bit_depths.1 - 8) as u8);
        config.u8(0); // no SPS extensions
    }
    Some(config.into_bytes())
}

/// Each NAL unit after its length in 2 bytes.
pub(crate) fn put_sets(config: &mut Boxes, sets: &[Bytes]) -> Option<()> {
    for nal in sets {
        config.u16(u16::try_from(nal.len()).ok()?).bytes(nal);
    }
    Some(())
}

/// The parameter sets in the body of `avcC`.
pub(crate) fn read_config(config: &[u8]) -> Option<ParameterSets> {
    let mut reader = Reader::new(config);
    let version = reader.u8()?;
    reader.take(3)?;
    let length_size = reader.u8()? & 3;
    if version != 1 || length_size != 3 {
        return None;
    }
    let mut sets = ParameterSets::default();
    for _ in 0..reader.u8()? & 31 {
        sets.sps.push(take_set(&mut reader)?);
    }
    for _ in 0..reader.u8()? {
        sets.pps.push(take_set(&mut reader)?);
    }
    Some(sets)
}

/// One NAL unit after its length in 2 bytes.
pub(crate) fn take_set(reader: &mut Reader<'_>) -> Option<Bytes> {
    let len = reader.u16()?;
    reader.take(len.into()).map(Bytes::copy_from_slice)
}
