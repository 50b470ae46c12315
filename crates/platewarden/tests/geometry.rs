//! Properties of the maps between frames, inputs and plates.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use platewarden::{Homography, LetterboxGeometry, Placement, Point, Quad, Rect};
use proptest::prelude::*;

fn placement() -> impl Strategy<Value = Placement> {
    prop_oneof![Just(Placement::TopLeft), Just(Placement::Centered)]
}

fn size(most: u32) -> impl Strategy<Value = (u32, u32)> {
    (1..=most, 1..=most)
}

/// A convex quadrilateral with corners near those of a box.
fn plate() -> impl Strategy<Value = Quad> {
    let jitter = || (-0.2f32..0.2, -0.2f32..0.2);
    (
        0f32..4000.0,
        0f32..4000.0,
        20f32..600.0,
        0.2f32..1.0,
        [jitter(), jitter(), jitter(), jitter()],
    )
        .prop_map(|(x, y, width, aspect, jitter)| {
            let height = width * aspect;
            let mut quad = Rect::new(x, y, width, height).to_quad();
            for (corner, (dx, dy)) in quad.0.iter_mut().zip(jitter) {
                corner.x += dx * width;
                corner.y += dy * height;
            }
            quad
        })
}

proptest! {
    #[test]
    fn letterbox_goes_there_and_back(
        frame in size(16_384), input in size(1_280), placement in placement(), x in 0f32..1.0, y in 0f32..1.0,
    ) {
        let geometry = LetterboxGeometry::new(frame, input, placement);
        let point = Point::new(x * frame.0 as f32, y * frame.1 as f32);
        let there = geometry.to_input(point);
        let back = geometry.to_frame(there);
        // A thousandth of a pixel of the input, seen from the frame.
        let (sx, sy) = geometry.scale();
        prop_assert!((back.x - point.x).abs() <= 1e-3 / sx.min(1.0), "{back:?} {point:?}");
        prop_assert!((back.y - point.y).abs() <= 1e-3 / sy.min(1.0), "{back:?} {point:?}");
    }

    #[test]
    fn letterbox_stays_within_the_input_and_fills_one_side(
        frame in size(16_384), input in size(1_280), placement in placement(),
    ) {
        let geometry = LetterboxGeometry::new(frame, input, placement);
        let ((w, h), (left, top)) = (geometry.scaled_size(), geometry.offset());
        prop_assert!(w >= 1 && h >= 1 && left + w <= input.0 && top + h <= input.1);
        prop_assert!(w == input.0 || h == input.1);
        if placement == Placement::Centered {
            prop_assert!((input.0 - w) - 2 * left <= 1 && (input.1 - h) - 2 * top <= 1);
        }
        let corner = geometry.to_input(Point::new(frame.0 as f32, frame.1 as f32));
        prop_assert!((corner.x - (left + w) as f32).abs() < 1e-2 && (corner.y - (top + h) as f32).abs() < 1e-2);
    }

    #[test]
    fn letterbox_keeps_the_aspect_to_half_a_pixel(frame in size(8_192), input in size(1_280)) {
        let geometry = LetterboxGeometry::new(frame, input, Placement::TopLeft);
        let scale = (input.0 as f32 / frame.0 as f32).min(input.1 as f32 / frame.1 as f32);
        let (w, h) = geometry.scaled_size();
        prop_assert!((w as f32 - frame.0 as f32 * scale).abs() <= 0.51 || w == 1);
        prop_assert!((h as f32 - frame.1 as f32 * scale).abs() <= 0.51 || h == 1);
    }

    #[test]
    fn letterbox_moves_boxes_as_it_moves_their_corners(
        frame in size(4_096), input in size(640), placement in placement(), rect in (0f32..1.0, 0f32..1.0, 0.01f32..0.5, 0.01f32..0.5),
    ) {
        let geometry = LetterboxGeometry::new(frame, input, placement);
        let (w, h) = (frame.0 as f32, frame.1 as f32);
        let rect = Rect::new(rect.0 * w, rect.1 * h, rect.2 * w, rect.3 * h);
        let by_corners = geometry.quad_to_input(&rect.to_quad()).bounds();
        let direct = geometry.rect_to_input(&rect);
        prop_assert!((by_corners.x - direct.x).abs() < 1e-2 && (by_corners.right() - direct.right()).abs() < 1e-2);
        let back = geometry.rect_to_frame(&direct);
        prop_assert!((back.width - rect.width).abs() <= 1e-3 * w.max(1.0) && (back.y - rect.y).abs() <= 1e-3 * h.max(1.0));
    }

    #[test]
    fn homography_takes_corners_to_corners_and_back(quad in plate()) {
        prop_assume!(!quad.is_degenerate());
        let target = Rect::new(0.0, 0.0, 128.0, 64.0).to_quad();
        let map = Homography::between(&quad, &target).unwrap();
        for (from, to) in quad.0.into_iter().zip(target.0) {
            prop_assert!(map.apply(from).distance(to) < 0.05, "{:?} to {to:?}", map.apply(from));
        }
        let back = map.inverse().unwrap().apply_quad(&target);
        for (a, b) in back.0.into_iter().zip(quad.0) {
            prop_assert!(a.distance(b) < 0.05);
        }
    }

    #[test]
    fn widening_encloses_and_no_margin_changes_nothing(quad in plate(), fx in 0f32..0.2, fy in 0f32..0.2) {
        prop_assume!(!quad.is_degenerate());
        let wide = quad.widen(fx, fy);
        prop_assert!(wide.area() >= quad.area() * 0.999);
        for (a, b) in quad.widen(0.0, 0.0).0.into_iter().zip(quad.0) {
            prop_assert!(a.distance(b) < 0.01);
        }
    }

    #[test]
    fn area_does_not_depend_on_where_the_plate_is(quad in plate(), dx in -500f32..500.0) {
        prop_assert!((quad.translate(dx, -dx).area() - quad.area()).abs() <= 1e-2 * quad.area().max(1.0));
    }

    #[test]
    fn iou_is_symmetric_and_bounded(
        a in (0f32..100.0, 0f32..100.0, 0f32..50.0, 0f32..50.0), b in (0f32..100.0, 0f32..100.0, 0f32..50.0, 0f32..50.0),
    ) {
        let (a, b) = (Rect::new(a.0, a.1, a.2, a.3), Rect::new(b.0, b.1, b.2, b.3));
        prop_assert!((a.iou(&b) - b.iou(&a)).abs() < 1e-6);
        prop_assert!((0.0..=1.0).contains(&a.iou(&b)) && a.iou(&b) <= a.intersection_over_smaller(&b) + 1e-6);
    }

    #[test]
    fn any_four_points_are_judged_without_panic(values in prop::array::uniform8(any::<f32>())) {
        let [a, b, c, d, e, f, g, h] = values;
        let quad = Quad([Point::new(a, b), Point::new(c, d), Point::new(e, f), Point::new(g, h)]);
        let _ = (quad.bounds(), quad.is_convex(), quad.is_degenerate(), quad.widen(0.1, 0.1));
    }
}

#[test]
fn mirrored_dented_and_thin_corners_are_degenerate() {
    let [tl, tr, br, bl] = Rect::new(10.0, 10.0, 100.0, 30.0).to_quad().0;
    assert!(!Quad([tl, tr, br, bl]).is_degenerate());
    assert!(Quad([tr, tl, bl, br]).is_degenerate(), "mirrored");
    assert!(
        Quad([tl, tr, Point::new(20.0, 15.0), bl]).is_degenerate(),
        "dented"
    );
    assert!(Quad([tl, tl, tl, tl]).is_degenerate(), "a point");
    assert!(
        Quad([tl, Point::new(f32::NAN, 0.0), br, bl]).is_degenerate(),
        "no number"
    );
    let sliver = Quad::new(
        Point::new(0.0, 0.0),
        Point::new(100.0, 97.0),
        Point::new(100.0, 100.0),
        Point::new(0.0, 3.0),
    );
    assert!(sliver.is_degenerate(), "a sliver");
}

#[test]
fn plate_hanging_upside_down_is_a_plate() {
    let [tl, tr, br, bl] = Rect::new(10.0, 10.0, 100.0, 30.0).to_quad().0;
    assert!(!Quad([br, bl, tl, tr]).is_degenerate());
}
