//! What moves in more than one scene, and what grows in all of them.

use crate::canvas::{Canvas, Point, Rgb, mix, random, rgb, wave};

/// A person who walks towards the camera or away from it. `feet` is where they stand, `size` their
/// height in pixels, `stride` the phase of their steps in turns, `front` whether the face is seen.
pub fn person(c: &mut Canvas, feet: Point, size: f32, stride: f32, front: bool, moving: f32) {
    let s = size / 100.0;
    let at = |x: f32, y: f32| (feet.0 + x * s, feet.1 - y * s);
    let swing = (stride * std::f32::consts::TAU).sin() * moving;
    let bob = swing.abs() * 1.5;
    c.shadow((feet.0 + 16.0 * s, feet.1 + 2.0 * s), (34.0 * s, 8.0 * s), 0.5);
    let (trousers, coat, skin) = (rgb(0x2d3a55), rgb(0xc2512f), rgb(0xe0ac86));
    for (side, lift) in [(-1.0, swing.max(0.0)), (1.0, (-swing).max(0.0))] {
        let (hip, foot) = (at(side * 5.0, 48.0 + bob), at(side * 6.5, 3.0 + lift * 9.0));
        let shade = mix(trousers, rgb(0x10141f), lift * 0.4);
        c.limb(hip, foot, 6.2 * s, 4.4 * s, shade);
        c.limb(foot, (foot.0 + side * 1.5 * s, foot.1 + 1.0 * s), 4.6 * s, 4.2 * s, rgb(0x2a211c));
    }
    for (side, sway) in [(-1.0, swing), (1.0, -swing)] {
        let hand = if front { at(side * 6.0, 53.0) } else { at(side * 15.0, 46.0 + sway * 5.0) };
        c.limb(at(side * 12.0, 76.0 + bob), hand, 4.2 * s, 3.4 * s, mix(coat, rgb(0x5c2010), 0.3));
        c.ellipse(hand, (3.2 * s, 3.2 * s), skin);
    }
    c.block(at(-13.0, 82.0 + bob), at(13.0, 46.0 + bob), 7.0 * s, coat, mix(coat, [0.1; 3], 0.35));
    if front {
        c.block(at(-10.0, 68.0 + bob), at(10.0, 53.0 + bob), 1.0 * s, rgb(0xcfa56b), rgb(0xa87f49));
        c.block(at(-1.2, 68.0 + bob), at(1.2, 53.0 + bob), 0.5, rgb(0xe7d3a1), rgb(0xd0b880));
    }
    c.limb(at(0.0, 82.0 + bob), at(0.0, 86.0 + bob), 3.6 * s, 3.6 * s, skin);
    c.ellipse(at(0.0, 92.0 + bob), (6.6 * s, 7.8 * s), skin);
    c.ellipse(at(0.0, 96.5 + bob), (7.2 * s, 4.8 * s), rgb(0x274d6e));
    if front {
        c.limb(at(-7.0, 94.4 + bob), at(7.0, 94.4 + bob), 1.3 * s, 1.3 * s, rgb(0x1d3a55));
        for side in [-2.6, 2.6] {
            c.ellipse(at(side, 91.2 + bob), (0.9 * s, 1.0 * s), rgb(0x231a16));
        }
    } else {
        c.ellipse(at(0.0, 93.0 + bob), (6.4 * s, 6.0 * s), rgb(0x4a3324));
    }
}

/// A crown of leaves that sways. `seed` shapes it.
pub fn crown(
    c: &mut Canvas,
    t: f32,
    centre: Point,
    radii: Point,
    dark: Rgb,
    bright: Rgb,
    seed: u32,
) {
    let count = 70;
    for i in 0..count {
        let (a, b, d) = (random(seed + i * 3), random(seed + i * 3 + 1), random(seed + i * 3 + 2));
        let (angle, reach) = (a * std::f32::consts::TAU, b.sqrt() * 0.85);
        let (ox, oy) = (angle.cos() * reach, angle.sin() * reach);
        let height = (0.5 - oy * 0.5).clamp(0.0, 1.0);
        let sway =
            wave(t, 4.0 + (seed % 3) as f32, a * 0.2) * 5.0 * height + wave(t, 11.0, d) * 1.3;
        let size = radii.0 * (0.16 + 0.14 * d);
        let at = (centre.0 + ox * radii.0 + sway, centre.1 + oy * radii.1);
        let light = (i as f32 / count as f32 * 0.55 + height * 0.45).clamp(0.0, 1.0);
        c.ellipse(at, (size, size * 0.9), mix(dark, bright, light));
    }
}

/// A bird that beats its wings.
pub fn bird(c: &mut Canvas, at: Point, size: f32, beat: f32, colour: Rgb) {
    let lift = (beat * std::f32::consts::TAU).sin() * 0.7 * size;
    for side in [-1.0, 1.0] {
        let elbow = (at.0 + side * size * 0.6, at.1 - lift * 0.8 - size * 0.1);
        c.limb(at, elbow, size * 0.12, size * 0.1, colour);
        c.limb(elbow, (at.0 + side * size * 1.3, at.1 - lift * 0.3), size * 0.1, 0.6, colour);
    }
    c.limb((at.0 - size * 0.3, at.1), (at.0 + size * 0.35, at.1), size * 0.14, size * 0.1, colour);
}

/// A car seen from its right side; `at` is the ground below its middle, `turn` how far its wheels
/// have turned, `lamps` and `brake` how bright its lights are.
pub fn car(c: &mut Canvas, at: Point, s: f32, turn: f32, lamps: f32, brake: f32) {
    let p = |x: f32, y: f32| (at.0 + x * s, at.1 - y * s);
    let (body, dark) = (rgb(0x2f6d8c), rgb(0x173a4d));
    c.shadow((at.0, at.1 + 2.0 * s), (150.0 * s, 16.0 * s), 0.7);
    let lower = [
        p(-128., 22.),
        p(-130., 44.),
        p(-118., 58.),
        p(-74., 66.),
        p(70., 64.),
        p(116., 54.),
        p(130., 42.),
        p(131., 24.),
        p(122., 18.),
        p(-120., 18.),
    ];
    c.polygon(&lower, body, dark);
    let cabin = [p(-84., 64.), p(-58., 96.), p(-40., 101.), p(22., 100.), p(44., 92.), p(76., 63.)];
    c.polygon(&cabin, mix(body, rgb(0xffffff), 0.12), body);
    let glass = [
        (p(-74., 66.), p(-53., 92.), p(-14., 95.), p(-14., 66.)),
        (p(-8., 66.), p(-8., 95.), p(22., 94.), p(62., 66.)),
    ];
    for (a, b, d, e) in glass {
        c.polygon(&[a, b, d, e], rgb(0x9fb4c4), rgb(0x31424f));
    }
    c.limb(p(-10., 64.), p(-10., 28.), 0.8 * s, 0.8 * s, dark);
    c.limb(p(4., 56.), p(16., 56.), 1.6 * s, 1.6 * s, mix(body, [1.0; 3], 0.35));
    c.limb(p(-116., 24.), p(118., 24.), 2.2 * s, 2.2 * s, rgb(0x0f2230));
    for x in [-76.0, 78.0] {
        let hub = p(x, 20.0);
        c.ellipse(hub, (25.0 * s, 25.0 * s), rgb(0x0c161d));
        c.ellipse(hub, (21.0 * s, 21.0 * s), rgb(0x1b1b1e));
        c.ellipse(hub, (12.5 * s, 12.5 * s), rgb(0x9aa3aa));
        for spoke in 0..5 {
            let angle = turn + spoke as f32 * std::f32::consts::TAU / 5.0;
            let rim = (hub.0 + angle.cos() * 11.0 * s, hub.1 + angle.sin() * 11.0 * s);
            c.limb(hub, rim, 1.8 * s, 1.4 * s, rgb(0x3b4248));
        }
    }
    c.ellipse(p(123.0, 42.0), (7.0 * s, 5.0 * s), mix(rgb(0xb9c0c2), rgb(0xfff6d0), lamps));
    c.ellipse(p(-125.0, 44.0), (4.5 * s, 6.0 * s), mix(rgb(0x5d1313), rgb(0xff3a26), brake));
    c.glow(p(124.0, 42.0), (70.0 * s, 46.0 * s), rgb(0xfff0c0), 0.9 * lamps);
    c.glow(p(-126.0, 44.0), (60.0 * s, 36.0 * s), rgb(0xff2a18), 0.7 * brake);
}
