//! Raw frames with their times, as a Matroska stream.
//!
//! A pipe of raw video has no timestamps. Matroska (RFC 9559) with the codec `V_UNCOMPRESSED` has them to the microsecond,
//! and takes a few dozen bytes a frame.

use std::io::{self, Write};
use std::time::Duration;

use platewarden::{PixelFormat, YuvColor, YuvMatrix, YuvRange};

/// Size of an element whose end is that of the stream.
const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/// Writes the head of a stream of frames of one size and format; I420 or NV12.
pub(super) fn write_header(
    out: &mut impl Write,
    (width, height): (u32, u32),
    format: PixelFormat,
    color: YuvColor,
) -> io::Result<()> {
    let four_cc: &[u8] = if format == PixelFormat::Nv12 {
        b"NV12"
    } else {
        b"I420"
    };
    let mut ebml = Vec::new();
    number(&mut ebml, &[0x42, 0x86], 1);
    number(&mut ebml, &[0x42, 0xf7], 1);
    number(&mut ebml, &[0x42, 0xf2], 4);
    number(&mut ebml, &[0x42, 0xf3], 8);
    element(&mut ebml, &[0x42, 0x82], b"matroska");
    number(&mut ebml, &[0x42, 0x87], 4);
    number(&mut ebml, &[0x42, 0x85], 2);

    let mut info = Vec::new();
    // Times are in microseconds: 1000 ns.
    number(&mut info, &[0x2a, 0xd7, 0xb1], 1000);
    element(&mut info, &[0x4d, 0x80], b"platewarden");
    element(&mut info, &[0x57, 0x41], b"platewarden");

    let mut colour = Vec::new();
    // Codes of ISO/IEC 23091-2: 1 is BT.709, 6 is BT.601.
    number(
        &mut colour,
        &[0x55, 0xb1],
        if color.matrix == YuvMatrix::Bt709 {
            1
        } else {
            6
        },
    );
    number(
        &mut colour,
        &[0x55, 0xb9],
        if color.range == YuvRange::Full { 2 } else { 1 },
    );
    let mut video = Vec::new();
    number(&mut video, &[0xb0], u64::from(width));
    number(&mut video, &[0xba], u64::from(height));
    element(&mut video, &[0x2e, 0xb5, 0x24], four_cc);
    element(&mut video, &[0x55, 0xb0], &colour);
    let mut track = Vec::new();
    number(&mut track, &[0xd7], 1);
    number(&mut track, &[0x73, 0xc5], 1);
    number(&mut track, &[0x83], 1);
    number(&mut track, &[0x9c], 0);
    element(&mut track, &[0x86], b"V_UNCOMPRESSED");
    element(&mut track, &[0xe0], &video);
    let mut tracks = Vec::new();
    element(&mut tracks, &[0xae], &track);

    let mut head = Vec::new();
    element(&mut head, &[0x1a, 0x45, 0xdf, 0xa3], &ebml);
    head.extend([0x18, 0x53, 0x80, 0x67]);
    head.extend(UNKNOWN_SIZE);
    element(&mut head, &[0x15, 0x49, 0xa9, 0x66], &info);
    element(&mut head, &[0x16, 0x54, 0xae, 0x6b], &tracks);
    out.write_all(&head)
}

/// Writes one frame, in a cluster of its own.
pub(super) fn write_frame(out: &mut impl Write, time: Duration, pixels: &[u8]) -> io::Result<()> {
    let mut time_element = Vec::new();
    let microseconds = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    number(&mut time_element, &[0xe7], microseconds);
    // Track 1, no time beyond the cluster's, key frame.
    let block_head = [0x81, 0, 0, 0x80];
    let block_length = (block_head.len() + pixels.len()) as u64;
    let mut head = vec![0x1f, 0x43, 0xb6, 0x75];
    // The block's own id and size take nine bytes.
    head.extend(size(time_element.len() as u64 + 9 + block_length));
    head.extend(&time_element);
    head.push(0xa3);
    head.extend(size(block_length));
    head.extend(block_head);
    out.write_all(&head)?;
    out.write_all(pixels)
}

fn element(out: &mut Vec<u8>, id: &[u8], content: &[u8]) {
    out.extend(id);
    out.extend(size(content.len() as u64));
    out.extend(content);
}

fn number(out: &mut Vec<u8>, id: &[u8], value: u64) {
    element(out, id, &value.to_be_bytes());
}

/// A size in eight bytes, the first of which says so.
fn size(length: u64) -> [u8; 8] {
    let mut bytes = length.to_be_bytes();
    if let Some(first) = bytes.first_mut() {
        *first = 0x01;
    }
    bytes
}
