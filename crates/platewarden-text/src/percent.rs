//! Probabilities as they are shown to people.

/// A probability as a percentage that promises no more than there is: rounded down, and 99.9 % at most.
///
/// ```
/// use platewarden_text::percent;
///
/// let shown: Vec<String> = [0.0, 0.126, 0.959, 0.9989, 1.0].map(percent).to_vec();
/// assert_eq!(shown, ["0 %", "12 %", "95 %", "99.8 %", "99.9 %"]);
/// ```
#[must_use]
pub fn percent(probability: f32) -> String {
    /// What a binary fraction may lack of a decimal one.
    const SLACK: f64 = 1e-5;
    let hundredths = 100.0 * f64::from(probability.clamp(0.0, 1.0)) + SLACK;
    if hundredths < 99.0 {
        format!("{:.0} %", hundredths.floor())
    } else {
        // One decimal more where it is what matters.
        format!("{:.1} %", ((10.0 * hundredths).floor() / 10.0).min(99.9))
    }
}
