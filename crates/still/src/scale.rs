//! Scales a plane: each sample of the result is the mean of those around it, weighted by how near
//! they are. Where it shrinks, all of them count; where it grows, this is bilinear.

use crate::planes::Plane;

/// Bits after the point of a weight.
const BITS: u32 = 14;

/// The samples that one sample of the result is made of.
struct Taps {
    first: usize,
    /// Together 1.
    weights: Vec<i32>,
}

impl Plane {
    /// The samples of the plane at another size, row by row.
    pub(crate) fn scaled(&self, width: u32, height: u32) -> Vec<u8> {
        if (width, height) == (self.width, self.height) {
            return self.samples.clone();
        }
        let across = taps(self.width, width);
        let lines = self.samples.chunks_exact(self.width as usize);
        let narrow: Vec<Vec<u8>> = lines.map(|line| shrink(line, &across)).collect();
        let mut out = Vec::with_capacity(width as usize * height as usize);
        let mut sums = vec![0; width as usize];
        for taps in taps(self.height, height) {
            sums.fill(1 << (BITS - 1));
            for (line, weight) in narrow[taps.first..].iter().zip(&taps.weights) {
                for (sum, sample) in sums.iter_mut().zip(line) {
                    *sum += weight * i32::from(*sample);
                }
            }
            out.extend(sums.iter().map(|sum| whole(*sum)));
        }
        out
    }
}

fn shrink(line: &[u8], taps: &[Taps]) -> Vec<u8> {
    let mean = |taps: &Taps| {
        let own = line[taps.first..].iter().zip(&taps.weights);
        whole(
            own.map(|(sample, weight)| weight * i32::from(*sample)).sum::<i32>()
                + (1 << (BITS - 1)),
        )
    };
    taps.iter().map(mean).collect()
}

fn whole(sum: i32) -> u8 {
    (sum >> BITS).clamp(0, 255) as u8
}

/// For each of `to` samples, which of `from` samples it is made of.
fn taps(from: u32, to: u32) -> Vec<Taps> {
    let ratio = f64::from(from) / f64::from(to);
    let reach = ratio.max(1.0);
    let of = |at: u32| {
        let centre = (f64::from(at) + 0.5) * ratio;
        let first = (centre - reach).floor().max(0.0) as usize;
        let end = ((centre + reach).ceil() as usize).min(from as usize);
        let near = |sample: usize| (1.0 - (sample as f64 + 0.5 - centre).abs() / reach).max(0.0);
        let sum: f64 = (first..end).map(near).sum();
        let share = |sample| (near(sample) / sum * f64::from(1 << BITS)).round() as i32;
        let mut weights: Vec<i32> = (first..end).map(share).collect();
        // What rounding has taken or added: an even plane stays as it is.
        let off = (1 << BITS) - weights.iter().sum::<i32>();
        if let Some(most) = weights.iter_mut().max() {
            *most += off;
        }
        Taps { first, weights }
    };
    (0..to).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(width: u32, height: u32, sample: impl Fn(u32, u32) -> u8) -> Plane {
        let lines = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Plane { width, height, samples: lines.map(|(x, y)| sample(x, y)).collect() }
    }

    #[test]
    fn an_even_plane_stays_even_at_any_size() {
        for (width, height) in [(1, 1), (7, 3), (64, 64), (1280, 720), (3, 999)] {
            for to in [(1, 1), (5, 4), (640, 360), (1281, 721), (2, 1000)] {
                let scaled = plane(width, height, |_, _| 201).scaled(to.0, to.1);
                assert_eq!(scaled.len(), (to.0 * to.1) as usize);
                assert!(scaled.iter().all(|sample| *sample == 201), "{width}×{height} {to:?}");
            }
        }
    }

    #[test]
    fn what_shrinks_is_averaged_and_what_grows_rises_evenly() {
        let stripes = plane(64, 64, |x, _| if x % 2 == 0 { 0 } else { 255 });
        assert!(stripes.scaled(16, 16).iter().all(|sample| (115..=140).contains(sample)));
        let slope = plane(256, 1, |x, _| x as u8).scaled(511, 2);
        assert!(slope[..511].is_sorted() && slope[..511] == slope[511..]);
        assert!(slope[..511].windows(2).all(|pair| pair[1] - pair[0] <= 1));
    }
}
