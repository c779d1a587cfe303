//! Draws the demo's scenes: raw RGB frames on standard output. `render.sh` compiles and runs it.
//!
//! Standard input says what: `SCENE FPS SECONDS`; scenes: door, drive, garden. All motion has a
//! period that divides 20 s, so a clip of 20 s loops without a seam.

mod canvas;
mod door;
mod drive;
mod figures;
mod garden;

use std::io::Write;

use canvas::Canvas;

fn main() -> std::io::Result<()> {
    let mut wish = String::new();
    std::io::stdin().read_line(&mut wish)?;
    let words: Vec<&str> = wish.split_whitespace().collect();
    let (scene, fps, seconds) = match words[..] {
        [scene, fps, seconds] => (scene, fps.parse::<f32>(), seconds.parse::<f32>()),
        _ => return Err(std::io::Error::other("expected on stdin: door|drive|garden FPS SECONDS")),
    };
    let (fps, seconds) = (fps.unwrap_or(25.0), seconds.unwrap_or(20.0));
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
