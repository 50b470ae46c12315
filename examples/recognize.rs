//! Reads the licence plates in pictures.
//!
//!     cargo run --release --example recognize -- street.jpg more.png
//!
//! Folders, patterns, JSON lines and drawn pictures: `platewarden read` (crate `platewarden-cli`).

use std::{env, error::Error, fs};

use platewarden::{Engine, Frame, Limits, decode, percent};

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<_> = env::args_os().skip(1).collect();
    if files.is_empty() {
        return Err("name one picture or more: recognize street.jpg".into());
    }
    // One engine for all pictures: making it loads the networks.
    let engine = Engine::new()?;
    if let Some(backend) = engine.backend() {
        eprintln!("networks run on {backend}");
    }
    for file in files {
        let picture = decode(&fs::read(&file)?, &Limits::default())?;
        for plate in engine.read(&Frame::from(&picture))? {
            println!(
                "{}: {} ({}) at {:.0},{:.0}, {:.0} pixels wide",
                file.display(),
                plate.text,
                percent(plate.confidence),
                plate.bounds.x,
                plate.bounds.y,
                plate.bounds.width
            );
        }
    }
    Ok(())
}
