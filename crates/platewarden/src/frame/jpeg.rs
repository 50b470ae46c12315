//! Whether a JPEG file is whole.
//!
//! The decoder paints what is missing grey and reports success; a plate read from half a picture would pass for one from a
//! whole picture, so the end is looked for here.

const MARKER: u8 = 0xFF;
const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

/// Whether the bytes stop before the end-of-image marker of the first picture in them.
///
/// Segments are walked by their lengths, because thumbnails in EXIF blocks hold end markers of their own; bytes after the
/// end marker, which many cameras write, do not count.
pub(super) fn ends_early(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        let Some((marker, after)) = next_marker(rest) else {
            return true;
        };
        rest = after;
        match marker {
            END_OF_IMAGE => return false,
            // Parameterless: start of image, temporary, restarts.
            START_OF_IMAGE | 0x01 | 0xD0..=0xD7 => {}
            _ => {
                let &[high, low, ..] = rest else { return true };
                let length = usize::from(u16::from_be_bytes([high, low]));
                let Some(after) = rest.get(length.max(2)..) else {
                    return true;
                };
                rest = after;
                if marker == START_OF_SCAN {
                    let Some(after) = skip_scan(rest) else {
                        return true;
                    };
                    rest = after;
                }
            }
        }
    }
}

/// The next marker's code and what follows it; fill bytes before it are passed over.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let start = bytes.iter().position(|&byte| byte == MARKER)?;
    let rest = bytes.get(start..)?;
    let code = rest.iter().position(|&byte| byte != MARKER)?;
    Some((*rest.get(code)?, rest.get(code + 1..)?))
}

/// What follows the entropy-coded data of a scan, from the marker that ends it.
fn skip_scan(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    loop {
        let at = rest.iter().position(|&byte| byte == MARKER)?;
        rest = rest.get(at..)?;
        match rest.get(1)? {
            // A stuffed byte, a restart, or a fill byte: data goes on.
            0x00 | 0xD0..=0xD7 => rest = rest.get(2..)?,
            &MARKER => rest = rest.get(1..)?,
            _ => return Some(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ends_early;

    const WHOLE: &[u8] = &[
        0xFF, 0xD8, // start
        0xFF, 0xE1, 0x00, 0x06, 0xFF, 0xD8, 0xFF, 0xD9, // EXIF with a thumbnail's markers
        0xFF, 0xDA, 0x00, 0x03, 0x01, // scan
        0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56, // data with a stuffed byte and a restart
        0xFF, 0xFF, 0xD9, // fill byte, end
        0x99, // trailer
    ];

    #[test]
    fn whole_file_ends_well_at_its_end_marker_only() {
        assert!(!ends_early(WHOLE));
        assert!(!ends_early(&WHOLE[..WHOLE.len() - 1]));
        for length in 0..WHOLE.len() - 1 {
            assert!(ends_early(&WHOLE[..length]), "cut at {length}");
        }
    }
}
