//! The front door by day: a courier comes up the path, shows a parcel, finds nobody, goes again.

use crate::canvas::{Canvas, HEIGHT, WIDTH, ease, mix, random, rgb, wave};
use crate::figures::{bird, crown, person};

const HORIZON: f32 = 318.0;

pub fn background() -> Canvas {
    let mut c = Canvas::gradient(&[
        (0.0, rgb(0x3f87c9)),
        (220.0, rgb(0xa9d0ea)),
        (HORIZON, rgb(0xe9f1ea)),
        (HORIZON + 1.0, rgb(0x7fae4f)),
        (HEIGHT as f32, rgb(0x3f7a2c)),
    ]);
    hills(&mut c);
    street(&mut c);
    // Mown stripes, narrower further away.
    for i in 0..16 {
        let (far, near) = (-300.0 + i as f32 * 120.0, -1500.0 + i as f32 * 300.0);
        let stripe = [(far, 372.), (far + 58., 372.), (near + 150., 720.), (near, 720.)];
        c.polygon(&stripe, rgb(0x7db052), rgb(0x4a8834));
    }
    let path = [(612., 372.), (664., 372.), (905., 720.), (372., 720.)];
    c.polygon(&path, rgb(0xcfc3ae), rgb(0xb5a68c));
    for i in 1..8 {
        let y = 372.0 + 348.0 * (i as f32 / 8.0).powf(1.6);
        let half = (y - 372.0) / 348.0;
        let (left, right) = (612.0 - 240.0 * half, 664.0 + 241.0 * half);
        c.limb((left, y), (right, y), 0.8 + half, 0.8 + half, rgb(0x9a8b72));
    }
    for side in [0.0_f32, 1.0] {
        for i in 0..11 {
            let depth = (i as f32 / 10.0).powf(1.5);
            let x = if side == 0.0 { 596.0 - 262.0 * depth } else { 680.0 + 262.0 * depth };
            let y = 378.0 + 320.0 * depth;
            let size = 5.0 + 22.0 * depth;
            c.shadow((x + size * 0.5, y + size * 0.5), (size * 1.5, size * 0.6), 0.3);
            c.ellipse((x, y), (size, size * 0.8), rgb(0x35682a));
            let bloom = [0xe8d44d, 0xd8577a, 0xf2efe6][i % 3];
            for k in 0..6 {
                let (a, b) = (random(i as u32 * 40 + k), random(i as u32 * 40 + k + 20));
                let at = (x + (a - 0.5) * size * 1.5, y + (b - 0.7) * size);
                c.ellipse(at, (size * 0.16, size * 0.16), rgb(bloom));
            }
        }
    }
    c
}

fn hills(c: &mut Canvas) {
    for (y, colour, seed) in [(272.0, 0x9db9b4, 1u32), (292.0, 0x7fa07f, 2), (306.0, 0x64895a, 3)] {
        let mut points = vec![(0.0, HORIZON + 2.0)];
        for i in 0..=32 {
            let x = i as f32 * 40.0;
            let bump = (i as f32 * 0.55 + seed as f32 * 2.1).sin() * 14.0;
            points.push((x, y + bump + random(seed * 100 + i) * 5.0));
        }
        points.push((WIDTH as f32, HORIZON + 2.0));
        c.polygon(&points, rgb(colour), mix(rgb(colour), rgb(0xffffff), 0.15));
    }
    for (x, w, h, wall, roof) in [
        (90.0, 150.0, 66.0, 0xe5d7bd, 0x9c4a38),
        (300.0, 120.0, 54.0, 0xd6dde2, 0x59636b),
        (820.0, 170.0, 70.0, 0xefe3c8, 0x87503b),
        (1080.0, 130.0, 58.0, 0xd9c3b4, 0x6b4a42),
    ] {
        let base = HORIZON + 16.0;
        c.block((x, base - h), (x + w, base), 0.0, rgb(wall), mix(rgb(wall), [0.4; 3], 0.25));
        let top = [
            (x - 10.0, base - h + 2.0),
            (x + w / 2.0, base - h - 44.0),
            (x + w + 10.0, base - h + 2.0),
        ];
        c.polygon(&top, rgb(roof), mix(rgb(roof), [0.1; 3], 0.2));
        for k in 0..3 {
            let wx = x + 18.0 + k as f32 * (w - 36.0) / 3.0;
            c.block(
                (wx, base - h + 16.0),
                (wx + 22.0, base - h + 40.0),
                1.0,
                rgb(0x5d7f99),
                rgb(0x9fc0d4),
            );
        }
    }
}

fn street(c: &mut Canvas) {
    c.block((0.0, 336.0), (1280.0, 362.0), 0.0, rgb(0x73767c), rgb(0x80848a));
    c.block((0.0, 362.0), (1280.0, 373.0), 0.0, rgb(0xc5c2ba), rgb(0xa9a69d));
    for i in 0..13 {
        let x = i as f32 * 104.0;
        c.block((x, 348.0), (x + 44.0, 350.5), 0.0, rgb(0xe7e4d6), rgb(0xe7e4d6));
    }
}

pub fn draw(c: &mut Canvas, t: f32) {
    clouds(c, t);
    // A van passes on the street twice in a round.
    for (start, way, colour) in [(1.0, 1.0, 0xd9dde0_u32), (12.5, -1.0, 0xb23b32)] {
        let x = 640.0 + way * (-900.0 + 1800.0 * ((t - start) / 5.0));
        if (-150.0..1430.0).contains(&x) && t > start {
            c.shadow((x, 358.0), (62.0, 6.0), 0.5);
            c.block(
                (x - 52.0, 318.0),
                (x + 52.0, 354.0),
                7.0,
                rgb(colour),
                mix(rgb(colour), [0.1; 3], 0.3),
            );
            let window = x + way * 22.0;
            c.block(
                (window - 14.0, 322.0),
                (window + 22.0, 336.0),
                3.0,
                rgb(0x54728a),
                rgb(0x2e4454),
            );
            for wheel in [-30.0, 30.0] {
                c.ellipse((x + wheel, 354.0), (9.0, 9.0), rgb(0x1d1e20));
                c.ellipse((x + wheel, 354.0), (4.0, 4.0), rgb(0x9a9ea2));
            }
        }
    }
    tree(c, t);
    // The courier: up the path from 3 s to 9.5 s, waits, back from 12 s to 18.5 s.
    let near = ease(3.0, 9.5, t) - ease(12.0, 18.5, t);
    let visible = t > 2.6 && t < 18.9;
    if visible {
        let front = t < 12.0;
        let depth = near.powf(1.5);
        let feet = (638.0 + 6.0 * depth, 380.0 + 268.0 * depth);
        let moving = if (9.4..12.1).contains(&t) { 0.0 } else { 1.0 };
        person(c, feet, 64.0 + 330.0 * depth, t * 1.7, front, moving);
    }
    for i in 0..3 {
        let (turn, y) = ((t / 20.0 + i as f32 * 0.05).fract(), 110.0 + i as f32 * 22.0);
        let at = (-80.0 + 1440.0 * turn, y + wave(t, 3.0, i as f32 * 0.2) * 24.0);
        bird(c, at, 11.0 - i as f32, t * 2.2 + i as f32 * 0.3, rgb(0x2b2f38));
    }
    porch(c, t);
    let sun = 0.97 + 0.05 * wave(t, 1.0, 0.1);
    c.light(|x, y| {
        let corner = ((x - 640.0) / 640.0).powi(2) + ((y - 360.0) / 360.0).powi(2);
        [sun * (1.02 - 0.10 * corner), sun * (1.0 - 0.10 * corner), 0.98 - 0.10 * corner]
    });
}

fn clouds(c: &mut Canvas, t: f32) {
    for (i, (x, y, size)) in
        [(180., 92., 1.0), (560., 60., 0.7), (900., 118., 1.2), (1180., 70., 0.8)]
            .into_iter()
            .enumerate()
    {
        let x = x + wave(t, 1.0, i as f32 * 0.13) * 26.0;
        for k in 0..26 {
            let (a, b) = (random(i as u32 * 50 + k), random(i as u32 * 50 + k + 91));
            let middle = 1.0 - (2.0 * a - 1.0).powi(2);
            let at = (x + (a - 0.5) * 230.0 * size, y - b * 34.0 * size * middle);
            let radii = (58.0 * size * (0.5 + middle), 22.0 * size * (0.6 + middle));
            c.haze(at, radii, mix(rgb(0xdfe8ef), rgb(0xffffff), b), 0.34);
        }
    }
}

fn tree(c: &mut Canvas, t: f32) {
    c.shadow((1090.0, 540.0), (210.0, 46.0), 0.55);
    c.limb((1030.0, 540.0), (1040.0, 300.0), 22.0, 13.0, rgb(0x5b4331));
    c.limb((1038.0, 380.0), (1100.0, 270.0), 9.0, 5.0, rgb(0x5b4331));
    crown(c, t, (1050.0, 210.0), (180.0, 135.0), rgb(0x24501f), rgb(0x8cc152), 11);
    for i in 0..7 {
        let fall = (t / 20.0 * 3.0 + random(i * 7)).fract();
        let x = 930.0 + 240.0 * random(i * 7 + 1) + wave(t, 9.0, random(i)) * 26.0 - 60.0 * fall;
        let turn = wave(t, 15.0, random(i + 3)).abs();
        let leaf = if i % 2 == 0 { rgb(0xd89a3a) } else { rgb(0xa8b446) };
        c.ellipse((x, 260.0 + 300.0 * fall), (5.5, 1.5 + 3.0 * turn), leaf);
    }
}

/// What stands next to the camera: posts, a lantern, two pots.
fn porch(c: &mut Canvas, t: f32) {
    c.block((0.0, 0.0), (1280.0, 34.0), 0.0, rgb(0xd8d2c6), rgb(0xb9b1a2));
    c.block((0.0, 34.0), (1280.0, 40.0), 0.0, rgb(0x8e8677), rgb(0x8e8677));
    for x in [38.0, 1196.0] {
        c.block((x, 30.0), (x + 46.0, 720.0), 3.0, rgb(0xf1ece2), rgb(0xcfc7b8));
        c.block((x + 30.0, 30.0), (x + 46.0, 720.0), 3.0, rgb(0xcdc5b6), rgb(0xa79e8e));
    }
    c.limb((232.0, 40.0), (232.0, 74.0), 2.0, 2.0, rgb(0x2e2a26));
    c.block((214.0, 74.0), (250.0, 120.0), 5.0, rgb(0x3a352f), rgb(0x25211d));
    c.block((220.0, 82.0), (244.0, 114.0), 3.0, rgb(0xf4e2b0), rgb(0xe2c584));
    for (x, seed) in [(150.0, 5u32), (1130.0, 8)] {
        c.shadow((x + 20.0, 708.0), (90.0, 20.0), 0.6);
        crown(c, t, (x, 560.0), (78.0, 74.0), rgb(0x1f4a26), rgb(0x6fae4c), seed * 31);
        c.polygon(
            &[(x - 52., 612.), (x + 52., 612.), (x + 38., 712.), (x - 38., 712.)],
            rgb(0xc06a45),
            rgb(0x7e3f26),
        );
        c.block((x - 58.0, 604.0), (x + 58.0, 626.0), 4.0, rgb(0xcf7b54), rgb(0xa95834));
    }
}
