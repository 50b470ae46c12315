//! What every network that looks at plates cut out of a frame has in common: how they are cut, and how many go through it at once.

use crate::{Channels, RectifySpec, backend::PortSignature};

/// Plates that go through a network at once at most, where it takes several: beyond that, memory grows and time does not shrink.
const MAX_BATCH: usize = 8;

/// How plates are cut out for an input of this height and width.
pub(super) fn spec(shape: [usize; 2], channels: Channels, margin: [f32; 2]) -> RectifySpec {
    // The manifest's check keeps them far below the limits of u32.
    let [height, width] = shape.map(|size| u32::try_from(size).unwrap_or(u32::MAX));
    let [margin_x, margin_y] = margin;
    RectifySpec::new(width, height)
        .with_channels(channels)
        .with_margin(margin_x, margin_y)
}

/// Plates that go through a network with this input at once.
pub(super) fn batch(input: &PortSignature) -> usize {
    let plates = input.dimensions.as_ref().and_then(|sizes| sizes.first());
    if plates.is_some_and(|plates| plates.admits(1) && plates.admits(2)) {
        MAX_BATCH
    } else {
        1
    }
}

/// The shape a session is prepared for: one plate, which is the commonest number, or any number.
pub(super) fn session_shape(input: [usize; 4]) -> [Option<usize>; 4] {
    let [plates, a, b, c] = input;
    [(plates == 1).then_some(1), Some(a), Some(b), Some(c)]
}
