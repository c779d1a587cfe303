//! A clip in memory: what a camera loops.

/// What a track is encoded with, and what a client must know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codec {
    /// H.264 with its SPS and PPS NAL units.
    H264 {
        /// SPS, then PPS.
        sets: Vec<Vec<u8>>,
    },
    /// H.265 with its VPS, SPS and PPS NAL units.
    H265 {
        /// VPS, SPS, PPS.
        sets: Vec<Vec<u8>>,
    },
    /// JPEG pictures, coded with the Huffman tables of the standard: RTP sends none.
    Jpeg {
        /// In pixels.
        width: u16,
        /// In pixels.
        height: u16,
    },
    /// AAC with its AudioSpecificConfig.
    Aac {
        /// Samples a second.
        rate: u32,
        /// Channels.
        channels: u16,
        /// AudioSpecificConfig.
        config: Vec<u8>,
    },
    /// G.711 A-law.
    Alaw {
        /// Samples a second.
        rate: u32,
        /// Channels.
        channels: u16,
    },
    /// G.711 µ-law.
    Ulaw {
        /// Samples a second.
        rate: u32,
        /// Channels.
        channels: u16,
    },
}

impl Codec {
    /// Whether it is video.
    pub const fn is_video(&self) -> bool {
        matches!(self, Self::H264 { .. } | Self::H265 { .. } | Self::Jpeg { .. })
    }

    /// Ticks a second of its RTP clock.
    pub const fn hertz(&self) -> u32 {
        match self {
            Self::H264 { .. } | Self::H265 { .. } | Self::Jpeg { .. } => 90_000,
            Self::Aac { rate, .. } | Self::Alaw { rate, .. } | Self::Ulaw { rate, .. } => *rate,
        }
    }

    /// Parameter sets, for video.
    pub fn sets(&self) -> &[Vec<u8>] {
        match self {
            Self::H264 { sets } | Self::H265 { sets } => sets,
            _ => &[],
        }
    }
}

/// A whole clip in memory.
#[derive(Clone, Debug)]
pub struct Clip {
    pub(crate) tracks: Vec<Track>,
}

#[derive(Clone, Debug)]
pub(crate) struct Track {
    pub(crate) codec: Codec,
    pub(crate) timescale: u32,
    pub(crate) samples: Vec<Sample>,
    /// From the first sample's decode time to the end of the last.
    pub(crate) length: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) dts: i64,
    pub(crate) pts: i64,
    pub(crate) duration: u32,
    pub(crate) key: bool,
    pub(crate) data: Vec<u8>,
}

impl Clip {
    /// The codecs of its tracks, video first.
    pub fn codecs(&self) -> impl Iterator<Item = &Codec> {
        self.tracks.iter().map(|track| &track.codec)
    }

    /// Samples of track `track`, in decode order: their bytes as they stand in the file.
    pub fn samples(&self, track: usize) -> impl Iterator<Item = &[u8]> {
        self.tracks.get(track).into_iter().flat_map(|t| t.samples.iter().map(|s| &*s.data))
    }

    /// Seconds of its leading track.
    pub fn seconds(&self) -> f64 {
        self.tracks.first().map_or(0.0, Track::seconds)
    }
}

impl Track {
    pub(crate) fn seconds(&self) -> f64 {
        self.length as f64 / f64::from(self.timescale)
    }

    /// The first key sample at or after a sample number that may be beyond the end: the loop goes
    /// on from the start.
    pub(crate) fn key_from(&self, at: usize) -> usize {
        let count = self.samples.len().max(1);
        (0..count).map(|i| (at + i) % count).find(|i| self.samples[*i].key).unwrap_or(0)
    }
}

/// The NAL units of a sample.
pub(crate) fn units(mut sample: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = sample.split_first_chunk()?;
        let (unit, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        sample = rest;
        Some(unit)
    })
}
