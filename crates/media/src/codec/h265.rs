//! H.265: sequence parameter sets (ITU-T H.265 clause 7.3.2.2, annex E) and `hvcC`
//! (ISO/IEC 14496-15 clause 8.3.3.1).

use super::ParameterSets;
use super::SpsInfo;
use super::h264::{put_sets, take_set};
use super::vui::{self, Colour, PIXEL_ASPECTS};
use crate::bits::{Bits, unescape};
use crate::mp4::boxes::Boxes;
use crate::mp4::reader::Reader;
use crate::nal::{H265_PPS as PPS, H265_SPS as SPS, H265_VPS as VPS};

/// What is read of an SPS, `hvcC`'s fields included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sps {
    pub(crate) info: SpsInfo,
    pub(crate) colour: Colour,
    pub(crate) id: u32,
    /// general_profile_space up to general_level_idc (clause 7.3.3).
    profile: [u8; 12],
    layers: u8,
    nested: bool,
    chroma_format: u8,
    bit_depths: (u8, u8),
}

/// Reads an SPS NAL unit.
pub(crate) fn read_sps(nal: &[u8]) -> Option<Sps> {
    let payload = unescape(nal.get(2..)?);
    let mut bits = Bits::new(&payload);
    bits.skip(4)?; // sps_video_parameter_set_id
    let last_layer = bits.u(3).filter(|layer| *layer < 7)?;
    let nested = bits.flag()?;
    let profile = read_profile(&mut bits, last_layer)?;
    let id = bits.ue_max(15)?;
    let chroma_format = bits.ue_max(3)?;
    let separate = chroma_format == 3 && bits.flag()?;
    let (width, height) = read_size(&mut bits, if separate { 0 } else { chroma_format })?;
    let bit_depths = (8 + bits.ue_max(8)? as u8, 8 + bits.ue_max(8)? as u8);
    let order_bits = 4 + bits.ue_max(12)?;
    let each_layer = bits.flag()?;
    let mut reorder_depth = None;
    for _ in if each_layer { 0 } else { last_layer }..=last_layer {
        bits.ue()?; // sps_max_dec_pic_buffering_minus1
        reorder_depth = Some(bits.ue_max(16)? as u8);
        bits.ue()?; // sps_max_latency_increase_plus1
    }
    let mut info =
        SpsInfo { width, height, pixel_aspect: (1, 1), reorder_depth, frame_ticks: None };
    // What follows is of use, but nothing depends on it: a fault there leaves the rest standing.
    let mut colour = Colour::default();
    let _ = read_extras(&mut bits, order_bits, &mut info, &mut colour);
    let layers = last_layer as u8 + 1;
    let chroma_format = chroma_format as u8;
    Some(Sps { info, colour, id, profile, layers, nested, chroma_format, bit_depths })
}

/// Clause 7.3.3.
fn read_profile(bits: &mut Bits<'_>, last_layer: u32) -> Option<[u8; 12]> {
    let mut profile = [0; 12];
    for byte in &mut profile {
        *byte = bits.u(8)? as u8;
    }
    let mut present = [(false, false); 8];
    for layer in present.iter_mut().take(last_layer as usize) {
        *layer = (bits.flag()?, bits.flag()?);
    }
    if last_layer > 0 {
        bits.skip(2 * (8 - last_layer as usize))?;
    }
    for (profile_present, level_present) in present {
        bits.skip(if profile_present { 88 } else { 0 })?;
        bits.skip(if level_present { 8 } else { 0 })?;
    }
    Some(profile)
}

/// The size of the shown picture (clause 7.4.3.2.1).
fn read_size(bits: &mut Bits<'_>, chroma_array_type: u32) -> Option<(u16, u16)> {
    let (width, height) = (bits.ue_max(u16::MAX.into())?, bits.ue_max(u16::MAX.into())?);
    let (unit_x, unit_y) = match chroma_array_type {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
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
    (width > 0 && height > 0).then_some((width as u16, height as u16))
}

/// The long way to the aspect ratio and the frame rate.
fn read_extras(
    bits: &mut Bits<'_>,
    order_bits: u32,
    info: &mut SpsInfo,
    colour: &mut Colour,
) -> Option<()> {
    for _ in 0..6 {
        bits.ue()?; // block sizes, transform depths
    }
    if bits.flag()? && bits.flag()? {
        skip_scaling_lists(bits)?;
    }
    bits.skip(2)?; // amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if bits.flag()? {
        bits.skip(8)?; // pcm bit depths
        bits.ue()?;
        bits.ue()?;
        bits.flag()?;
    }
    skip_reference_sets(bits)?;
    if bits.flag()? {
        for _ in 0..bits.ue_max(32)? {
            bits.skip(order_bits as usize + 1)?;
        }
    }
    bits.skip(2)?; // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
    if !bits.flag()? {
        return Some(());
    }
    if let Some(aspect) = vui::read_pixel_aspect(bits, &PIXEL_ASPECTS)? {
        info.pixel_aspect = aspect;
    }
    vui::read_colour(bits, colour)?;
    bits.skip(3)?; // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
    if bits.flag()? {
        for _ in 0..4 {
            bits.ue()?; // default display window
        }
    }
    if bits.flag()? {
        let (units, scale) = (bits.u(32)?, bits.u(32)?);
        info.frame_ticks = vui::frame_ticks(units.into(), scale);
    }
    Some(())
}

/// Clause 7.3.4.
fn skip_scaling_lists(bits: &mut Bits<'_>) -> Option<()> {
    for size in 0..4 {
        for _ in 0..if size == 3 { 2 } else { 6 } {
            if !bits.flag()? {
                bits.ue()?;
                continue;
            }
            if size > 1 {
                bits.se()?;
            }
            for _ in 0..64.min(1 << (4 + (size << 1))) {
                bits.se()?;
            }
        }
    }
    Some(())
}

/// Clause 7.3.7, for all sets of an SPS: only the counts of pictures matter for what follows.
fn skip_reference_sets(bits: &mut Bits<'_>) -> Option<()> {
    let mut pictures_before = 0;
    for set in 0..bits.ue_max(64)? {
        let predicted = set > 0 && bits.flag()?;
        if predicted {
            bits.flag()?; // delta_rps_sign
            bits.ue()?; // abs_delta_rps_minus1
            let mut pictures = 0;
            for _ in 0..=pictures_before {
                let used = bits.flag()?;
                if used || bits.flag()? {
                    pictures += 1;
                }
            }
            pictures_before = pictures;
        } else {
            pictures_before = bits.ue_max(16)? + bits.ue_max(16)?;
            for _ in 0..pictures_before {
                bits.ue()?;
                bits.flag()?;
            }
        }
    }
    Some(())
}

/// The id of a PPS NAL unit.
pub(crate) fn pps_id(nal: &[u8]) -> Option<u32> {
    let start = unescape(nal.get(2..nal.len().min(16))?);
    Bits::new(&start).ue_max(63)
}

/// The id of a VPS NAL unit.
pub(crate) fn vps_id(nal: &[u8]) -> Option<u32> {
    Some(u32::from(nal.get(2)? >> 4))
}

/// The body of `hvcC`.
pub(crate) fn build_config(sets: &ParameterSets, sps: &Sps) -> Option<Vec<u8>> {
    let mut config = Boxes::new();
    config.u8(1).bytes(&sps.profile);
    config.u16(0xf000).u8(0xfc); // no known spatial segmentation or parallelism
    config.u8(0xfc | sps.chroma_format);
    config.u8(0xf8 | (sps.bit_depths.0 - 8)).u8(0xf8 | (sps.bit_depths.1 - 8));
    config.u16(0); // average frame rate: not said
    config.u8(sps.layers << 3 | u8::from(sps.nested) << 2 | 3);
    let arrays = [(VPS, &sets.vps), (SPS, &sets.sps), (PPS, &sets.pps)];
    config.u8(arrays.iter().filter(|(_, sets)| !sets.is_empty()).count() as u8);
    for (kind, sets) in arrays.into_iter().filter(|(_, sets)| !sets.is_empty()) {
        config.u8(0x80 | kind).u16(u16::try_from(sets.len()).ok()?);
        put_sets(&mut config, sets)?;
    }
    Some(config.into_bytes())
}

/// The parameter sets in the body of `hvcC`.
pub(crate) fn read_config(config: &[u8]) -> Option<ParameterSets> {
    let mut reader = Reader::new(config);
    let version = reader.u8()?;
    reader.take(20)?;
    let length_size = reader.u8()? & 3;
    if version != 1 || length_size != 3 {
        return None;
    }
    let mut sets = ParameterSets::default();
    for _ in 0..reader.u8()? {
        let kind = reader.u8()? & 63;
        for _ in 0..reader.u16()? {
            let nal = take_set(&mut reader)?;
            match kind {
                VPS => sets.vps.push(nal),
                SPS => sets.sps.push(nal),
                PPS => sets.pps.push(nal),
                _ => {}
            }
        }
    }
    Some(sets)
}

/// The codec name after `hvc1.` from the body of `hvcC` (ISO/IEC 14496-15 annex E.3).
pub(crate) fn rfc6381(config: &[u8]) -> Option<String> {
    let mut reader = Reader::new(config.get(1..)?);
    let first = reader.u8()?;
    let compatibility = reader.u32()?.reverse_bits();
    let constraints = reader.array::<6>()?;
    let level = reader.u8()?;
    let space = ["", "A", "B", "C"][usize::from(first >> 6)];
    let tier = if first & 0x20 == 0 { 'L' } else { 'H' };
    let mut name = format!("{space}{}.{compatibility:X}.{tier}{level}", first & 31);
    let kept = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for byte in &constraints[..kept] {
        name += &format!(".{byte:X}");
    }
    Some(name)
}
