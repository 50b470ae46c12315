//! Corners of plates that are rolled or sheared, from the directions of their edges.
//!
//! A detector's box is good to a few per cent, while its corners follow a roll by half. But a plate is a thing of two directions: its
//! border and the feet and heads of its characters along it, the sides of border and strokes across. The gradients inside of the
//! box tell both to a fraction of a degree, and of all parallelograms with sides of these directions one fills the box.
//!
//! The directions are those of structure-tensor analysis (Bigün and Granlund 1987), with four-fold instead of two-fold symmetry
//! first, then each of the two alone.

use wide::f32x8;

use crate::{Detection, Frame, Point, Quad, Rect, Rectifier, RectifySpec};

/// Pixels that a plate is looked at with, across: enough for directions, and few enough to cost nothing that counts.
const WIDEST: f32 = 96.0;
/// Smaller plates have too few pixels to tell.
const NARROWEST: f32 = 24.0;
const LOWEST: f32 = 10.0;
/// Roll beyond which a box no longer tells a plate's proportions, in radians (40 degrees).
const STEEPEST: f32 = 0.7;
/// Angle between the two directions beyond a right one that no camera sees of a plate that can be read, in radians (25 degrees).
const MOST_SHEAR: f32 = 0.44;
/// Share of the gradients that must agree on four directions. Medians: drawn plates of one line 0.50, of two 0.59, labelled photographs 0.35
/// to 0.54 by source.
const AGREEMENT: f32 = 0.2;
/// Share of the gradients that must lie near each of both directions.
const SHARE: f32 = 0.08;
/// cos 40 degrees: gradients within 20 degrees of a direction count for it (angles are doubled).
const NEAR: f32 = 0.766;
/// Mean distance of the corners from the detector's, in heights of the plate, below which those are good enough.
const SMALLEST_MOVE: f32 = 0.12;

/// A detection and, where its edges say that it lies otherwise, the corners that it is read at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Straightened {
    /// What the detector found.
    pub(super) found: Detection,
    /// Corners in the place of the detector's.
    pub(super) corners: Option<Quad>,
}

impl Straightened {
    /// The corners that it is read at.
    pub(super) fn quad(&self) -> Quad {
        self.corners.unwrap_or(self.found.quad)
    }

    /// The detection with these corners.
    pub(super) fn detection(&self) -> Detection {
        Detection {
            quad: self.quad(),
            ..self.found
        }
    }
}

/// The gradients of a plate's pixels: cosine and sine of twice their angle, for opposite ones are the same edge, and their size. The
/// last lanes are filled up with gradients of no size.
#[derive(Clone, Debug, Default)]
struct Gradients {
    cos: Vec<f32x8>,
    sin: Vec<f32x8>,
    size: Vec<f32x8>,
}

impl Gradients {
    fn push(&mut self, x: f32x8, y: f32x8) {
        let square = (x * x + y * y).max(f32x8::splat(f32::MIN_POSITIVE));
        self.cos.push((x * x - y * y) / square);
        self.sin.push((x * y + x * y) / square);
        self.size.push(square.sqrt());
    }

    /// Sums of three functions of cosine, sine and size.
    fn sums(&self, of: impl Fn(f32x8, f32x8, f32x8) -> [f32x8; 3]) -> [f32; 3] {
        let mut sums = [f32x8::ZERO; 3];
        for ((&cos, &sin), &size) in self.cos.iter().zip(&self.sin).zip(&self.size) {
            for (sum, value) in sums.iter_mut().zip(of(cos, sin, size)) {
                *sum += value;
            }
        }
        sums.map(f32x8::reduce_add)
    }
}

/// The corners of a plate as its edges have them, where that differs from what the detector says and can be told.
pub(super) fn corners(frame: &Frame<'_>, plate: &Detection) -> Option<Quad> {
    let bounds = &plate.bounds;
    if !(bounds.width >= NARROWEST && bounds.height >= LOWEST) {
        return None;
    }
    let gradients = gradients(frame, bounds)?;
    let (along, across) = directions(&gradients)?;
    let quad = filling(bounds, along, across)?;
    let moved = quad
        .corners()
        .iter()
        .zip(plate.quad.corners())
        .map(|(a, b)| a.distance(b))
        .sum::<f32>()
        / 4.0;
    (moved > SMALLEST_MOVE * quad.height()).then_some(quad)
}

/// Gradients of the grey picture inside of the box: Scharr's filter (3 10 3, which keeps directions) after a bell of three pixels (1 2 1),
/// made into one filter of five by five.
fn gradients(frame: &Frame<'_>, bounds: &Rect) -> Option<Gradients> {
    let scale = (WIDEST / bounds.width.max(bounds.height)).min(1.0);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 5 and 96"
    )]
    let size = |length: f32| (length * scale).round().max(5.0) as u32;
    let spec = RectifySpec::new(size(bounds.width), size(bounds.height));
    let mut bytes = vec![0; spec.elements()];
    Rectifier::new()
        .bytes(frame, &bounds.to_quad(), &spec, &mut bytes)
        .ok()?;
    let width = spec.width as usize;
    let pixels: Vec<f32> = bytes.iter().copied().map(f32::from).collect();
    let rows: Vec<&[f32]> = pixels.chunks_exact(width).collect();
    let (mut smooth, mut slope) = (vec![0.0; width], vec![0.0; width]);
    let (mut x, mut y) = (Vec::new(), Vec::new());
    let mut out = Gradients::default();
    for rows in rows.windows(5) {
        let [a, b, c, d, e] = rows else { continue };
        let column = a.iter().zip(*b).zip(*c).zip(*d).zip(*e);
        for ((smooth, slope), ((((a, b), c), d), e)) in
            smooth.iter_mut().zip(&mut slope).zip(column)
        {
            *smooth = smoothed(*a, *b, *c, *d, *e);
            *slope = sloping(*a, *b, *d, *e);
        }
        x.clear();
        x.extend(smooth.windows(5).map(|window| match window {
            [a, b, _, d, e] => sloping(*a, *b, *d, *e),
            _ => 0.0,
        }));
        y.clear();
        y.extend(slope.windows(5).map(|window| match window {
            [a, b, c, d, e] => smoothed(*a, *b, *c, *d, *e),
            _ => 0.0,
        }));
        for (x, y) in x.chunks(8).zip(y.chunks(8)) {
            out.push(f32x8::from(x), f32x8::from(y));
        }
    }
    Some(out)
}

/// (1 2 1) with (3 10 3).
fn smoothed(a: f32, b: f32, c: f32, d: f32, e: f32) -> f32 {
    3.0 * (a + e) + 16.0 * (b + d) + 26.0 * c
}

/// (1 2 1) with (-1 0 1).
fn sloping(a: f32, b: f32, d: f32, e: f32) -> f32 {
    (e - a) + 2.0 * (d - b)
}

/// Directions along and across the plate, in radians by which they are turned clockwise (as seen) from the picture's own; `None`
/// where there are no two.
fn directions(gradients: &Gradients) -> Option<(f32, f32)> {
    let [re, im, total] = gradients.sums(|cos, sin, size| {
        [
            (cos * cos - sin * sin) * size,
            (cos * sin + cos * sin) * size,
            size,
        ]
    });
    if !(total > 0.0 && re.hypot(im) > AGREEMENT * total) {
        return None;
    }
    let both = im.atan2(re) / 4.0;
    let quarter = std::f32::consts::FRAC_PI_2;
    let across = refine(gradients, both, total)?;
    let along = refine(gradients, both + quarter, total)? - quarter;
    let possible =
        along.abs() <= STEEPEST && across.abs() <= STEEPEST && (along - across).abs() <= MOST_SHEAR;
    possible.then_some((along, across))
}

/// The direction of the gradients near `angle`, in radians; `None` where they are too few.
fn refine(gradients: &Gradients, angle: f32, total: f32) -> Option<f32> {
    let mut angle = angle;
    // The second round is about what the first has found.
    for _ in 0..2 {
        let (sin_there, cos_there) = (2.0 * angle).sin_cos();
        let (sin_there, cos_there) = (f32x8::splat(sin_there), f32x8::splat(cos_there));
        let [re, im, weight] = gradients.sums(|cos, sin, size| {
            let near = cos * cos_there + sin * sin_there;
            let off = sin * cos_there - cos * sin_there;
            let share = (near - f32x8::splat(NEAR)).max(f32x8::ZERO) * size;
            [near * share, off * share, share]
        });
        if weight < SHARE * (1.0 - NEAR) * total {
            return None;
        }
        angle += im.atan2(re) / 2.0;
    }
    Some(angle)
}

/// The parallelogram with sides of these directions that fills a box.
fn filling(bounds: &Rect, along: f32, across: f32) -> Option<Quad> {
    let (sin_along, cos_along) = along.sin_cos();
    let (sin_across, cos_across) = across.sin_cos();
    // Width and height of the box are sums of what both sides reach.
    let (a, b, c, d) = (
        cos_along.abs(),
        sin_across.abs(),
        sin_along.abs(),
        cos_across.abs(),
    );
    let determinant = a * d - b * c;
    if determinant <= 0.1 {
        return None;
    }
    let length = (bounds.width * d - b * bounds.height) / determinant;
    let height = (a * bounds.height - c * bounds.width) / determinant;
    // A box that is flatter than the roll allows is no box of this plate; a little is forgiven.
    if !(length > 0.0 && height > 0.1 * length) {
        return None;
    }
    let center = bounds.center();
    let side = Point::new(cos_along * length / 2.0, sin_along * length / 2.0);
    let up = Point::new(-sin_across * height / 2.0, cos_across * height / 2.0);
    let corner = |i: f32, j: f32| {
        Point::new(
            center.x + i * side.x + j * up.x,
            center.y + i * side.y + j * up.y,
        )
    };
    let quad = Quad::new(
        corner(-1.0, -1.0),
        corner(1.0, -1.0),
        corner(1.0, 1.0),
        corner(-1.0, 1.0),
    );
    (!quad.is_degenerate()).then_some(quad)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    /// A made-up plate of 160 by 40 with twelve strokes, turned by `along` and its strokes by `across` (degrees).
    fn drawn(along: f32, across: f32) -> (Vec<u8>, Quad, Rect) {
        let (along, across) = (along.to_radians(), across.to_radians());
        let (sa, ca) = along.sin_cos();
        let (sb, cb) = across.sin_cos();
        let determinant = ca * cb + sa * sb;
        let mut pixels = vec![90_u8; 320 * 240];
        for y in 0..240_u16 {
            for x in 0..320_u16 {
                let mut sum = 0.0;
                for k in 0..16_u8 {
                    let px = f32::from(x) + (f32::from(k % 4) + 0.5) / 4.0 - 160.0;
                    let py = f32::from(y) + (f32::from(k / 4) + 0.5) / 4.0 - 120.0;
                    let u = (px * cb + py * sb) / determinant;
                    let v = (py * ca - px * sa) / determinant;
                    let inside = u.abs() < 80.0 && v.abs() < 20.0;
                    let stroke = v.abs() < 13.0 && (u + 80.0).rem_euclid(13.0) < 4.0;
                    sum += if !inside {
                        90.0
                    } else if stroke {
                        20.0
                    } else {
                        230.0
                    };
                }
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a mean of bytes"
                )]
                let value = (sum / 16.0) as u8;
                if let Some(pixel) = pixels.get_mut(usize::from(y) * 320 + usize::from(x)) {
                    *pixel = value;
                }
            }
        }
        let corner = |i: f32, j: f32| {
            Point::new(
                160.0 + i * 80.0 * ca - j * 20.0 * sb,
                120.0 + i * 80.0 * sa + j * 20.0 * cb,
            )
        };
        let quad = Quad::new(
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        );
        (pixels, quad, quad.bounds())
    }

    fn off(a: &Quad, b: &Quad) -> f32 {
        a.corners()
            .iter()
            .zip(b.corners())
            .map(|(a, b)| a.distance(b))
            .fold(0.0, f32::max)
    }

    #[test]
    fn rolled_and_sheared_plates_are_found_to_a_pixel_or_two() {
        for (along, across) in [
            (12.0, 12.0),
            (-20.0, -20.0),
            (27.0, 27.0),
            (4.0, 16.0),
            (-9.0, 2.0),
        ] {
            let (pixels, truth, bounds) = drawn(along, across);
            let frame = Frame::gray8(&pixels, 320, 240, 320).unwrap();
            let plate = Detection {
                quad: bounds.to_quad(),
                bounds,
                score: 0.9,
            };
            let found = corners(&frame, &plate).expect("it is rolled");
            assert!(
                off(&found, &truth) < 2.5,
                "{along} {across}: {}",
                off(&found, &truth)
            );
        }
    }

    #[test]
    fn good_corners_are_left_alone() {
        let (pixels, truth, bounds) = drawn(15.0, 15.0);
        let frame = Frame::gray8(&pixels, 320, 240, 320).unwrap();
        let plate = Detection {
            quad: truth,
            bounds,
            score: 0.9,
        };
        assert!(corners(&frame, &plate).is_none());
    }

    #[test]
    fn what_has_no_two_directions_is_left_alone() {
        // Noise, a plain surface, and lines of one direction alone.
        let noise: Vec<u8> = (0..320_u32 * 240)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        let plain = vec![120_u8; 320 * 240];
        let lines: Vec<u8> = (0..320_u32 * 240)
            .map(|i| {
                if (i % 320 + i / 320) % 12 < 6 {
                    20
                } else {
                    220
                }
            })
            .collect();
        let bounds = Rect::new(80.0, 80.0, 160.0, 60.0);
        for pixels in [noise, plain, lines] {
            let frame = Frame::gray8(&pixels, 320, 240, 320).unwrap();
            let plate = Detection {
                quad: bounds.to_quad(),
                bounds,
                score: 0.9,
            };
            assert!(corners(&frame, &plate).is_none());
        }
    }

    #[test]
    fn a_box_too_small_or_without_a_number_is_left_alone() {
        let pixels = vec![0_u8; 64 * 64];
        let frame = Frame::gray8(&pixels, 64, 64, 64).unwrap();
        for bounds in [
            Rect::new(5.0, 5.0, 12.0, 6.0),
            Rect::new(f32::NAN, 0.0, f32::NAN, 20.0),
            Rect::new(-500.0, -500.0, 100.0, 40.0),
        ] {
            let plate = Detection {
                quad: Quad::default(),
                bounds,
                score: 0.5,
            };
            assert!(corners(&frame, &plate).is_none());
        }
    }
}
