//! Registration numbers as plates print them: groups, what stands between them, umlauts.

use std::collections::BTreeMap;

use super::pattern::{Sequence, expand_grouped};
use super::symbol::Symbols;
use super::{PlateSyntax, Region};

impl PlateSyntax {
    /// The number as the region's plates print it, where the formats settle that: groups set apart (`AB12 CDE`), with what
    /// the region puts between them (`HH·AB 123`), and umlauts where no district without them exists.
    ///
    /// `None` where the number follows no format of the region, where nobody has said how the region prints its numbers
    /// (`separators` in the data file), or where it can be split in more than one way: `BAB123` is
    /// `B·AB 123` of Berlin as well as `BA·B 123` of Bamberg, and the text alone does not tell.
    ///
    /// ```
    /// use platewarden_text::syntax::PlateSyntax;
    ///
    /// let syntax = PlateSyntax::bundled();
    /// let germany = "DE".parse()?;
    /// assert_eq!(syntax.display("WUXY123", germany).as_deref(), Some("WÜ·XY 123"));
    /// assert_eq!(syntax.display("BAB123", germany), None);
    /// assert_eq!(syntax.display("AB12CDE", "GB".parse()?).as_deref(), Some("AB12 CDE"));
    /// # Ok::<(), platewarden_text::syntax::RegionError>(())
    /// ```
    #[must_use]
    pub fn display(&self, text: &str, region: Region) -> Option<String> {
        let symbols = Symbols::parse(text)?;
        let weight = |format: &u16| {
            let format = self.formats.get(usize::from(*format));
            format.map_or(0.0, |format| format.weight)
        };
        let format = self
            .matcher
            .matches(symbols)
            .filter(|format| {
                let format = self.formats.get(usize::from(*format));
                format.is_some_and(|format| format.region == region)
            })
            .max_by(|a, b| weight(a).total_cmp(&weight(b)))?;
        let breaks = self.breaks(usize::from(format), symbols)?;
        let number = self.region_of.get(usize::from(format))?;
        let data = self.regions.get(usize::from(*number))?;
        if data.separators.is_empty() {
            return None;
        }
        Some(printed(text, &breaks, &data.separators, &data.umlauts))
    }

    /// Before which symbols a group begins; `None` where there is more than one answer.
    fn breaks(&self, format: usize, symbols: Symbols) -> Option<Vec<usize>> {
        let sequences = self
            .grouped
            .get(format)?
            .get_or_init(|| self.sequences_of(format));
        let mut found: Option<Vec<usize>> = None;
        for sequence in sequences {
            let Some(breaks) = accepted(sequence, symbols) else {
                continue;
            };
            if found.as_ref().is_some_and(|known| *known != breaks) {
                return None;
            }
            found = Some(breaks);
        }
        found
    }

    fn sequences_of(&self, format: usize) -> Vec<Sequence> {
        let fragments: BTreeMap<&str, &str> = self
            .fragments
            .iter()
            .map(|(name, pattern)| (name.as_str(), pattern.as_str()))
            .collect();
        let patterns = self.formats.get(format).map(|format| &format.patterns);
        // A pattern whose groups make too many sequences has none to show.
        patterns
            .into_iter()
            .flatten()
            .filter_map(|pattern| expand_grouped(pattern, &fragments).ok())
            .flatten()
            .collect()
    }
}

/// Before which symbols the sequence has a space, if it accepts the number.
fn accepted(sequence: &Sequence, symbols: Symbols) -> Option<Vec<usize>> {
    let symbols = symbols.as_slice();
    let mut breaks = Vec::new();
    let mut at = 0;
    for set in sequence {
        if set.is_empty() {
            // Spaces before an optional part that is not there, and at the ends, set nothing apart.
            if at > 0 && at < symbols.len() && breaks.last() != Some(&at) {
                breaks.push(at);
            }
        } else if set.contains(*symbols.get(at)?) {
            at += 1;
        } else {
            return None;
        }
    }
    (at == symbols.len()).then_some(breaks)
}

fn printed(
    text: &str,
    breaks: &[usize],
    separators: &[String],
    umlauts: &BTreeMap<String, String>,
) -> String {
    let ends = breaks.iter().copied().chain([text.len()]);
    let mut out = String::new();
    let mut start = 0;
    for (index, end) in ends.enumerate() {
        // Numbers are of single bytes, as `Symbols` has checked.
        let group = text.get(start..end).unwrap_or_default();
        if index == 0 {
            out.push_str(umlauts.get(group).map_or(group, String::as_str));
        } else {
            let between = separators.get(index - 1).or_else(|| separators.last());
            out.push_str(between.map_or(" ", String::as_str));
            out.push_str(group);
        }
        start = end;
    }
    out
}
