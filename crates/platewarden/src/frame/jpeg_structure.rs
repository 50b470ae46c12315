//! Whether a JPEG file can hold the picture that its header promises.
//!
//! The decoder fills up with zeros once it has met the end-of-image marker, in its strict mode too; hence these checks.

const MARKER: u8 = 0xFF;
const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;
/// The Huffman-coded kinds that the decoder knows: baseline, extended, progressive.
const START_OF_FRAME: [u8; 3] = [0xC0, 0xC1, 0xC2];
const PROGRESSIVE: u8 = 0xC2;

/// What is wrong with the first picture in `bytes`: it stops before its end-of-image marker, or has fewer bits than its
/// size needs at the least.
///
/// Segments are walked by their lengths, because thumbnails in EXIF blocks hold markers of their own; bytes after the end
/// marker, which many cameras write, do not count.
pub(super) fn fault(bytes: &[u8]) -> Option<&'static str> {
    match walk(bytes) {
        None => Some("the data ends before the end-of-image marker"),
        Some(found) if found.coded.saturating_mul(8) < found.least_bits => {
            Some("there is less data than a picture of the size in the header can have")
        }
        Some(_) => None,
    }
}

/// What a walk through the file finds.
#[derive(Default)]
struct Found {
    /// Bytes of entropy-coded data.
    coded: u64,
    /// Bits that the picture in the header takes at the least.
    least_bits: u64,
}

/// `None` where the file ends before its end marker.
fn walk(bytes: &[u8]) -> Option<Found> {
    let mut found = Found::default();
    let mut rest = bytes;
    loop {
        let (marker, after) = next_marker(rest)?;
        rest = after;
        match marker {
            END_OF_IMAGE => return Some(found),
            // Parameterless: start of image, temporary, restarts.
            START_OF_IMAGE | 0x01 | 0xD0..=0xD7 => continue,
            _ => {}
        }
        let &[high, low, ..] = rest else { return None };
        let (segment, after) =
            rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])).max(2))?;
        rest = after;
        if START_OF_FRAME.contains(&marker) {
            found.least_bits = least_bits(segment, marker == PROGRESSIVE).unwrap_or(0);
        } else if marker == START_OF_SCAN {
            let after = skip_scan(rest)?;
            found.coded += (rest.len() - after.len()) as u64;
            rest = after;
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

/// Each block of 8x8 samples has a Huffman code of one bit or more for its mean, and, unless the picture is progressive,
/// another for the end of the block (ITU-T T.81, F.1.2 and G.1.2).
fn least_bits(frame: &[u8], progressive: bool) -> Option<u64> {
    let &[_, _, _, h1, h2, w1, w2, _, ref components @ ..] = frame else {
        return None;
    };
    let height = u64::from(u16::from_be_bytes([h1, h2]));
    let width = u64::from(u16::from_be_bytes([w1, w2]));
    let sampling = || {
        components
            .as_chunks::<3>()
            .0
            .iter()
            .map(|&[_, hv, _]| (u64::from(hv >> 4), u64::from(hv & 15)))
    };
    let most_h = sampling().map(|(h, _)| h).max()?.max(1);
    let most_v = sampling().map(|(_, v)| v).max()?.max(1);
    let blocks: u64 = sampling()
        .map(|(h, v)| {
            (width * h).div_ceil(most_h).div_ceil(8) * (height * v).div_ceil(most_v).div_ceil(8)
        })
        .sum();
    Some(blocks * if progressive { 1 } else { 2 })
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "a test may fail")]
mod tests {
    use super::*;

    const WHOLE: &[u8] = &[
        0xFF, 0xD8, // start
        0xFF, 0xE1, 0x00, 0x06, 0xFF, 0xD8, 0xFF, 0xD9, // EXIF with a thumbnail's markers
        0xFF, 0xC0, 0x00, 0x0B, 8, 0, 16, 0, 16, 1, 1, 0x11, 0, // frame: 16x16, one component
        0xFF, 0xDA, 0x00, 0x03, 0x01, // scan
        0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56, // data with a stuffed byte and a restart
        0xFF, 0xFF, 0xD9, // fill byte, end
        0x99, // trailer
    ];

    #[test]
    fn whole_file_ends_well_at_its_end_marker_only() {
        assert_eq!(fault(WHOLE), None);
        assert_eq!(fault(&WHOLE[..WHOLE.len() - 1]), None);
        for length in 0..WHOLE.len() - 1 {
            assert!(
                fault(&WHOLE[..length]).is_some_and(|fault| fault.contains("ends before")),
                "cut at {length}"
            );
        }
    }

    #[test]
    fn frame_larger_than_its_data_can_be_is_a_fault() {
        // Eight bytes of data, fill byte included: 64 bits, enough for 32 blocks.
        let mut bytes = WHOLE.to_vec();
        let height = 10 + 5;
        for (rows, enough) in [(128, true), (129, false)] {
            bytes[height..height + 2].copy_from_slice(&u16::to_be_bytes(rows));
            assert_eq!(fault(&bytes).is_none(), enough, "{rows} rows");
        }
    }

    #[test]
    fn least_size_counts_subsampled_components() {
        // 4:2:0 of 32x32: 16 + 4 + 4 blocks.
        let frame = [
            0, 17, 8, 0, 32, 0, 32, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
        ];
        assert_eq!(least_bits(&frame, false), Some(48));
        assert_eq!(least_bits(&frame, true), Some(24));
        assert_eq!(least_bits(&frame[..7], true), None);
    }
}
