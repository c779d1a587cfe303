//! From one key frame to a picture. Called in a worker only.

use media::{Colour, VideoCodec, VideoParams, nal};
use rust_h265::decoder::DecodeLimits;

use crate::job::Cell;
use crate::planes::{Plane, Planes};

/// Pixels of a picture that is decoded: 8192 × 4352, H.264's and H.265's level 6.2.
const PIXELS_MAX: u64 = 35_651_584;
/// Bytes that the H.265 decoder may take.
const DECODER_BYTES_MAX: u64 = 512 << 20;

/// Decodes the key frame of a cell, or says why not.
pub(crate) fn decode(cell: &Cell) -> Result<Planes, String> {
    let params = match cell.codec {
        VideoCodec::Jpeg => VideoParams::of_jpeg(&cell.data).ok_or("this is no JPEG picture")?,
        codec => {
            VideoParams::from_config(codec, &cell.config).map_err(|error| error.to_string())?
        }
    };
    if u64::from(params.width) * u64::from(params.height) > PIXELS_MAX {
        let (width, height) = (params.width, params.height);
        return Err(format!("a picture of {width}×{height} is too large to be decoded here"));
    }
    let colour = params.colour();
    match cell.codec {
        VideoCodec::H264 => h264(cell, colour),
        VideoCodec::H265 => h265(cell, &params, colour),
        VideoCodec::Jpeg => jpeg(cell, colour),
    }
}

fn h264(cell: &Cell, colour: Colour) -> Result<Planes, String> {
    use rust_h264::decoder::Decoder;
    use rust_h264::nal::{parse_avcc, parse_avcc_config};

    let fault = |error: &dyn std::fmt::Display| format!("the H.264 picture is damaged: {error}");
    let config = parse_avcc_config(&cell.config).map_err(|error| fault(&error))?;
    let mut decoder = Decoder::new();
    let sets = config.sps_nals.iter().chain(&config.pps_nals);
    let own = parse_avcc(&cell.data, 4);
    let mut picture = None;
    for unit in sets.chain(&own) {
        let decoded = decoder.decode_nal(unit).map_err(|error| fault(&error))?;
        picture = picture.or(decoded);
    }
    let frame = picture.or_else(|| decoder.flush()).ok_or_else(|| fault(&"nothing is shown"))?;
    let wide = frame.bytes_per_sample() > 1;
    let samples = |plane: Vec<u8>| match wide {
        false => plane,
        true => {
            let deep = plane.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]]));
            deep.map(|sample| shallow(sample, frame.bit_depth)).collect()
        }
    };
    let small = (frame.chroma_width(), frame.chroma_height());
    planes(
        [
            (frame.width, frame.height, samples(frame.y)),
            (small.0, small.1, samples(frame.u)),
            (small.0, small.1, samples(frame.v)),
        ],
        colour,
    )
}

fn h265(cell: &Cell, params: &VideoParams, colour: Colour) -> Result<Planes, String> {
    use rust_h265::{Decoder, parse_nal};

    let fault = |error: &dyn std::fmt::Display| format!("the H.265 picture is damaged: {error}");
    let sets = params.parameter_sets().map_err(|error| fault(&error))?;
    let limits = DecodeLimits {
        max_picture_pixels: PIXELS_MAX,
        max_picture_memory_bytes: DECODER_BYTES_MAX,
    };
    let mut decoder = Decoder::with_limits(limits);
    let sets = sets.vps.iter().chain(&sets.sps).chain(&sets.pps).map(|set| &**set);
    let mut picture = None;
    for unit in sets.chain(nal::units(&cell.data)).filter_map(parse_nal) {
        let decoded = decoder.decode_nal(&unit).map_err(|error| fault(&error))?;
        picture = picture.or(decoded);
    }
    let frame = picture.or_else(|| decoder.flush()).ok_or_else(|| fault(&"nothing is shown"))?;
    let (across, down) = match frame.chroma_format_idc {
        1 => (2, 2),
        2 => (2, 1),
        3 => (1, 1),
        _ => return Err(fault(&"its colours are stored in another way")),
    };
    let depth = frame.bit_depth;
    let samples = |eight: Option<&[u8]>, deep: Option<&[u16]>| match eight {
        Some(samples) => samples.to_vec(),
        None => {
            let deep = deep.unwrap_or_default();
            deep.iter().map(|sample| shallow(*sample, depth)).collect()
        }
    };
    let small = (frame.width / across, frame.height / down);
    planes(
        [
            (frame.width, frame.height, samples(frame.y.as_u8(), frame.y.as_u16())),
            (small.0, small.1, samples(frame.u.as_u8(), frame.u.as_u16())),
            (small.0, small.1, samples(frame.v.as_u8(), frame.v.as_u16())),
        ],
        colour,
    )
}

fn jpeg(cell: &Cell, colour: Colour) -> Result<Planes, String> {
    use zune_jpeg::JpegDecoder;
    use zune_jpeg::zune_core::bytestream::ZCursor;
    use zune_jpeg::zune_core::colorspace::ColorSpace;
    use zune_jpeg::zune_core::options::DecoderOptions;

    let fault = |error: &dyn std::fmt::Display| format!("the JPEG picture is damaged: {error}");
    // Its own conversion would lose what fits neither; ours is made for every codec.
    let options = DecoderOptions::default()
        // A picture that breaks off would be grey from there on, and count as a good one.
        .set_strict_mode(true)
        .set_max_width(u16::MAX.into())
        .set_max_height(u16::MAX.into())
        .jpeg_set_out_colorspace(ColorSpace::YCbCr);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&*cell.data), options);
    let samples = decoder.decode().map_err(|error| fault(&error))?;
    let (width, height) = decoder.dimensions().ok_or_else(|| fault(&"nothing is shown"))?;
    // Chroma is as large as luma by now.
    let plane = |of: usize| {
        let samples = samples.iter().skip(of).step_by(3).copied().collect();
        (width as u32, height as u32, samples)
    };
    planes([plane(0), plane(1), plane(2)], colour)
}

/// A sample of more than 8 bits in 8.
fn shallow(sample: u16, depth: u8) -> u8 {
    (sample >> depth.saturating_sub(8)).min(255) as u8
}

/// Puts planes together whose lengths fit their sizes.
fn planes(of: [(u32, u32, Vec<u8>); 3], colour: Colour) -> Result<Planes, String> {
    let [luma, blue, red] = of.map(|(width, height, samples)| Plane { width, height, samples });
    let fits = |plane: &Plane| {
        let len = u64::from(plane.width) * u64::from(plane.height);
        len > 0 && plane.samples.len() as u64 == len
    };
    if ![&luma, &blue, &red].into_iter().all(fits) {
        return Err("the decoder gave planes that do not fit the picture".into());
    }
    Ok(Planes { luma, chroma: [blue, red], colour })
}
