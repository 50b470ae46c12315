//! Sizes, strides and buffers that do not fit each other: refused, or every pixel can be read.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use platewarden::frame::crop_rgb;
use platewarden::{
    Frame, LetterboxSpec, Letterboxer, Limits, Point, Quad, Rect, Rectifier, RectifySpec, YuvColor,
    YuvMatrix, YuvRange,
};

#[derive(Arbitrary, Debug)]
struct Input {
    layout: u8,
    /// Small sizes are the rule; `wild` sizes lie.
    size: [u8; 2],
    wild: Option<[u32; 2]>,
    /// How far each stride is from the right one; a wild one lies.
    strides: [i8; 3],
    wild_stride: Option<u64>,
    /// How many bytes each plane lacks or has too many.
    lengths: [i8; 3],
    full_range: bool,
    bt709: bool,
    area: [f32; 4],
    corners: [f32; 8],
    seed: u8,
}

fuzz_target!(|input: Input| {
    let [width, height] = input
        .wild
        .unwrap_or_else(|| input.size.map(|side| u32::from(side % 70)));
    let (w, h) = (width as usize, height as usize);
    let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
    let rows = match input.layout % 5 {
        0 | 1 => [(w.saturating_mul(3), h), (0, 0), (0, 0)],
        2 => [(w, h), (0, 0), (0, 0)],
        3 => [(w, h), (half_w * 2, half_h), (0, 0)],
        _ => [(w, h), (half_w, half_h), (half_w, half_h)],
    };
    let mut planes: [Vec<u8>; 3] = Default::default();
    let mut strides = [0_usize; 3];
    for index in 0..3 {
        let (row, count) = rows[index];
        strides[index] = input.wild_stride.filter(|_| index == usize::from(input.seed) % 3).map_or_else(
            || row.saturating_add_signed(isize::from(input.strides[index].max(-2))),
            |wild| wild as usize,
        );
        // The least that holds, give or take; never more than a mebibyte.
        let least = strides[index]
            .saturating_mul(count.saturating_sub(1))
            .saturating_add(row);
        let length = least
            .saturating_add_signed(isize::from(input.lengths[index]))
            .min(1 << 20);
        planes[index] = (0..length).map(|at| (at as u8).wrapping_mul(31) ^ input.seed).collect();
    }
    let [a, b, c] = &planes;
    let frame = match input.layout % 5 {
        0 => Frame::rgb8(a, width, height, strides[0]),
        1 => Frame::bgr8(a, width, height, strides[0]),
        2 => Frame::gray8(a, width, height, strides[0]),
        3 => Frame::nv12(a, strides[0], b, strides[1], width, height),
        _ => Frame::i420(a, b, c, strides, width, height),
    };
    let Ok(frame) = frame else {
        return;
    };
    let range = if input.full_range { YuvRange::Full } else { YuvRange::Limited };
    let matrix = if input.bt709 { YuvMatrix::Bt709 } else { YuvMatrix::Bt601 };
    let frame = frame.with_yuv_color(YuvColor::new(matrix, range));
    let Ok(frame) = frame.within(&Limits::default().with_max_pixels(1 << 20)) else {
        return;
    };
    let [x, y, width, height] = input.area;
    let area = Rect::new(x, y, width, height);
    let _ = crop_rgb(&frame, &area);
    let mut parts = vec![frame];
    parts.extend(frame.part(&area).ok().map(|(part, _)| part));
    for part in parts {
        let whole = Rect::new(0.0, 0.0, part.width() as f32, part.height() as f32);
        assert!(crop_rgb(&part, &whole).is_some());
        let spec = LetterboxSpec::new(32, 24);
        let mut tensor = vec![0.0; spec.elements()];
        Letterboxer::default()
            .fill(&part, &spec, &mut tensor)
            .expect("a frame with pixels fits into any box");
        assert!(tensor.iter().all(|value| (0.0..=1.0).contains(value)));
        let [a, b, c, d] = [0, 2, 4, 6].map(|at| Point::new(input.corners[at], input.corners[at + 1]));
        let spec = RectifySpec::new(24, 12);
        let mut plate = vec![0; spec.elements()];
        let _ = Rectifier::default().bytes(&part, &Quad([a, b, c, d]), &spec, &mut plate);
    }
});
