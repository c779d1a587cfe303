//! The picture under construction, and as a JPEG.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// What a JPEG of a key frame is worth: higher than what a camera's own coding has left.
const QUALITY: u8 = 82;
/// Where there is no picture.
const DARK: u8 = 24;

/// Cells beside and below one another, in RGB.
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    columns: usize,
    cell: (usize, usize),
    rgb: Vec<u8>,
}

impl Canvas {
    pub fn new(columns: u16, rows: usize, cell: (u16, u16)) -> Self {
        let columns = usize::from(columns);
        let cell = (usize::from(cell.0), usize::from(cell.1));
        let (width, height) = (columns * cell.0, rows * cell.1);
        Self { width, height, columns, cell, rgb: vec![DARK; width * height * 3] }
    }

    /// Puts a picture into the middle of a cell, which is no smaller.
    pub fn put(&mut self, number: usize, size: (u16, u16), rgb: &[u8]) {
        let (width, height) = (usize::from(size.0), usize::from(size.1));
        let left = number % self.columns * self.cell.0 + (self.cell.0 - width) / 2;
        let top = number / self.columns * self.cell.1 + (self.cell.1 - height) / 2;
        for (row, line) in rgb.chunks_exact(width * 3).take(height).enumerate() {
            let at = ((top + row) * self.width + left) * 3;
            self.rgb[at..at + line.len()].copy_from_slice(line);
        }
    }

    /// As a baseline JPEG.
    pub fn jpeg(&self) -> Result<Vec<u8>, String> {
        let large = |_| "the picture is too large for a JPEG".to_owned();
        let width = u16::try_from(self.width).map_err(large)?;
        let height = u16::try_from(self.height).map_err(large)?;
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, QUALITY);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        let done = encoder.encode(&self.rgb, width, height, ColorType::Rgb);
        done.map_err(|error| format!("the picture cannot be made a JPEG: {error}"))?;
        Ok(out)
    }
}
