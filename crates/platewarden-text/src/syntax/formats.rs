//! The data file of registration formats: read, checked, and compiled.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::pattern::{self, Sequence};
use super::region::Region;
use super::symbol::Symbols;

/// The version of the file's layout that this crate reads.
const SCHEMA: u32 = 1;

/// A data file of registration formats that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("registration formats, line {line}: {reason}")]
#[non_exhaustive]
pub struct FormatsError {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// What was expected, what was found.
    pub reason: String,
}

/// What kind of vehicle a format is issued to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VehicleClass {
    /// Cars, and what shares their series.
    #[default]
    Passenger,
    /// Lorries, buses, vans, taxis and hire cars with a series of their own.
    Commercial,
    /// Motorcycles and mopeds.
    Motorcycle,
    /// Trailers.
    Trailer,
    /// Battery or hybrid vehicles with a series of their own.
    Electric,
    /// Historic vehicles.
    Historic,
    /// Diplomats, armed forces, police, and other public bodies.
    Official,
    /// Dealers, temporary, export and transit plates.
    Temporary,
    /// Numbers chosen by the keeper, where they follow a rule.
    Personal,
}

/// One registration format: what the registration numbers of one series look like.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Format {
    /// The country or state that issues it.
    pub region: Region,
    /// Name of the region in English.
    pub region_name: String,
    /// Name of the series within its region.
    pub name: String,
    /// Patterns, any of which a number may follow; the language is described in the
    /// [module's documentation](crate::syntax#the-pattern-language).
    pub patterns: Vec<String>,
    /// Estimated part of the region's plates on the road, relative to its other formats.
    pub weight: f32,
    /// Vehicles that bear it.
    pub class: VehicleClass,
    /// In how many lines it is printed.
    pub lines: Vec<u8>,
    /// First year of issue, where known.
    pub since: Option<u16>,
    /// Last year of issue, where it is no longer issued and the year is known.
    pub until: Option<u16>,
    /// Pairs of symbols that these plates draw (nearly) alike, such as `O0`: between them the syntax
    /// decides, not the recogniser.
    pub same_glyphs: Vec<String>,
    /// Where the format is described.
    pub source: String,
    /// What else should be known about it.
    pub note: Option<String>,
    /// Registration numbers of this format (made up, or shown in public documents).
    pub examples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: Spanned<u32>,
    #[serde(default)]
    fragments: BTreeMap<String, Spanned<String>>,
    region: Vec<RegionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionEntry {
    code: Spanned<String>,
    name: String,
    vehicles: Spanned<f32>,
    source: String,
    #[serde(default)]
    same_glyphs: Vec<Spanned<String>>,
    #[serde(default)]
    separators: Vec<String>,
    #[serde(default)]
    umlauts: Vec<Spanned<String>>,
    format: Vec<FormatEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormatEntry {
    name: Spanned<String>,
    patterns: Vec<Spanned<String>>,
    weight: Spanned<f32>,
    #[serde(default)]
    class: VehicleClass,
    #[serde(default = "one_line")]
    lines: Vec<u8>,
    since: Option<u16>,
    until: Option<u16>,
    source: Option<String>,
    note: Option<String>,
    examples: Vec<Spanned<String>>,
}

fn one_line() -> Vec<u8> {
    vec![1]
}

/// A region of the data file.
#[derive(Clone, Debug)]
pub(super) struct RegionData {
    pub(super) code: Region,
    /// Registered vehicles in millions, as a rough prior.
    pub(super) vehicles: f32,
    /// What is printed between the groups of a number, the last between all that follow; empty where nobody
    /// has said.
    pub(super) separators: Vec<String>,
    /// First groups that bear an umlaut wherever they stand, by their text without its dots.
    pub(super) umlauts: BTreeMap<String, String>,
}

/// The file's content, compiled.
pub(super) struct Loaded {
    /// In the order of the file.
    pub(super) regions: Vec<RegionData>,
    /// In the order of the file, so grouped by region.
    pub(super) formats: Vec<Format>,
    /// Index into `regions` of each format.
    pub(super) region_of: Vec<u16>,
    /// All sequences with the index of their format, ascending.
    pub(super) sequences: Vec<(u16, Sequence)>,
    /// The file's fragments.
    pub(super) fragments: BTreeMap<String, String>,
}

struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn error(&self, span: Range<usize>, reason: impl Into<String>) -> FormatsError {
        let before = self.0.as_bytes().get(..span.start).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        FormatsError {
            line,
            reason: reason.into(),
        }
    }
}

pub(super) fn load(text: &str) -> Result<Loaded, FormatsError> {
    let lines = Lines(text);
    let file: File = toml::from_str(text)
        .map_err(|error| lines.error(error.span().unwrap_or(0..0), error.message()))?;
    if *file.schema.get_ref() != SCHEMA {
        let reason = format!(
            "expected `schema = {SCHEMA}`, found {}",
            file.schema.get_ref()
        );
        return Err(lines.error(file.schema.span(), reason));
    }
    let fragments: BTreeMap<&str, &str> = file
        .fragments
        .iter()
        .map(|(name, pattern)| (name.as_str(), pattern.get_ref().as_str()))
        .collect();
    for pattern in file.fragments.values() {
        pattern::expand(pattern.get_ref(), &fragments)
            .map_err(|reason| lines.error(pattern.span(), reason))?;
    }

    let mut loaded = Loaded {
        regions: Vec::new(),
        formats: Vec::new(),
        region_of: Vec::new(),
        sequences: Vec::new(),
        fragments: fragments
            .iter()
            .map(|(name, pattern)| ((*name).to_owned(), (*pattern).to_owned()))
            .collect(),
    };
    for region in file.region {
        load_region(region, &fragments, &lines, &mut loaded)?;
    }
    Ok(loaded)
}

fn load_region(
    entry: RegionEntry,
    fragments: &BTreeMap<&str, &str>,
    lines: &Lines<'_>,
    loaded: &mut Loaded,
) -> Result<(), FormatsError> {
    let span = entry.code.span();
    let code: Region = entry
        .code
        .get_ref()
        .parse()
        .map_err(|error| lines.error(span.clone(), format!("{error}")))?;
    if loaded.regions.iter().any(|region| region.code == code) {
        return Err(lines.error(span, format!("region `{code}` stands twice in the file")));
    }
    let vehicles = positive(&entry.vehicles, "vehicles", lines)?;
    for pair in &entry.same_glyphs {
        // Folding knows these two; any other pair would be accepted and then do nothing.
        if !matches!(pair.get_ref().as_str(), "O0" | "I1") {
            let reason = format!(
                "expected `O0` or `I1` in same_glyphs, found `{}`",
                pair.get_ref()
            );
            return Err(lines.error(pair.span(), reason));
        }
    }
    if entry.format.is_empty() {
        return Err(lines.error(span, format!("region `{code}` has no format")));
    }
    let number = u16::try_from(loaded.regions.len())
        .map_err(|_| lines.error(span, "more regions than fit in 16 bits"))?;
    loaded.regions.push(RegionData {
        code,
        vehicles,
        separators: entry.separators,
        umlauts: umlauts(&entry.umlauts, lines)?,
    });

    let same_glyphs: Vec<String> = entry
        .same_glyphs
        .iter()
        .map(|pair| pair.get_ref().clone())
        .collect();
    let first = loaded.formats.len();
    for format in entry.format {
        let mut others = loaded.formats.iter().skip(first);
        if others.any(|other| other.name == *format.name.get_ref()) {
            let reason = format!(
                "format `{}` stands twice in region `{code}`",
                format.name.get_ref()
            );
            return Err(lines.error(format.name.span(), reason));
        }
        let sequences = compile(&format, fragments, lines)?;
        let owner = u16::try_from(loaded.formats.len())
            .map_err(|_| lines.error(format.name.span(), "more formats than fit in 16 bits"))?;
        let weight = positive(&format.weight, "weight", lines)?;
        loaded
            .sequences
            .extend(sequences.into_iter().map(|sequence| (owner, sequence)));
        loaded.region_of.push(number);
        loaded.formats.push(Format {
            region: code,
            region_name: entry.name.clone(),
            weight,
            same_glyphs: same_glyphs.clone(),
            source: format.source.unwrap_or_else(|| entry.source.clone()),
            name: format.name.into_inner(),
            patterns: texts(format.patterns),
            class: format.class,
            lines: format.lines,
            since: format.since,
            until: format.until,
            note: format.note,
            examples: texts(format.examples),
        });
    }
    Ok(())
}

/// Groups with their umlauts, by their text without dots.
fn umlauts(
    entries: &[Spanned<String>],
    lines: &Lines<'_>,
) -> Result<BTreeMap<String, String>, FormatsError> {
    let mut known = BTreeMap::new();
    for entry in entries {
        let printed = entry.get_ref();
        let bare: String = printed
            .chars()
            .map(|symbol| match symbol {
                'Ä' => 'A',
                'Ö' => 'O',
                'Ü' => 'U',
                other => other,
            })
            .collect();
        if bare == *printed || Symbols::parse(&bare).is_none() {
            let reason = format!("expected letters with an umlaut in umlauts, found `{printed}`");
            return Err(lines.error(entry.span(), reason));
        }
        known.insert(bare, printed.clone());
    }
    Ok(known)
}

fn texts(spanned: Vec<Spanned<String>>) -> Vec<String> {
    spanned.into_iter().map(Spanned::into_inner).collect()
}

fn positive(value: &Spanned<f32>, key: &str, lines: &Lines<'_>) -> Result<f32, FormatsError> {
    let number = *value.get_ref();
    if number.is_finite() && number > 0.0 {
        return Ok(number);
    }
    Err(lines.error(
        value.span(),
        format!("expected a positive number for `{key}`, found {number}"),
    ))
}

/// The format's sequences, after all checks.
fn compile(
    format: &FormatEntry,
    fragments: &BTreeMap<&str, &str>,
    lines: &Lines<'_>,
) -> Result<Vec<Sequence>, FormatsError> {
    let fail = |reason: String| {
        Err(lines.error(
            format.name.span(),
            format!("format `{}`: {reason}", format.name.get_ref()),
        ))
    };
    if format.patterns.is_empty() {
        return fail("expected at least one pattern".to_owned());
    }
    if format.lines.is_empty() || format.lines.iter().any(|count| !(1..=3).contains(count)) {
        return fail(format!(
            "expected `lines` of 1 to 3, found {:?}",
            format.lines
        ));
    }
    if let (Some(since), Some(until)) = (format.since, format.until)
        && since > until
    {
        return fail(format!("`since` {since} lies after `until` {until}"));
    }
    let examples: Vec<(&Spanned<String>, Option<Symbols>)> = format
        .examples
        .iter()
        .map(|example| (example, Symbols::parse(example.get_ref())))
        .collect();
    let mut sequences = Vec::new();
    for pattern in &format.patterns {
        let expanded = pattern::expand(pattern.get_ref(), fragments).map_err(|reason| {
            lines.error(
                pattern.span(),
                format!("pattern `{}`: {reason}", pattern.get_ref()),
            )
        })?;
        // Examples keep the file honest: a pattern nobody tried on a real number is often wrong.
        if !examples
            .iter()
            .any(|(_, example)| accepts(&expanded, *example))
        {
            let reason = format!(
                "pattern `{}`: accepts none of the examples",
                pattern.get_ref()
            );
            return Err(lines.error(pattern.span(), reason));
        }
        sequences.extend(expanded);
    }
    let sequences = pattern::merge(sequences);
    if examples.len() < 2 {
        return fail(format!(
            "expected at least two examples, found {}",
            examples.len()
        ));
    }
    for (example, symbols) in examples {
        if !accepts(&sequences, symbols) {
            let reason = format!(
                "format `{}`: no pattern accepts the example `{}`",
                format.name.get_ref(),
                example.get_ref()
            );
            return Err(lines.error(example.span(), reason));
        }
    }
    Ok(sequences)
}

fn accepts(sequences: &[Sequence], symbols: Option<Symbols>) -> bool {
    symbols.is_some_and(|symbols| {
        sequences.iter().any(|sequence| {
            sequence.len() == symbols.len()
                && sequence
                    .iter()
                    .zip(symbols.as_slice())
                    .all(|(set, symbol)| set.contains(*symbol))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"schema = 1
[fragments]
v = "[^AEIOU]"
[[region]]
code = "ES"
name = "Spain"
vehicles = 30
source = "test"
[[region.format]]
name = "current"
patterns = ["dddd <v>{3}"]
weight = 1
examples = ["1234BCD", "0000ZZZ"]
"#;

    fn error_of(from: &str, to: &str) -> FormatsError {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "`{from}` is not in the test's file");
        match load(&text) {
            Ok(_) => FormatsError {
                line: 0,
                reason: "accepted".to_owned(),
            },
            Err(error) => error,
        }
    }

    #[test]
    fn a_good_file_loads() {
        assert_eq!(load(GOOD).map(|loaded| loaded.formats.len()), Ok(1));
    }

    #[test]
    fn mistakes_name_their_line() {
        for (from, to, line, reason) in [
            ("schema = 1", "schema = 2", 1, "schema"),
            ("schema = 1", "schema = ", 1, ""),
            ("v = \"[^AEIOU]\"", "v = \"[^AEIOU\"", 3, "never closed"),
            ("code = \"ES\"", "code = \"Spain\"", 5, "region code"),
            ("vehicles = 30", "vehicles = -1", 7, "positive"),
            ("vehicles = 30", "vehicles = nan", 7, "positive"),
            (
                "source = \"test\"",
                "source = \"test\"\nsauce = \"x\"",
                9,
                "unknown field `sauce`",
            ),
            (
                "source = \"test\"",
                "source = \"test\"\nsame_glyphs = [\"B8\"]",
                9,
                "same_glyphs",
            ),
            (
                "weight = 1\n",
                "weight = 1\nsince = 2000\nuntil = 1990\n",
                10,
                "lies after",
            ),
            ("weight = 1\n", "weight = 1\nlines = [4]\n", 10, "lines"),
            (
                "weight = 1\n",
                "weight = 1\nclass = \"boat\"\n",
                13,
                "unknown variant",
            ),
            ("weight = 1\n", "", 9, "missing field `weight`"),
            ("dddd <v>{3}", "dddd <w>{3}", 11, "no fragment"),
            ("dddd <v>{3}", "dddd l*", 11, "pattern `dddd l*`"),
            (
                "\"0000ZZZ\"",
                "\"0000AAA\"",
                13,
                "no pattern accepts the example `0000AAA`",
            ),
            (", \"0000ZZZ\"", "", 10, "at least two examples"),
            (
                "<v>{3}\"]",
                "<v>{3}\", \"dd\"]",
                11,
                "pattern `dd`: accepts none",
            ),
        ] {
            let error = error_of(from, to);
            assert!(error.reason.contains(reason), "{to}: {error}");
            assert_eq!(error.line, line, "{to}: {error}");
        }
    }

    #[test]
    fn doubles_are_refused() {
        let region = GOOD
            .find("[[region]]")
            .and_then(|at| GOOD.get(at..))
            .unwrap_or_default();
        let twice = format!("{GOOD}{region}");
        let error = load(&twice).err().map(|error| (error.line, error.reason));
        assert_eq!(
            error,
            Some((15, "region `ES` stands twice in the file".to_owned()))
        );
        let format = GOOD
            .find("[[region.format]]")
            .and_then(|at| GOOD.get(at..))
            .unwrap_or_default();
        let twice = format!("{GOOD}{format}");
        let error = load(&twice).err().map(|error| (error.line, error.reason));
        assert_eq!(
            error,
            Some((
                15,
                "format `current` stands twice in region `ES`".to_owned()
            ))
        );
    }
}
