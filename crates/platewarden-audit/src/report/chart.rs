//! Bar charts as inline SVG.

use std::fmt::Write as _;

use super::escape::html as escape;

/// A bar of one or more parts.
pub(super) struct Bar<'a> {
    pub(super) label: &'a str,
    /// Class of the part, its name, its value.
    pub(super) parts: Vec<(&'static str, &'static str, u64)>,
}

const WIDTH: f64 = 760.0;
const LABELS: f64 = 230.0;
const VALUES: f64 = 70.0;
const ROW: f64 = 26.0;
const TOP: f64 = 22.0;
/// Characters of a label that fit before the bars.
const LABEL_CHARS: usize = 33;

/// Horizontal bars, parts side by side, with a scale; the whole label and the figures show on hovering and are read
/// out by screen readers.
pub(super) fn bars(title: &str, bars: &[Bar<'_>]) -> String {
    let total = |bar: &Bar<'_>| bar.parts.iter().map(|(_, _, value)| value).sum::<u64>();
    let most = bars.iter().map(total).max().unwrap_or(0);
    let (step, limit) = scale(most);
    let height = TOP + ROW * approx(bars.len() as u64) + 6.0;
    let room = WIDTH - LABELS - VALUES;
    let x = |value: u64| LABELS + room * approx(value) / approx(limit);
    let mut svg = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        svg,
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {height:.0}" role="img" aria-label="{0}"><title>{0}</title>"#,
        escape(title)
    );
    let mut mark = 0;
    while mark <= limit {
        let at = x(mark);
        let _ = write!(
            svg,
            r#"<line class="grid" x1="{at:.1}" y1="{TOP}" x2="{at:.1}" y2="{height:.0}"/><text class="tick" x="{at:.1}" y="{:.0}">{}</text>"#,
            TOP - 6.0,
            grouped(mark)
        );
        mark += step;
    }
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * approx(index as u64);
        let middle = y + ROW / 2.0 + 4.0;
        let sum = total(bar);
        let _ = write!(svg, r#"<g><title>{}: {}"#, escape(bar.label), grouped(sum));
        for (_, name, value) in bar
            .parts
            .iter()
            .filter(|(_, name, value)| *value > 0 && !name.is_empty())
        {
            let _ = write!(svg, "; {name} {}", grouped(*value));
        }
        let _ = write!(
            svg,
            r#"</title><text class="label" x="{:.0}" y="{middle:.1}">{}</text>"#,
            LABELS - 8.0,
            escape(&shortened(bar.label))
        );
        let mut before = 0;
        for (class, _, value) in bar.parts.iter().filter(|(_, _, value)| *value > 0) {
            let (from, to) = (x(before), x(before + value));
            before += value;
            let _ = write!(
                svg,
                r#"<rect class="{class}" x="{from:.1}" y="{:.1}" width="{:.1}" height="{:.1}"/>"#,
                y + 4.0,
                (to - from).max(0.8),
                ROW - 8.0
            );
        }
        let _ = write!(
            svg,
            r#"<text class="value" x="{:.1}" y="{middle:.1}">{}</text></g>"#,
            x(sum) + 6.0,
            grouped(sum)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// Distance of the marks and the end of a scale that holds `most`: 1, 2 or 5 times a power of ten, four to eight marks.
fn scale(most: u64) -> (u64, u64) {
    let mut step = 1_u64;
    for factor in [2, 5, 10].into_iter().cycle().scan(1_u64, |power, factor| {
        let step = power.saturating_mul(factor);
        if factor == 10 {
            *power = power.saturating_mul(10);
        }
        Some(step)
    }) {
        if most <= step.saturating_mul(6) || factor == u64::MAX {
            break;
        }
        step = factor;
    }
    let marks = most.div_ceil(step).max(1);
    (step, marks.saturating_mul(step))
}

/// A count with its thousands set apart.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL_CHARS {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(LABEL_CHARS - 1).collect();
    short.push('\u{2026}');
    short
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a pixel does not show the last of 53 bits"
)]
fn approx(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_hold_what_they_show() {
        for most in (0..2000).chain([u64::from(u32::MAX), 10_u64.pow(15), u64::MAX / 10]) {
            let (step, limit) = scale(most);
            assert!(
                limit >= most && limit > 0 && limit / step <= 12,
                "{most}: {step} {limit}"
            );
        }
        assert_eq!(scale(7), (2, 8));
        assert_eq!(scale(1234), (500, 1500));
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
