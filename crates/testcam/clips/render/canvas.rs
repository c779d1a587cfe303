//! A picture of 1280 × 720 and the shapes that are drawn on it, with soft edges.

pub const WIDTH: usize = 1280;
pub const HEIGHT: usize = 720;

/// Red, green, blue; 0 to 1.
pub type Rgb = [f32; 3];
pub type Point = (f32, f32);

#[derive(Clone)]
pub struct Canvas {
    pixels: Vec<Rgb>,
}

/// A colour from 0xRRGGBB.
pub fn rgb(hex: u32) -> Rgb {
    [16, 8, 0].map(|shift| (hex >> shift & 0xff) as f32 / 255.0)
}

pub fn mix(a: Rgb, b: Rgb, t: f32) -> Rgb {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

/// 0 before `from`, 1 after `to`, smooth between.
pub fn ease(from: f32, to: f32, t: f32) -> f32 {
    let t = ((t - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A sine of `turns` whole turns in 20 s, shifted by `phase` turns.
pub fn wave(t: f32, turns: f32, phase: f32) -> f32 {
    ((t / 20.0 * turns + phase) * std::f32::consts::TAU).sin()
}

/// A number from 0 to 1 that depends on `seed` alone.
pub fn random(seed: u32) -> f32 {
    let mut x = seed.wrapping_mul(0x9e37_79b9) ^ 0x85eb_ca6b;
    x = (x ^ (x >> 15)).wrapping_mul(0x2c1b_3c6d);
    x = (x ^ (x >> 12)).wrapping_mul(0x297a_2d39);
    (x ^ (x >> 15)) as f32 / u32::MAX as f32
}

impl Canvas {
    /// A picture whose colour depends on height: stops of (y, colour), from top to bottom.
    pub fn gradient(stops: &[(f32, Rgb)]) -> Self {
        let colour = |y: f32| {
            let below = stops.iter().position(|(at, _)| *at >= y).unwrap_or(stops.len() - 1);
            let (above, below) = (stops[below.saturating_sub(1)], stops[below]);
            let t = ((y - above.0) / (below.0 - above.0).max(1.0)).clamp(0.0, 1.0);
            mix(above.1, below.1, t)
        };
        let rows = (0..HEIGHT).flat_map(|y| std::iter::repeat_n(colour(y as f32), WIDTH));
        Self { pixels: rows.collect() }
    }

    /// The frame as RGB bytes, dithered by a pattern that stands still so that gradients do not
    /// band and frames still compress.
    pub fn bytes(&self) -> Vec<u8> {
        const BAYER: [f32; 16] =
            [0., 8., 2., 10., 12., 4., 14., 6., 3., 11., 1., 9., 15., 7., 13., 5.];
        let mut out = Vec::with_capacity(self.pixels.len() * 3);
        for (i, pixel) in self.pixels.iter().enumerate() {
            let (x, y) = (i % WIDTH, i / WIDTH);
            let dither = BAYER[(y % 4) * 4 + x % 4] / 16.0;
            out.extend(pixel.map(|value| (value.clamp(0.0, 1.0) * 255.0 + dither) as u8));
        }
        out
    }

    /// Draws where `distance` (to the edge, negative inside) says, with the colour and opacity
    /// that `paint` gives, inside the box from `low` to `high`.
    pub fn fill(
        &mut self,
        low: Point,
        high: Point,
        distance: impl Fn(f32, f32) -> f32,
        paint: impl Fn(f32, f32) -> (Rgb, f32),
    ) {
        let clip = |value: f32, most: usize| value.clamp(0.0, most as f32) as usize;
        for y in clip(low.1 - 1.0, HEIGHT)..clip(high.1 + 2.0, HEIGHT) {
            for x in clip(low.0 - 1.0, WIDTH)..clip(high.0 + 2.0, WIDTH) {
                let (fx, fy) = (x as f32 + 0.5, y as f32 + 0.5);
                let cover = (0.5 - distance(fx, fy)).clamp(0.0, 1.0);
                if cover > 0.0 {
                    let (colour, opacity) = paint(fx, fy);
                    let pixel = &mut self.pixels[y * WIDTH + x];
                    *pixel = mix(*pixel, colour, cover * opacity);
                }
            }
        }
    }

    pub fn ellipse(&mut self, centre: Point, radii: Point, colour: Rgb) {
        let (low, high) =
            ((centre.0 - radii.0, centre.1 - radii.1), (centre.0 + radii.0, centre.1 + radii.1));
        let small = radii.0.min(radii.1);
        let distance = |x: f32, y: f32| {
            let (dx, dy) = ((x - centre.0) / radii.0, (y - centre.1) / radii.1);
            ((dx * dx + dy * dy).sqrt() - 1.0) * small
        };
        self.fill(low, high, distance, |_, _| (colour, 1.0));
    }

    /// A line from `a` to `b` that is `ra` wide at its start and `rb` at its end, round.
    pub fn limb(&mut self, a: Point, b: Point, ra: f32, rb: f32, colour: Rgb) {
        let r = ra.max(rb);
        let low = (a.0.min(b.0) - r, a.1.min(b.1) - r);
        let high = (a.0.max(b.0) + r, a.1.max(b.1) + r);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = (dx * dx + dy * dy).max(1e-6);
        let distance = |x: f32, y: f32| {
            let t = (((x - a.0) * dx + (y - a.1) * dy) / length).clamp(0.0, 1.0);
            (x - a.0 - t * dx).hypot(y - a.1 - t * dy) - (ra + (rb - ra) * t)
        };
        self.fill(low, high, distance, |_, _| (colour, 1.0));
    }

    /// A rectangle with round corners, from one colour at the top to another at the bottom.
    pub fn block(&mut self, low: Point, high: Point, round: f32, top: Rgb, bottom: Rgb) {
        let centre = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
        let half = ((high.0 - low.0) / 2.0 - round, (high.1 - low.1) / 2.0 - round);
        let distance = |x: f32, y: f32| {
            let (dx, dy) = ((x - centre.0).abs() - half.0, (y - centre.1).abs() - half.1);
            dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - round
        };
        let tall = (high.1 - low.1).max(1.0);
        self.fill(low, high, distance, |_, y| (mix(top, bottom, (y - low.1) / tall), 1.0));
    }

    /// A polygon, from one colour at the top to another at the bottom.
    pub fn polygon(&mut self, points: &[Point], top: Rgb, bottom: Rgb) {
        let fold = |f: fn(f32, f32) -> f32, start: f32, pick: fn(&Point) -> f32| {
            points.iter().map(pick).fold(start, f)
        };
        let low = (fold(f32::min, f32::MAX, |p| p.0), fold(f32::min, f32::MAX, |p| p.1));
        let high = (fold(f32::max, f32::MIN, |p| p.0), fold(f32::max, f32::MIN, |p| p.1));
        let distance = |x: f32, y: f32| {
            let (mut nearest, mut inside) = (f32::MAX, false);
            for (i, a) in points.iter().enumerate() {
                let b = points[(i + 1) % points.len()];
                let (dx, dy) = (b.0 - a.0, b.1 - a.1);
                let t = ((x - a.0) * dx + (y - a.1) * dy) / (dx * dx + dy * dy).max(1e-6);
                let t = t.clamp(0.0, 1.0);
                nearest = nearest.min((x - a.0 - t * dx).hypot(y - a.1 - t * dy));
                if (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 {
                    inside = !inside;
                }
            }
            if inside { -nearest } else { nearest }
        };
        let tall = (high.1 - low.1).max(1.0);
        self.fill(low, high, distance, |_, y| (mix(top, bottom, (y - low.1) / tall), 1.0));
    }

    /// A soft spot: full in the middle, nothing at its rim. `strength` below 0 takes light away.
    pub fn glow(&mut self, centre: Point, radii: Point, colour: Rgb, strength: f32) {
        let (low, high) =
            ((centre.0 - radii.0, centre.1 - radii.1), (centre.0 + radii.0, centre.1 + radii.1));
        let clip = |value: f32, most: usize| value.clamp(0.0, most as f32) as usize;
        for y in clip(low.1, HEIGHT)..clip(high.1, HEIGHT) {
            for x in clip(low.0, WIDTH)..clip(high.0, WIDTH) {
                let dx = (x as f32 - centre.0) / radii.0;
                let dy = (y as f32 - centre.1) / radii.1;
                let near = (1.0 - (dx * dx + dy * dy).sqrt()).max(0.0);
                let pixel = &mut self.pixels[y * WIDTH + x];
                for i in 0..3 {
                    pixel[i] += colour[i] * strength * near * near;
                }
            }
        }
    }

    /// A soft patch of a colour that covers what is behind it.
    pub fn haze(&mut self, centre: Point, radii: Point, colour: Rgb, strength: f32) {
        let (low, high) =
            ((centre.0 - radii.0, centre.1 - radii.1), (centre.0 + radii.0, centre.1 + radii.1));
        let paint = |x: f32, y: f32| {
            let (dx, dy) = ((x - centre.0) / radii.0, (y - centre.1) / radii.1);
            (colour, strength * (1.0 - dx * dx - dy * dy).max(0.0))
        };
        self.fill(low, high, |_, _| -1.0, paint);
    }

    /// A soft shadow on the ground.
    pub fn shadow(&mut self, centre: Point, radii: Point, strength: f32) {
        let (low, high) =
            ((centre.0 - radii.0, centre.1 - radii.1), (centre.0 + radii.0, centre.1 + radii.1));
        let shade = |x: f32, y: f32| {
            let (dx, dy) = ((x - centre.0) / radii.0, (y - centre.1) / radii.1);
            let near = (1.0 - (dx * dx + dy * dy).sqrt()).max(0.0);
            ([0.02, 0.03, 0.05], strength * (near * 1.6).min(1.0))
        };
        self.fill(low, high, |_, _| -1.0, shade);
    }

    /// Multiplies every pixel by what `light` gives for its place.
    pub fn light(&mut self, light: impl Fn(f32, f32) -> Rgb) {
        for (i, pixel) in self.pixels.iter_mut().enumerate() {
            let by = light((i % WIDTH) as f32, (i / WIDTH) as f32);
            *pixel = std::array::from_fn(|c| pixel[c] * by[c]);
        }
    }
}
