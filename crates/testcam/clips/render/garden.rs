//! The garden at night: a cat walks along the fence, fireflies, and a lamp that sees it.

use crate::canvas::{Canvas, HEIGHT, Point, Rgb, WIDTH, ease, mix, random, rgb, wave};
use crate::figures::crown;

const FENCE: f32 = 372.0;

pub fn background() -> Canvas {
    let mut c = Canvas::gradient(&[
        (0.0, rgb(0x070b1d)),
        (200.0, rgb(0x101a3a)),
        (330.0, rgb(0x233056)),
        (FENCE + 70.0, rgb(0x2c3a5c)),
        (FENCE + 71.0, rgb(0x16261f)),
        (HEIGHT as f32, rgb(0x0a1410)),
    ]);
    c.glow((1010.0, 108.0), (360.0, 300.0), rgb(0x8fa8e0), 0.4);
    c.ellipse((1010.0, 108.0), (42.0, 42.0), rgb(0xf3f0dc));
    for (x, y, r) in [(998.0, 96.0, 9.0), (1022.0, 118.0, 12.0), (1004.0, 124.0, 6.0)] {
        c.ellipse((x, y), (r, r * 0.9), rgb(0xdedac4));
    }
    let mut points = vec![(0.0, FENCE + 80.0)];
    for i in 0..=64 {
        let bump = (i as f32 * 0.33).sin() * 26.0 + (i as f32 * 0.81).sin() * 12.0;
        points.push((i as f32 * 20.0, 330.0 + bump - random(i + 7) * 8.0));
    }
    points.push((WIDTH as f32, FENCE + 80.0));
    c.polygon(&points, rgb(0x0d1428), rgb(0x152036));
    shed(&mut c);
    // The lawn, with tufts.
    for i in 0..240 {
        let (a, b) = (random(i * 2 + 900), random(i * 2 + 901));
        let (x, y) = (a * 1280.0, 470.0 + b * 250.0);
        let size = 3.0 + 9.0 * b;
        let blade = mix(rgb(0x1d3326), rgb(0x27452e), random(i + 70));
        c.limb((x, y), (x + size * 0.3, y - size), 1.0, 0.5, blade);
    }
    for i in 0..7 {
        let depth = (i as f32 / 6.0).powf(1.3);
        let at = (700.0 - 190.0 * depth + (i % 2) as f32 * 34.0, 486.0 + 220.0 * depth);
        c.shadow((at.0 + 4.0, at.1 + 4.0), (44.0 + 44.0 * depth, 13.0 + 13.0 * depth), 0.5);
        c.ellipse(at, (30.0 + 36.0 * depth, 9.0 + 10.0 * depth), rgb(0x3a4350));
        c.ellipse((at.0, at.1 - 2.0), (28.0 + 34.0 * depth, 7.0 + 9.0 * depth), rgb(0x47515f));
    }
    c
}

fn shed(c: &mut Canvas) {
    c.block((96.0, 268.0), (330.0, 470.0), 0.0, rgb(0x2b2a33), rgb(0x1d1d25));
    for i in 0..13 {
        let x = 96.0 + i as f32 * 18.0;
        c.limb((x, 268.0), (x, 470.0), 0.7, 0.7, rgb(0x16161c));
    }
    c.polygon(&[(72., 274.), (213., 190.), (354., 274.)], rgb(0x20222e), rgb(0x171922));
    c.block((184.0, 330.0), (244.0, 470.0), 2.0, rgb(0x23222a), rgb(0x17171d));
    c.block((262.0, 320.0), (308.0, 366.0), 2.0, rgb(0x39486a), rgb(0x26304a));
    c.limb((285.0, 320.0), (285.0, 366.0), 1.2, 1.2, rgb(0x17171d));
    c.limb((262.0, 343.0), (308.0, 343.0), 1.2, 1.2, rgb(0x17171d));
}

pub fn draw(c: &mut Canvas, t: f32) {
    for i in 0..130 {
        let (x, y) = (random(i * 3) * 1280.0, random(i * 3 + 1).powf(1.4) * 285.0);
        let moon = (x - 1010.0).hypot(y - 108.0) < 60.0;
        if moon || ((60.0..366.0).contains(&x) && y > 180.0) {
            continue;
        }
        let twinkle = 0.55 + 0.45 * wave(t, 5.0 + (i % 7) as f32 * 2.0, random(i * 3 + 2));
        let size = 1.2 + 1.5 * random(i + 500).powi(4);
        c.glow((x, y), (size * 2.4, size * 2.4), rgb(0xdfe8ff), 1.1 * twinkle);
    }
    let trail = (t - 4.2) / 0.9;
    if (0.0..1.0).contains(&trail) {
        let head = (420.0 + 300.0 * trail, 60.0 + 92.0 * trail);
        for k in 0..14 {
            let back = k as f32 * 0.02 * trail.min(0.6);
            let at = (head.0 - 300.0 * back, head.1 - 92.0 * back);
            c.glow(at, (5.0, 5.0), rgb(0xeaf2ff), 0.8 * (1.0 - k as f32 / 14.0) * (1.0 - trail));
        }
    }
    for i in 0..3 {
        let x = 300.0 + 360.0 * i as f32 + wave(t, 1.0, i as f32 * 0.3) * 60.0;
        c.glow((x, 150.0 + 50.0 * i as f32), (250.0, 26.0), rgb(0x55658f), 0.16);
    }
    c.limb((1130.0, 440.0), (1126.0, 300.0), 20.0, 11.0, rgb(0x10131c));
    crown(c, t, (1128.0, 236.0), (150.0, 126.0), rgb(0x0b1220), rgb(0x2a3d4c), 19);
    pond(c, t);
    fence(c);
    let lamp = ease(7.4, 7.7, t) - ease(14.0, 15.6, t);
    cat(c, t, lamp);
    hedgehog(c, t);
    c.glow((560.0, 560.0), (720.0, 300.0), rgb(0xffe2a8), 0.30 * lamp);
    c.glow((520.0, 440.0), (420.0, 200.0), rgb(0xffe2a8), 0.16 * lamp);
    for i in 0..14 {
        let (a, b) = (random(i + 300), random(i + 400));
        let x = 80.0 + 1120.0 * a + wave(t, 2.0 + (i % 3) as f32, b) * 60.0;
        let y = 420.0 + 230.0 * b + wave(t, 3.0 + (i % 4) as f32, a) * 34.0;
        let pulse = wave(t, 6.0 + (i % 5) as f32, a + b).max(0.0).powi(2);
        c.glow((x, y), (13.0, 13.0), rgb(0xd8ff7a), 1.1 * pulse);
    }
    let night = 0.94 + 0.06 * lamp;
    c.light(|x, y| {
        let corner = ((x - 640.0) / 640.0).powi(2) + ((y - 370.0) / 370.0).powi(2);
        let fall = 1.3 * night * (1.0 - 0.16 * corner);
        [fall * 0.98, fall, fall * 1.02]
    });
}

fn pond(c: &mut Canvas, t: f32) {
    c.ellipse((930.0, 600.0), (216.0, 58.0), rgb(0x2b3328));
    c.ellipse((930.0, 600.0), (204.0, 50.0), rgb(0x14213a));
    for i in 0..8 {
        let y = 566.0 + 9.0 * i as f32;
        let x = 950.0 + wave(t, 8.0 + (i % 3) as f32, i as f32 * 0.17) * (3.0 + i as f32);
        c.glow((x, y), (34.0 - 2.0 * i as f32, 3.5), rgb(0xf0ecd0), 0.55);
    }
    for i in 0..3 {
        let age = (t / 20.0 * 5.0 + i as f32 / 3.0).fract();
        let (rx, ry) = (12.0 + 90.0 * age, 3.0 + 22.0 * age);
        let centre = (850.0, 604.0);
        let ring = |x: f32, y: f32| {
            let (dx, dy) = ((x - centre.0) / rx, (y - centre.1) / ry);
            ((dx * dx + dy * dy).sqrt() - 1.0).abs() * ry - 0.8
        };
        let paint = |_: f32, _: f32| (rgb(0x6f86b4), 0.5 * (1.0 - age));
        c.fill((centre.0 - rx, centre.1 - ry), (centre.0 + rx, centre.1 + ry), ring, paint);
    }
}

fn fence(c: &mut Canvas) {
    for y in [FENCE + 22.0, FENCE + 72.0] {
        c.block((330.0, y), (1280.0, y + 8.0), 0.0, rgb(0x262b37), rgb(0x1c2029));
    }
    for i in 0..32 {
        let x = 332.0 + i as f32 * 30.0;
        c.block((x, FENCE), (x + 22.0, FENCE + 106.0), 2.0, rgb(0x343a49), rgb(0x1c2029));
        c.polygon(
            &[(x, FENCE + 2.0), (x + 11.0, FENCE - 10.0), (x + 22.0, FENCE + 2.0)],
            rgb(0x3f4657),
            rgb(0x343a49),
        );
    }
}

/// The cat: from the left along the fence, sits and looks into the camera when the light comes on,
/// goes on to the right.
fn cat(c: &mut Canvas, t: f32, lamp: f32) {
    if !(0.8..19.4).contains(&t) {
        return;
    }
    let x = 300.0 + 380.0 * ease(0.8, 7.6, t) + 680.0 * ease(12.6, 19.4, t);
    let sits = ease(7.6, 8.3, t) - ease(12.0, 12.6, t);
    let walks = 1.0 - sits;
    let fur = mix(rgb(0x0c0e14), rgb(0x4a3f38), 0.5 * lamp);
    let at = |dx: f32, dy: f32| -> Point { (x + 1.35 * dx, FENCE - 10.0 - 1.35 * dy) };
    let step = t * 9.0;
    for (i, dx) in [-34.0, -26.0, 22.0, 30.0].into_iter().enumerate() {
        let swing = (step + i as f32 * 1.7).sin() * 9.0 * walks;
        let hip = at(dx * (1.0 - 0.35 * sits), 24.0);
        c.limb(hip, at(dx * (1.0 - 0.45 * sits) + swing, 3.0), 8.0, 5.5, fur);
    }
    c.limb(
        at(-32.0, 27.0 - 8.0 * sits),
        at(26.0 - 14.0 * sits, 30.0 + 16.0 * sits),
        20.0,
        17.5,
        fur,
    );
    tail(c, t, at(-42.0, 30.0 - 14.0 * sits), fur);
    let head = at(46.0 - 28.0 * sits, 42.0 + 26.0 * sits + (step * 2.0).sin() * 1.2 * walks);
    c.limb(at(24.0 - 14.0 * sits, 34.0 + 16.0 * sits), head, 15.0, 12.0, fur);
    c.ellipse(head, (19.5, 17.0), fur);
    for side in [-1.0, 1.0] {
        let (base, tip) =
            ((head.0 + side * 11.0, head.1 - 9.0), (head.0 + side * 15.0, head.1 - 30.0));
        c.polygon(&[(base.0 - 7.0, base.1), tip, (base.0 + 7.0, base.1 + 2.0)], fur, fur);
    }
    let blink = if (10.0..10.18).contains(&t) { 0.15 } else { 1.0 };
    let look = 0.35 + 0.65 * sits;
    for side in [-1.0, 1.0] {
        let eye = (head.0 + side * 7.6 + 4.0 * walks, head.1 - 1.5);
        c.ellipse(eye, (3.9, 3.6 * blink), mix(fur, rgb(0xd9f26a), look));
        c.glow(eye, (11.0, 9.0), rgb(0xc8f050), 0.6 * look * blink);
        c.ellipse(eye, (1.2, 3.1 * blink), rgb(0x0a0c08));
    }
}

fn tail(c: &mut Canvas, t: f32, root: Point, fur: Rgb) {
    let mut from = root;
    for i in 0..7 {
        let bend = 0.9 + 0.16 * i as f32 + 0.4 * wave(t, 14.0, i as f32 * 0.05);
        let to = (from.0 - 12.0 * bend.cos().max(-0.4), from.1 - 12.0 * bend.sin());
        c.limb(from, to, 6.6 - 0.5 * i as f32, 6.1 - 0.5 * i as f32, fur);
        from = to;
    }
}

fn hedgehog(c: &mut Canvas, t: f32) {
    let x = 1340.0 - 1460.0 * (t / 20.0);
    let y = 676.0 + wave(t, 40.0, 0.0) * 1.2;
    c.shadow((x, y + 14.0), (40.0, 9.0), 0.6);
    c.ellipse((x, y), (28.0, 18.0), rgb(0x2c2723));
    for i in 0..26 {
        let angle = std::f32::consts::PI * (0.05 + 0.9 * random(i + 40));
        let reach = 0.6 + 0.5 * random(i + 80);
        let tip = (x + 6.0 + angle.cos() * 28.0 * reach, y - angle.sin() * 20.0 * reach);
        c.limb((x + 6.0 + (tip.0 - x) * 0.5, y - 4.0), tip, 1.6, 0.5, rgb(0x6a5d50));
    }
    c.limb((x - 20.0, y + 3.0), (x - 36.0, y + 7.0), 9.0, 3.0, rgb(0x5d4d3e));
    c.ellipse((x - 38.0, y + 7.0), (2.4, 2.2), rgb(0x0b0908));
    c.ellipse((x - 27.0, y), (1.7, 1.7), rgb(0x0b0908));
}
