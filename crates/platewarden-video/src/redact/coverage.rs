//! How much of a plate is covered.

use platewarden::Rect;

/// Share of `plate` that lies within any of `areas`, 0 to 1.
///
/// ```
/// use platewarden::Rect;
/// use platewarden_video::redact::coverage;
/// let plate = Rect::new(0.0, 0.0, 100.0, 20.0);
/// let halves = [Rect::new(-5.0, -5.0, 60.0, 40.0), Rect::new(40.0, 0.0, 35.0, 20.0)];
/// assert!((coverage(&plate, &halves) - 0.75).abs() < 1e-6);
/// assert_eq!(coverage(&plate, &[]), 0.0);
/// ```
#[must_use]
pub fn coverage(plate: &Rect, areas: &[Rect]) -> f32 {
    if plate.is_empty() {
        return 0.0;
    }
    // Between two edges next to each other, each area covers a column of the plate whole or not at all.
    let edges = |low: f32, high: f32, of: &dyn Fn(&Rect) -> (f32, f32)| {
        let mut edges = vec![low, high];
        for area in areas {
            let (start, end) = of(area);
            edges.extend([start, end].map(|edge| edge.clamp(low, high)));
        }
        edges.sort_by(f32::total_cmp);
        edges
    };
    let xs = edges(plate.x, plate.right(), &|area| (area.x, area.right()));
    let ys = edges(plate.y, plate.bottom(), &|area| (area.y, area.bottom()));
    let mut covered = 0.0;
    for (x1, x2) in xs.iter().zip(xs.iter().skip(1)) {
        for (y1, y2) in ys.iter().zip(ys.iter().skip(1)) {
            let (x, y) = ((x1 + x2) / 2.0, (y1 + y2) / 2.0);
            let inside = areas
                .iter()
                .any(|area| x >= area.x && x < area.right() && y >= area.y && y < area.bottom());
            if inside {
                covered += (x2 - x1) * (y2 - y1);
            }
        }
    }
    (covered / plate.area()).min(1.0)
}
