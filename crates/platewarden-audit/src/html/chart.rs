//! Charts as inline SVG.

use maud::{Markup, html};

use super::{grouped, text};

/// One part of a bar: the class that colours it, its name, its value.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) class: &'static str,
    pub(crate) name: &'static str,
    pub(crate) value: u64,
}

/// A bar or column of one or more parts.
#[derive(Debug, Clone)]
pub(crate) struct Bar<'a> {
    pub(crate) label: &'a str,
    pub(crate) parts: Vec<Part>,
}

impl Bar<'_> {
    fn total(&self) -> u64 {
        self.parts.iter().map(|part| part.value).sum()
    }

    /// Label and figures, for hovering and for screen readers.
    fn words(&self) -> String {
        let named = self
            .parts
            .iter()
            .filter(|part| part.value > 0 && !part.name.is_empty());
        let parts = named.map(|part| format!("; {} {}", part.name, grouped(part.value)));
        format!(
            "{}: {}{}",
            text(self.label),
            grouped(self.total()),
            parts.collect::<String>()
        )
    }
}

const WIDTH: f64 = 760.0;
const LABELS: f64 = 230.0;
const VALUES: f64 = 70.0;
const ROW: f64 = 26.0;
const TOP: f64 = 22.0;
/// Characters of a label that fit before the bars.
const LABEL_CHARS: usize = 33;

/// Horizontal bars, parts side by side, with a scale.
pub(crate) fn bars(title: &str, bars: &[Bar<'_>]) -> Markup {
    let most = bars.iter().map(Bar::total).max().unwrap_or(0);
    let (step, limit) = scale(most);
    let height = TOP + ROW * approx(bars.len() as u64) + 6.0;
    let x = |value: u64| LABELS + (WIDTH - LABELS - VALUES) * approx(value) / approx(limit);
    html! {
        svg class="chart" viewBox=(format!("0 0 {WIDTH} {height:.0}")) role="img" aria-label=(text(title)) {
            title { (text(title)) }
            @for mark in (0..=limit / step).map(|at| at * step) {
                line class="grid" x1=(px(x(mark))) y1=(TOP) x2=(px(x(mark))) y2=(px(height));
                text class="tick" x=(px(x(mark))) y=(px(TOP - 6.0)) { (grouped(mark)) }
            }
            @for (index, bar) in bars.iter().enumerate() {
                (row(bar, TOP + ROW * approx(index as u64), &x))
            }
        }
    }
}

fn row(bar: &Bar<'_>, y: f64, x: &impl Fn(u64) -> f64) -> Markup {
    let middle = px(y + ROW / 2.0 + 4.0);
    html! {
        g {
            title { (bar.words()) }
            text class="label" x=(px(LABELS - 8.0)) y=(middle) { (shortened(bar.label)) }
            @for (before, part) in stacked(&bar.parts) {
                rect class=(part.class) x=(px(x(before))) y=(px(y + 4.0))
                    width=(px((x(before + part.value) - x(before)).max(0.8))) height=(px(ROW - 8.0));
            }
            text class="value" x=(px(x(bar.total()) + 6.0)) y=(middle) { (grouped(bar.total())) }
        }
    }
}

/// The parts with the sum of those before each.
fn stacked(parts: &[Part]) -> impl Iterator<Item = (u64, &Part)> {
    parts
        .iter()
        .scan(0, |sum, part| {
            let before = *sum;
            *sum += part.value;
            Some((before, part))
        })
        .filter(|(_, part)| part.value > 0)
}

/// Columns, parts on top of each other, with a scale; for months in order.
pub(crate) fn columns(title: &str, bars: &[Bar<'_>]) -> Markup {
    let (height, left, width_of_one) = (200.0, 56.0, 46.0);
    let most = bars.iter().map(Bar::total).max().unwrap_or(0);
    let (step, limit) = scale(most);
    let width = left + width_of_one * approx(bars.len() as u64) + 10.0;
    let y = |value: u64| height - (height - 20.0) * approx(value) / approx(limit);
    html! {
        svg class="months" style=(format!("max-width:{width:.0}px")) viewBox=(format!("0 0 {width:.0} 230"))
            role="img" aria-label=(text(title)) {
            @for mark in (0..=limit / step).map(|at| at * step) {
                line class="grid" x1=(left) x2=(px(width)) y1=(px(y(mark))) y2=(px(y(mark)));
                text class="tick" x=(px(left - 8.0)) y=(px(y(mark) + 4.0)) text-anchor="end" { (grouped(mark)) }
            }
            @for (index, bar) in bars.iter().enumerate() {
                @let x = left + width_of_one * approx(index as u64) + 8.0;
                g {
                    title { (bar.words()) }
                    @for (before, part) in stacked(&bar.parts) {
                        rect class=(part.class) x=(px(x)) y=(px(y(before + part.value))) width="30"
                            height=(px(y(before) - y(before + part.value)));
                    }
                }
                text class="tick" x=(px(x + 15.0)) y="218" text-anchor="middle" { (text(bar.label)) }
            }
        }
    }
}

/// One bar over the whole width, with the share of each part.
pub(crate) fn share_bar(title: &str, parts: &[Part]) -> Markup {
    let whole = parts.iter().map(|part| part.value).sum::<u64>().max(1);
    let x = |value: u64| 1_000.0 * approx(value) / approx(whole);
    html! {
        svg class="share" viewBox="0 0 1000 26" preserveAspectRatio="none" role="img" aria-label=(title) {
            @for (before, part) in stacked(parts) {
                rect class=(part.class) x=(px(x(before))) y="0" width=(px(x(part.value).max(1.5))) height="26" {
                    title { (part.name) ": " (grouped(part.value)) }
                }
            }
        }
    }
}

/// A bar of a table's row, against the longest.
pub(crate) fn mini(class: &str, count: u64, most: u64, width: u32) -> Markup {
    let length = f64::from(width) * approx(count) / approx(most.max(1));
    html! {
        svg class="mini" viewBox=(format!("0 0 {width} 10")) aria-hidden="true" {
            rect class=(class) width=(px(length.max(2.0))) height="10" rx="2";
        }
    }
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

fn shortened(label: &str) -> String {
    let label = text(label);
    if label.chars().count() <= LABEL_CHARS {
        return label.into_owned();
    }
    let mut short: String = label.chars().take(LABEL_CHARS - 1).collect();
    short.push('\u{2026}');
    short
}

fn px(value: f64) -> String {
    format!("{value:.1}")
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
}
