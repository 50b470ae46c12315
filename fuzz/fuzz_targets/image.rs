//! Any bytes as an encoded image: pixels or an error, within the limits, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platewarden::{Frame, Limits, decode};

/// Starts of files, so that inputs reach a decoder: the first byte picks one.
const STARTS: [&[u8]; 6] = [
    b"",
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    b"BM",
    b"II*\x00\x08\x00\x00\x00",
    b"RIFF\x00\x10\x00\x00WEBPVP8",
];

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default()
        .with_max_side(512)
        .with_max_pixels(256 * 256)
        .with_max_encoded_bytes(1 << 16);
    let Some((pick, rest)) = data.split_first() else {
        return;
    };
    let mut bytes = STARTS[usize::from(*pick) % STARTS.len()].to_vec();
    bytes.extend_from_slice(rest);
    for input in [data, bytes.as_slice()] {
        if let Ok(picture) = decode(input, &limits) {
            let (width, height) = picture.dimensions();
            assert!(width > 0 && height > 0 && width <= 512 && height <= 512);
            assert!(Frame::from(&picture).within(&limits).is_ok());
        }
    }
});
