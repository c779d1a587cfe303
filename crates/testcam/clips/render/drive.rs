//! The driveway at sunset: a car comes home, waits before the garage, and leaves again.

use crate::canvas::{Canvas, HEIGHT, WIDTH, ease, mix, random, rgb, wave};
use crate::figures::{bird, car, crown};

const GROUND: f32 = 430.0;

pub fn background() -> Canvas {
    let mut c = Canvas::gradient(&[
        (0.0, rgb(0x2b2f5e)),
        (150.0, rgb(0x6b4a7d)),
        (270.0, rgb(0xd3715f)),
        (360.0, rgb(0xf5b065)),
        (GROUND, rgb(0xffd99a)),
        (GROUND + 1.0, rgb(0x6c6a44)),
        (HEIGHT as f32, rgb(0x2f3524)),
    ]);
    c.glow((330.0, 392.0), (420.0, 260.0), rgb(0xffc070), 0.75);
    c.ellipse((330.0, 396.0), (34.0, 34.0), rgb(0xfff0c4));
    // Roofs and trees far away, dark before the sky.
    let mut points = vec![(0.0, GROUND + 4.0)];
    for i in 0..=64 {
        let (x, hill) = (i as f32 * 20.0, (i as f32 * 0.21).sin() * 16.0);
        points.push((x, 404.0 + hill - random(i) * 12.0));
    }
    points.push((WIDTH as f32, GROUND + 4.0));
    c.polygon(&points, rgb(0x5a3b52), rgb(0x7d5449));
    for (x, w, h) in [(70.0, 110.0, 46.0), (470.0, 90.0, 38.0), (580.0, 70.0, 52.0)] {
        c.block((x, 424.0 - h), (x + w, GROUND + 2.0), 0.0, rgb(0x4a3247), rgb(0x5c4046));
        let roof = [(x - 8.0, 424.0 - h), (x + w / 2.0, 396.0 - h), (x + w + 8.0, 424.0 - h)];
        c.polygon(&roof, rgb(0x3a2a3f), rgb(0x4a3247));
        c.block((x + 20.0, 438.0 - h), (x + 34.0, 452.0 - h), 1.0, rgb(0xffcf7a), rgb(0xf2b25a));
    }
    c.polygon(
        &[(0., 472.), (1280., 452.), (1280., 500.), (0., 532.)],
        rgb(0x57524f),
        rgb(0x494645),
    );
    c.polygon(
        &[(0., 532.), (1280., 500.), (1280., 508.), (0., 544.)],
        rgb(0xa8937a),
        rgb(0x86755f),
    );
    c.polygon(
        &[(-2., 556.), (1010., 516.), (1240., 720.), (-2., 720.)],
        rgb(0x8b7f76),
        rgb(0x625a55),
    );
    for i in 0..9 {
        let (y, depth) = (545.0 + 20.0 * i as f32, i as f32 / 9.0);
        c.limb(
            (-2.0, y + 22.0 * (1.0 - depth)),
            (1020.0 + 200.0 * depth, y - 18.0 * (1.0 - depth)),
            0.8,
            0.8,
            rgb(0x575049),
        );
    }
    house(&mut c);
    c
}

fn house(c: &mut Canvas) {
    c.block((880.0, 150.0), (1280.0, 560.0), 0.0, rgb(0xb08a72), rgb(0x7d5f52));
    for row in 0..26 {
        let y = 158.0 + row as f32 * 15.6;
        c.limb((880.0, y), (1280.0, y), 0.5, 0.5, rgb(0x8d6a58));
    }
    c.polygon(
        &[(846., 158.), (1000., 46.), (1280., 20.), (1280., 150.)],
        rgb(0x3d2f3a),
        rgb(0x573f43),
    );
    c.block((930.0, 300.0), (1236.0, 560.0), 4.0, rgb(0xd8c9ba), rgb(0xa5927f));
    for row in 0..5 {
        let y = 308.0 + row as f32 * 50.0;
        for column in 0..4 {
            let x = 938.0 + column as f32 * 74.0;
            c.block((x, y), (x + 68.0, y + 44.0), 3.0, rgb(0xc9b8a6), rgb(0xb7a48f));
            c.block((x + 3.0, y + 3.0), (x + 65.0, y + 41.0), 3.0, rgb(0xd3c3b2), rgb(0xbdaa96));
        }
    }
    c.block((900.0, 250.0), (918.0, 284.0), 5.0, rgb(0x2a2527), rgb(0x1c191a));
}

pub fn draw(c: &mut Canvas, t: f32) {
    for i in 0..4 {
        let y = 120.0 + 42.0 * i as f32;
        let x = 160.0 + 150.0 * i as f32 + wave(t, 1.0, i as f32 * 0.21) * 40.0;
        c.glow((x, y), (260.0, 20.0), rgb(0xff9d7a), 0.34);
        c.glow((x + 120.0, y + 14.0), (170.0, 12.0), rgb(0xffc98f), 0.3);
    }
    for i in 0..5 {
        let turn = (t / 20.0 + i as f32 * 0.035).fract();
        let at = (1340.0 - 1440.0 * turn, 210.0 - 60.0 * turn + (i as f32 - 2.0).abs() * 17.0);
        bird(c, at, 9.0, t * 1.9 + i as f32 * 0.21, rgb(0x2a2038));
    }
    trees(c, t);
    // In from 2.5 s to 8 s; stands; out backwards from 13 s to 18 s.
    let (come, go) = (ease(2.5, 8.0, t), ease(13.0, 18.0, t));
    let x = -220.0 + 890.0 * (come - go);
    let present = t > 2.4 && t < 18.1;
    let home = ease(7.2, 8.4, t) - ease(15.5, 17.5, t);
    c.glow((909.0, 272.0), (330.0, 330.0), rgb(0xffc67a), 0.55 * home);
    c.glow((909.0, 268.0), (30.0, 34.0), rgb(0xfff2cc), 1.3 * home);
    if present {
        let moving = (2.6..7.8).contains(&t) || (13.2..17.8).contains(&t);
        let lamps = 0.55 + 0.45 * (1.0 - (ease(8.6, 9.2, t) - ease(12.2, 12.6, t)));
        let brake =
            (ease(6.4, 6.9, t) - ease(8.8, 9.2, t)).max(ease(12.4, 12.6, t) - ease(13.1, 13.3, t));
        let at = (x, 610.0);
        for i in 0..6 {
            let reach = 150.0 + 62.0 * i as f32;
            c.glow((x + 128.0 + reach, 600.0), (170.0, 44.0), rgb(0xffe2a4), 0.09 * lamps);
        }
        let bounce = if moving { wave(t, 60.0, 0.0) * 0.7 } else { 0.0 };
        car(c, (at.0, at.1 + bounce), 1.32, x / 30.0, lamps, brake);
        if !moving && (9.0..12.4).contains(&t) {
            exhaust(c, t, x - 172.0);
        }
    }
    hedge(c, t);
    let dusk = 1.0 - 0.05 * wave(t, 1.0, 0.25);
    c.light(|x, y| {
        let corner = ((x - 640.0) / 640.0).powi(2) + ((y - 380.0) / 380.0).powi(2);
        let fall = 1.0 - 0.13 * corner;
        [dusk * fall * 1.02, dusk * fall * 0.97, fall * 0.98]
    });
}

fn exhaust(c: &mut Canvas, t: f32, x: f32) {
    for i in 0..5 {
        let age = (t * 0.8 + i as f32 * 0.2).fract();
        let at = (x - 60.0 * age, 584.0 - 22.0 * age);
        c.glow(at, (16.0 + 34.0 * age, 12.0 + 20.0 * age), [1.0; 3], 0.13 * (1.0 - age));
    }
}

fn trees(c: &mut Canvas, t: f32) {
    c.limb((206.0, 540.0), (214.0, 330.0), 15.0, 8.0, rgb(0x2c1f24));
    crown(c, t, (212.0, 262.0), (120.0, 116.0), rgb(0x2b2230), rgb(0x8a5a45), 41);
    c.limb((770.0, 520.0), (764.0, 380.0), 9.0, 5.0, rgb(0x2c1f24));
    crown(c, t, (766.0, 340.0), (66.0, 74.0), rgb(0x35283a), rgb(0x9a6648), 77);
    // A street lamp that has just come on.
    c.limb((646.0, 520.0), (646.0, 250.0), 4.0, 3.0, rgb(0x241d28));
    c.limb((646.0, 250.0), (690.0, 240.0), 3.0, 2.5, rgb(0x241d28));
    let flicker = 0.85 + 0.1 * wave(t, 40.0, 0.0) * wave(t, 7.0, 0.3);
    c.glow((692.0, 250.0), (150.0, 130.0), rgb(0xffd08a), 0.5 * flicker);
    c.ellipse((692.0, 244.0), (11.0, 5.0), rgb(0xfff0cc));
}

fn hedge(c: &mut Canvas, t: f32) {
    for i in 0..6 {
        let x = -30.0 + i as f32 * 52.0;
        let y = 716.0 + (i as f32 - 2.0).abs() * 6.0;
        crown(
            c,
            t,
            (x, y),
            (74.0, 62.0),
            mix(rgb(0x1a2218), rgb(0x241d20), 0.3),
            rgb(0x55602f),
            130 + i * 17,
        );
    }
}
