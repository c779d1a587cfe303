//! Draws the demo's scenes: raw RGB frames on standard output. `render.sh` compiles and runs it.
//!
//! `render SCENE WIDTHxHEIGHT FPS SECONDS`; scenes: door, drive, garden. All motion has a period
//! that divides 20 s, so a clip of 20 s loops without a seam.

mod canvas;
mod door;
mod drive;
mod figures;
mod garden;

use std::io::Write;

use canvas::Canvas;

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| words.get(i).and_then(|word| word.parse::<f32>().ok());
    let (scene, fps, seconds) = match (words.first(), number(1), number(2)) {
        (Some(scene), Some(fps), Some(seconds)) => (scene.as_str(), fps, seconds),
        _ => {
            eprintln!("usage: render door|drive|garden FPS SECONDS > raw RGB, 1280x720");
            std::process::exit(2);
        }
    };
    let (background, draw): (Canvas, fn(&mut Canvas, f32)) = match scene {
        "door" => (door::background(), door::draw),
        "drive" => (drive::background(), drive::draw),
        _ => (garden::background(), garden::draw),
    };
    let mut out = std::io::stdout().lock();
    for frame in 0..(fps * seconds) as u32 {
        let mut canvas = background.clone();
        draw(&mut canvas, frame as f32 / fps);
        out.write_all(&canvas.bytes())?;
    }
    Ok(())
}
