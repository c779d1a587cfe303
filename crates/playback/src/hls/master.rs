//! The multivariant playlist: the streams of a camera as variants (RFC 8216 section 4.3.4).

use std::fmt::Write as _;

use media::TrackParams;

use super::entry::Entry;
use super::playlist::Playlist;

/// What a variant is, measured over its playlist.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Bits a second where it has most (section 4.3.4.2: over half a target duration or more).
    pub peak_bits: u64,
    /// Bits a second in the mean.
    pub mean_bits: u64,
    /// Codecs in the words of RFC 6381, each once.
    pub codecs: Vec<String>,
    /// Width and height in pixels, of the largest picture.
    pub size: Option<(u16, u16)>,
    /// Pictures a second in the mean.
    pub frame_rate: Option<f64>,
}

impl Playlist {
    /// What it is as a variant.
    pub fn variant(&self) -> Variant {
        let (mut codecs, mut size) = (Vec::new(), None);
        for params in self.inits.iter().flat_map(|init| &init.params) {
            if let Some(codec) = params.rfc6381().filter(|codec| !codecs.contains(codec)) {
                codecs.push(codec);
            }
            if let TrackParams::Video(video) = &**params {
                size = size.max(Some((video.width, video.height)));
            }
        }
        let micros: i64 = self.entries.iter().map(micros).sum();
        let bytes: u64 = self.entries.iter().map(|entry| entry.bytes).sum();
        let frames: usize = self.entries.iter().map(|entry| entry.cut.samples.len()).sum();
        let rate = frames as f64 * 1e6 / micros.max(1) as f64;
        let mean_bits = bits_a_second(bytes, micros);
        Variant {
            peak_bits: self.peak_bits().max(mean_bits),
            mean_bits,
            codecs,
            size,
            frame_rate: size.map(|_| rate),
        }
    }

    fn peak_bits(&self) -> u64 {
        let least = self.target_seconds() * 500_000;
        let mut peak = 0;
        for from in 0..self.entries.len() {
            let (mut length, mut bytes) = (0, 0);
            for entry in &self.entries[from..] {
                length += micros(entry);
                bytes += entry.bytes;
                if length >= least {
                    peak = peak.max(bits_a_second(bytes, length));
                    break;
                }
            }
        }
        peak
    }
}

fn micros(entry: &Entry) -> i64 {
    entry.cut.to.micros_since(entry.cut.from)
}

fn bits_a_second(bytes: u64, micros: i64) -> u64 {
    let bits = u128::from(bytes) * 8_000_000;
    let micros = u128::try_from(micros).unwrap_or(1).max(1);
    u64::try_from(bits.div_ceil(micros)).unwrap_or(u64::MAX)
}

/// The multivariant playlist of variants given with their addresses, the preferred one first.
pub fn master_playlist(variants: &[(String, Variant)]) -> String {
    let mut text = "#EXTM3U\n#EXT-X-VERSION:7\n".to_owned();
    for (address, variant) in variants {
        let Variant { peak_bits, mean_bits, codecs, size, frame_rate } = variant;
        let codecs = codecs.join(",");
        // Text in memory takes whatever is written.
        let _ = write!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={peak_bits},AVERAGE-BANDWIDTH={mean_bits},\
             CODECS=\"{codecs}\""
        );
        if let Some((width, height)) = size {
            let _ = write!(text, ",RESOLUTION={width}x{height}");
        }
        if let Some(rate) = frame_rate {
            let _ = write!(text, ",FRAME-RATE={rate:.3}");
        }
        let _ = writeln!(text, "\n{address}");
    }
    text
}
