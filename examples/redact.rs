//! Makes the plates in a picture unreadable, all but one.
//!
//!     cargo run --release --example redact -- fixtures/data/two_1280x720.jpg redacted.png 42TKF7
//!
//! Videos with their sound, styles and margins: `platewarden redact`.

use std::{env, error::Error, fs};

use platewarden::{EngineOptions, Frame, Limits, decode};
use platewarden_video::redact::{
    RedactOptions, areas_to_redact, find_plates, redact_image, redaction_engine,
};

/// A plate that was read less surely than this is redacted, whatever it seems to be.
const SURE: f32 = 0.9;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(input), Some(output)) = (arguments.next(), arguments.next()) else {
        return Err("name a picture, the file to write, and where wanted a plate to keep".into());
    };
    let keep = arguments.next();
    let options = RedactOptions::default();
    // Looks for plates at a lower score than an engine that reads: a patch too many harms nobody.
    let engine = redaction_engine(EngineOptions::default(), &options)?;
    let mut picture = decode(&fs::read(&input)?, &Limits::default())?;
    let (plates, reads) = {
        let frame = Frame::from(&picture);
        let plates = find_plates(&engine, &frame, &options)?;
        let reads = engine.recognize(&frame, &plates)?;
        (plates, reads)
    };
    let areas = areas_to_redact(
        &plates,
        &reads,
        |read| read.confidence >= SURE && keep.as_deref() == Some(&*read.text),
        &options,
    );
    redact_image(&mut picture, &areas, options.style);
    picture.save(&output)?;
    println!("{output}: {} areas redacted", areas.len());
    Ok(())
}
