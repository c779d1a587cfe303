//! A decoded picture: luma and two chroma planes of 8 bits, and from there to RGB.

use media::Colour;

/// One plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plane {
    pub width: u32,
    pub height: u32,
    /// Row by row.
    pub samples: Vec<u8>,
}

/// A picture as it was decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planes {
    pub luma: Plane,
    /// Cb and Cr, at the resolution of the stream.
    pub chroma: [Plane; 2],
    pub colour: Colour,
}

/// Pictures this high and higher that do not say their colour have that of HDTV.
const HD_LINES: u32 = 720;
/// `MatrixCoefficients` (ITU-T H.273 clause 8.3).
const BT709: u8 = 1;
const UNSPECIFIED: u8 = 2;
const BT2020: [u8; 2] = [9, 10];

impl Planes {
    /// The picture in RGB, three bytes a pixel, at another size.
    pub fn rgb(&self, width: u32, height: u32) -> Vec<u8> {
        let luma = self.luma.scaled(width, height);
        let [blue, red] = &self.chroma;
        let (blue, red) = (blue.scaled(width, height), red.scaled(width, height));
        let convert = self.conversion();
        let mut rgb = Vec::with_capacity(luma.len() * 3);
        for ((luma, blue), red) in luma.iter().zip(&blue).zip(&red) {
            rgb.extend(convert.pixel(*luma, *blue, *red));
        }
        rgb
    }

    fn conversion(&self) -> Conversion {
        // Kr and Kb of ITU-R BT.601, BT.709 and BT.2020.
        let (kr, kb) = match self.colour.matrix {
            BT709 => (0.2126, 0.0722),
            UNSPECIFIED if self.luma.height >= HD_LINES => (0.2126, 0.0722),
            of if BT2020.contains(&of) => (0.2627, 0.0593),
            _ => (0.299, 0.114),
        };
        let kg = 1.0 - kr - kb;
        let (black, luma, chroma) = match self.colour.full_range {
            true => (0, 1.0, 1.0),
            false => (16, 255.0 / 219.0, 255.0 / 224.0),
        };
        let fixed = |value: f64| (value * f64::from(1 << BITS)).round() as i32;
        Conversion {
            black,
            luma: fixed(luma),
            red: fixed(2.0 * (1.0 - kr) * chroma),
            green: (
                fixed(2.0 * kb * (1.0 - kb) / kg * chroma),
                fixed(2.0 * kr * (1.0 - kr) / kg * chroma),
            ),
            blue: fixed(2.0 * (1.0 - kb) * chroma),
        }
    }
}

/// Bits after the point.
const BITS: i32 = 14;

/// From luma and chroma to RGB (ITU-T H.273 clause 8.3), in fixed point.
struct Conversion {
    black: i32,
    luma: i32,
    red: i32,
    green: (i32, i32),
    blue: i32,
}

impl Conversion {
    fn pixel(&self, luma: u8, blue: u8, red: u8) -> [u8; 3] {
        let light = (i32::from(luma) - self.black) * self.luma + (1 << (BITS - 1));
        let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
        let green = self.green.0 * blue + self.green.1 * red;
        [light + self.red * red, light - green, light + self.blue * blue]
            .map(|value| (value >> BITS).clamp(0, 255) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(luma: u8, blue: u8, red: u8, colour: Colour) -> Planes {
        let plane = |width: u32, height: u32, value| {
            let samples = vec![value; (width * height) as usize];
            Plane { width, height, samples }
        };
        Planes { luma: plane(16, 8, luma), chroma: [plane(8, 4, blue), plane(8, 4, red)], colour }
    }

    #[test]
    fn colours_are_those_of_the_standards() {
        let studio = |matrix| Colour { full_range: false, matrix };
        let full = Colour { full_range: true, matrix: 6 };
        for (planes, expected) in [
            (even(16, 128, 128, studio(2)), [0, 0, 0]),
            (even(235, 128, 128, studio(2)), [255, 255, 255]),
            (even(0, 128, 128, full), [0, 0, 0]),
            (even(255, 128, 128, full), [255, 255, 255]),
            // Red: 75 % of BT.601, 100 % of BT.709.
            (even(65, 100, 212, studio(6)), [191, 0, 0]),
            (even(63, 102, 240, studio(1)), [255, 0, 0]),
        ] {
            for (width, height) in [(16, 8), (5, 3), (40, 40)] {
                let rgb = planes.rgb(width, height);
                assert_eq!(rgb.len(), (width * height * 3) as usize);
                for (value, wanted) in rgb.chunks(3).flatten().zip(expected.iter().cycle()) {
                    assert!(value.abs_diff(*wanted) <= 2, "{value} for {wanted} of {expected:?}");
                }
            }
        }
    }
}
