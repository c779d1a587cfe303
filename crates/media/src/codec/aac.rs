//! AAC: AudioSpecificConfig (ISO/IEC 14496-3 clause 1.6.2.1).

use crate::bits::Bits;

/// What an AudioSpecificConfig says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AacInfo {
    /// 2 is AAC-LC.
    pub(crate) object_type: u32,
    /// Samples a second that come out of the decoder.
    pub(crate) sample_rate: u32,
    pub(crate) channels: u16,
    /// Samples in one frame at that rate.
    pub(crate) frame_samples: u32,
}

/// Table 1.18.
const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
];
/// Spectral band replication, and parametric stereo on top of it.
const SBR: u32 = 5;
const PS: u32 = 29;

pub(crate) fn read(config: &[u8]) -> Option<AacInfo> {
    let mut bits = Bits::new(config);
    let object_type = read_object_type(&mut bits)?;
    let mut sample_rate = read_rate(&mut bits)?;
    let channels = match bits.u(4)? {
        0 => 2, // a program config element says; nearly always stereo
        7 => 8,
        channels @ 1..=6 => channels as u16,
        _ => return None,
    };
    let mut frame_samples = 1024;
    let mut core = object_type;
    if object_type == SBR || object_type == PS {
        sample_rate = read_rate(&mut bits)?;
        core = read_object_type(&mut bits)?;
        frame_samples = 2048;
    }
    // frameLengthFlag of GASpecificConfig (clause 4.4.1).
    if matches!(core, 1..=4 | 6 | 7) && bits.flag() == Some(true) {
        frame_samples = frame_samples / 1024 * 960;
    }
    Some(AacInfo { object_type, sample_rate, channels, frame_samples })
}

fn read_object_type(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.u(5)? {
        31 => Some(32 + bits.u(6)?),
        object_type => Some(object_type),
    }
}

fn read_rate(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.u(4)? {
        15 => bits.u(24).filter(|rate| (1..=768_000).contains(rate)),
        index => RATES.get(index as usize).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configs_of_common_cameras_are_read() {
        let lc = AacInfo { object_type: 2, sample_rate: 48_000, channels: 2, frame_samples: 1024 };
        assert_eq!(read(&[0x11, 0x90]), Some(lc));
        let mono = AacInfo { sample_rate: 16_000, channels: 1, ..lc };
        assert_eq!(read(&[0x14, 0x08]), Some(mono));
        // HE-AAC: 22,050 Hz core, 44,100 Hz out.
        let he = AacInfo { object_type: 5, sample_rate: 44_100, channels: 2, frame_samples: 2048 };
        assert_eq!(read(&[0x2b, 0x92, 0x08, 0x00]), Some(he));
        assert_eq!(read(&[0x11]), None);
    }
}
