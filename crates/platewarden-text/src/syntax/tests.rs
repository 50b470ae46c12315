//! Tests of the bundled formats and of the ranking model.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use proptest::prelude::*;

use super::*;
use crate::symbol::char_of;
use crate::{Alternative, Candidate, CharacterRead};

fn bundled() -> &'static PlateSyntax {
    PlateSyntax::bundled()
}

fn expecting(codes: &[&str]) -> RegionPrior {
    let regions: Vec<Region> = codes.iter().map(|code| code.parse().unwrap()).collect();
    RegionPrior::expected(bundled(), &regions).unwrap()
}

/// Candidates without characters; their lines are their numbers, so that they are known again after ranking.
fn inputs(candidates: &[(&str, f32)]) -> Vec<Candidate> {
    candidates
        .iter()
        .zip(0..)
        .map(|((text, probability), number)| Candidate::new(*text, *probability).with_lines(number))
        .collect()
}

fn rank_with(candidates: &[(&str, f32)], prior: &RegionPrior, options: &RankOptions) -> Ranking {
    bundled().rank(&inputs(candidates), prior, options, &mut Scratch::default())
}

fn rank(candidates: &[(&str, f32)], prior: &RegionPrior) -> Ranking {
    rank_with(candidates, prior, &RankOptions::default())
}

fn best(ranking: &Ranking) -> &str {
    &ranking.candidates[0].text
}

/// Characters sure of every one of `text`, but for `(position, symbol, probability)`.
fn characters(text: &str, doubts: &[(usize, char, f32)]) -> Vec<CharacterRead> {
    let mut rows: Vec<CharacterRead> = text
        .chars()
        .map(|symbol| CharacterRead::new(symbol, 1.0, Vec::new()))
        .collect();
    for (position, symbol, probability) in doubts {
        let row = &mut rows[*position];
        if *symbol != row.symbol {
            row.confidence -= probability;
            match row
                .alternatives
                .iter_mut()
                .find(|other| other.symbol == *symbol)
            {
                Some(other) => other.confidence += probability,
                None => row
                    .alternatives
                    .push(Alternative::new(*symbol, *probability)),
            }
        }
    }
    rows
}

#[test]
fn every_example_follows_its_own_format() {
    for format in bundled().formats() {
        assert!(
            format.examples.len() >= 2,
            "{} {}",
            format.region,
            format.name
        );
        for example in &format.examples {
            let found = bundled()
                .matches(example)
                .any(|other| other.region == format.region && other.name == format.name);
            assert!(found, "{} {}: {example}", format.region, format.name);
        }
    }
}

#[test]
fn every_format_names_a_source() {
    for format in bundled().formats() {
        assert!(
            format.source.len() > 10,
            "{} {}",
            format.region,
            format.name
        );
    }
}

#[test]
fn the_data_covers_what_was_promised() {
    let regions: Vec<String> = bundled()
        .regions()
        .map(|region| region.to_string())
        .collect();
    let european_union =
        "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE";
    let states = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH \
                  NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY";
    let provinces = "AB BC MB NB NL NS NT NU ON PE QC SK YT";
    let australia = "ACT NSW NT QLD SA TAS VIC WA";
    let others = "GB GB-NIR BR AR IN IL JP CN NO CH IS UA RU TR RS MX CL CO ID MY SG TH PH TW KR AE ZA NZ PK HK VN";
    let with = |prefix: &str, codes: &str| -> Vec<String> {
        codes
            .split_whitespace()
            .map(|code| format!("{prefix}{code}"))
            .collect()
    };
    let wanted = [
        with("", european_union),
        with("US-", states),
        with("CA-", provinces),
        with("AU-", australia),
        with("", others),
    ]
    .concat();
    assert_eq!(wanted.len(), 27 + 51 + 13 + 8 + 31);
    for code in wanted {
        assert!(regions.contains(&code), "{code} is missing");
    }
}

#[test]
fn numbers_find_their_regions() {
    for (text, region) in [
        ("AB12CDE", "GB"),
        ("BEZ1234", "GB-NIR"),
        ("HHAB1234", "DE"),
        ("MXY12E", "DE"),
        ("AB123CD", "FR"),
        ("1234ZM76", "FR"),
        ("1234BCD", "ES"),
        ("B123XYZ", "RO"),
        ("6ABC831", "US-CA"),
        ("ABC1D23", "BR"),
        ("ABC1234", "BR"),
        ("AB123CD", "AR"),
        ("22BH1234AB", "IN"),
        ("MH12AB1234", "IN"),
        ("AD12345", "CN"),
        ("AE1E28", "CN"),
        ("12345678", "IL"),
        ("151D12345", "IE"),
        ("34ABC12", "TR"),
        ("A123BC77", "RU"),
        ("XT12BC", "AU-NSW"),
        ("A12BCD", "CA-QC"),
    ] {
        let region: Region = region.parse().unwrap();
        assert!(
            bundled()
                .matches(text)
                .any(|format| format.region == region),
            "{text} is none of {region}"
        );
    }
    for (text, region) in [
        ("AI12CDE", "GB"),
        ("AB123CI", "FR"),
        ("1234ABC", "ES"),
        ("AB0AB", "DE"),
        ("99ABC12", "TR"),
    ] {
        let region: Region = region.parse().unwrap();
        assert!(
            bundled()
                .matches(text)
                .all(|format| format.region != region),
            "{text} follows {region}"
        );
    }
}

#[test]
fn syntax_decides_what_the_recogniser_cannot() {
    let gb = expecting(&["GB"]);
    for (candidates, expected) in [
        // A letter stands where the format wants one, and a digit likewise.
        (vec![("LB07O7K", 0.50), ("LB07OTK", 0.45)], "LB07OTK"),
        (vec![("4B12CDE", 0.55), ("AB12CDE", 0.40)], "AB12CDE"),
        (vec![("AB1ZCDE", 0.55), ("AB12CDE", 0.40)], "AB12CDE"),
        // Britain draws O and 0 alike: the recogniser's habit counts for nothing.
        (vec![("ABO2CDE", 0.95), ("AB02CDE", 0.04)], "AB02CDE"),
        (vec![("AB12CD0", 0.97), ("AB12CDO", 0.02)], "AB12CDO"),
    ] {
        assert_eq!(best(&rank(&candidates, &gb)), expected);
    }
}

#[test]
fn clear_evidence_wins_over_syntax() {
    // A vanity plate that follows no format, against a perfect match.
    for prior in [RegionPrior::worldwide(bundled()), expecting(&["GB"])] {
        let ranking = rank(&[("8OO8IES8", 0.97), ("AB12CDE", 0.02)], &prior);
        assert_eq!(best(&ranking), "8OO8IES8");
        let ranking = rank(&[("4B12CDE", 0.99), ("AB12CDE", 0.005)], &prior);
        assert_eq!(best(&ranking), "4B12CDE");
    }
}

#[test]
fn look_alikes_are_shared_only_where_plates_draw_them_alike() {
    // Germany's O and 0 differ, so the same certainty stands.
    let ranking = rank(&[("BOX12O", 0.95), ("BOX120", 0.04)], &expecting(&["DE"]));
    assert_eq!(best(&ranking), "BOX12O");
}

#[test]
fn an_excluded_reading_stays_excluded() {
    let ranking = rank(&[("ABO2CDE", 1.0), ("AB02CDE", 0.0)], &expecting(&["GB"]));
    assert_eq!(best(&ranking), "ABO2CDE");
    assert_eq!(ranking.candidates[1].confidence, 0.0);
}

#[test]
fn exchanges_come_from_the_characters_alone() {
    let gb = expecting(&["GB"]);
    let options = RankOptions::default();
    let mut scratch = Scratch::default();
    let only = |characters: &[CharacterRead]| {
        [Candidate::new("4BO2CDE", 0.6).with_characters(characters.to_vec())]
    };
    let doubtful = characters("4BO2CDE", &[(0, 'A', 0.4), (2, '0', 0.3)]);
    let ranking = bundled().rank(&only(&doubtful), &gb, &options, &mut scratch);
    assert_eq!(best(&ranking), "AB02CDE");
    // Its characters are those of the reading that it was made from, exchanged.
    let first = &ranking.candidates[0].characters[0];
    assert_eq!((first.symbol, first.alternatives[0].symbol), ('A', '4'));
    assert!(
        ranking
            .candidates
            .iter()
            .map(|candidate| candidate.confidence)
            .sum::<f32>()
            <= 1.0 + 1e-5
    );

    let sure = characters("4BO2CDE", &[]);
    let ranking = bundled().rank(&only(&sure), &gb, &options, &mut scratch);
    assert_eq!(ranking.candidates.len(), 1);
    // As many rows as characters, or they are not this reading's.
    let ranking = bundled().rank(&only(&doubtful[1..]), &gb, &options, &mut scratch);
    assert_eq!(ranking.candidates.len(), 1);
}

/// Which of two twins the recogniser saw is habit: where a region is named, its formats decide, however many they are.
#[test]
fn a_named_region_decides_between_twins() {
    let options = RankOptions::default().with_decide_twins(true);
    for (read, region, expected) in [
        ("IIDIOIOI", "IE", "11D10101"),
        ("AAOIIOBB", "UA", "AA0110BB"),
        ("AB1OCDE", "GB", "AB10CDE"),
        ("KAO0IXY", "GE", "KA001XY"),
    ] {
        let rank = |prior: &RegionPrior, options: &RankOptions| {
            let ranking = bundled().rank(
                &inputs(&[(read, 0.97)]),
                prior,
                options,
                &mut Scratch::default(),
            );
            best(&ranking).to_owned()
        };
        let found = rank(&expecting(&[region]), &options);
        assert_eq!(found, expected, "{region}");
        // Without a region, or without the option, evidence stands.
        assert_eq!(rank(&RegionPrior::worldwide(bundled()), &options), read);
        assert_eq!(rank(&expecting(&[region]), &RankOptions::default()), read);
    }
}

#[test]
fn only_the_named_regions_count_where_no_others_may() {
    let britain = RegionPrior::only(bundled(), &["GB".parse().unwrap()]).unwrap();
    assert_eq!(bundled().lift("AB123CD", &britain), 0.0);
    assert!(bundled().lift("AB12CDE", &britain) > 0.0);
    assert!(RegionPrior::only(bundled(), &["AQ".parse().unwrap()]).is_err());
}

#[test]
fn regions_are_guessed_where_the_number_says_so() {
    let world = RegionPrior::worldwide(bundled());
    let guess = |text, prior: &RegionPrior| {
        rank(&[(text, 0.99)], prior)
            .region
            .map(|guess| guess.region.to_string())
    };
    assert_eq!(guess("MH12AB1234", &world).as_deref(), Some("IN"));
    assert_eq!(guess("6ABC831", &world).as_deref(), Some("US-CA"));
    // France, Italy, Argentina, Georgia and others.
    assert_eq!(guess("AB123CD", &world), None);
    assert_eq!(guess("AB123CD", &expecting(&["FR"])).as_deref(), Some("FR"));
    // Which of the states cannot be told, that it is one of them can.
    assert_eq!(guess("ABC1234", &expecting(&["US"])).as_deref(), Some("US"));
    assert_eq!(guess("", &world), None);
    assert_eq!(guess("京A12345", &world), None);
}

#[test]
fn odd_inputs_are_survived() {
    let world = RegionPrior::worldwide(bundled());
    assert!(rank(&[], &world).candidates.is_empty());
    let odd = [
        ("", 0.5),
        ("京A12345", 0.2),
        ("ab12cde", f32::NAN),
        ("AB12CDE", -1.0),
        ("0123456789ABCDEF", 7.0),
    ];
    let ranking = rank(&odd, &world);
    assert_eq!(ranking.candidates.len(), 5);
    assert!(
        ranking
            .candidates
            .iter()
            .all(|candidate| (0.0..=1.0).contains(&candidate.confidence))
    );
    let options = RankOptions::default()
        .with_strength(f32::NAN)
        .with_temperature(0.0)
        .with_unknown_share(-3.0)
        .with_max_lift(f32::NAN)
        .with_min_region_probability(0.0);
    let ranking = rank_with(&[("AB12CDE", 0.5)], &world, &options);
    assert!(ranking.candidates[0].confidence.is_finite());
}

#[test]
fn an_empty_file_of_formats_ranks_by_evidence_alone() {
    let syntax = PlateSyntax::from_toml("schema = 1\nregion = []").unwrap();
    let prior = RegionPrior::worldwide(&syntax);
    let candidates = inputs(&[("AB", 0.6), ("A8", 0.3)]);
    let ranking = syntax.rank(
        &candidates,
        &prior,
        &RankOptions::default(),
        &mut Scratch::default(),
    );
    assert_eq!(ranking.candidates[0].text, "AB");
    assert_eq!(ranking.region, None);
}

#[test]
fn lifts_are_likelihood_ratios() {
    // One format of 1000 numbers of three symbols: among 36^3 texts, each of them is 46.656 times
    // likelier, but for the share of lengths that the world's length distribution keeps for others.
    let syntax = PlateSyntax::from_toml(
        "schema = 1\n[[region]]\ncode = \"XX\"\nname = \"x\"\nvehicles = 1\nsource = \"x\"\n\
         [[region.format]]\nname = \"x\"\npatterns = [\"ddd\"]\nweight = 3\nexamples = [\"123\", \"000\"]\n",
    )
    .unwrap();
    let lift = syntax.lift("123", &RegionPrior::uniform(&syntax));
    let world = 0.9 + 0.1 / 12.0;
    assert!((lift - 46.656 / world).abs() < 1e-3, "{lift}");
    assert_eq!(syntax.lift("12A", &RegionPrior::uniform(&syntax)), 0.0);
}

fn plate_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z0-9]{1,12}",
        "[A-Z]{2}[0-9OI]{2}[A-Z]{3}",
        "[A-Z]{3}[0-9]{4}",
        prop::sample::select(bundled().formats())
            .prop_flat_map(|format| prop::sample::select(format.examples.clone())),
    ]
}

fn candidates() -> impl Strategy<Value = Vec<(String, f32)>> {
    prop::collection::vec((plate_text(), 0.0f32..0.3), 0..6)
}

fn prior() -> impl Strategy<Value = RegionPrior> {
    prop_oneof![
        Just(RegionPrior::worldwide(bundled())),
        Just(RegionPrior::uniform(bundled())),
        Just(expecting(&["GB"])),
        Just(expecting(&["US", "CA-ON", "MX"])),
    ]
}

proptest! {
    #[test]
    fn strength_zero_changes_nothing(given in candidates(), prior in prior()) {
        let options = RankOptions::default().with_strength(0.0).with_keep(10);
        let borrowed: Vec<(&str, f32)> = given.iter().map(|(text, p)| (text.as_str(), *p)).collect();
        let ranking = rank_with(&borrowed, &prior, &options);
        prop_assert_eq!(ranking.candidates.len(), given.len());
        let sum: f32 = given.iter().map(|(_, p)| p).sum();
        for (ranked, (text, probability)) in ranking.candidates.iter().zip(&given) {
            prop_assert_eq!(&ranked.text, text);
            prop_assert!((ranked.confidence - probability / sum.max(1.0)).abs() < 1e-5);
        }
    }

    #[test]
    fn probabilities_are_normalised_and_sorted(
        given in candidates(),
        prior in prior(),
        strength in 0.01f32..=1.0,
        temperature in 0.5f32..3.0,
    ) {
        let options = RankOptions::default().with_strength(strength).with_temperature(temperature).with_keep(10);
        let borrowed: Vec<(&str, f32)> = given.iter().map(|(text, p)| (text.as_str(), *p)).collect();
        let ranking = rank_with(&borrowed, &prior, &options);
        let sum: f32 = ranking.candidates.iter().map(|candidate| candidate.confidence).sum();
        prop_assert!(sum <= 1.0 + 1e-4, "{sum}");
        prop_assert!(ranking.candidates.is_sorted_by(|a, b| a.confidence >= b.confidence));
        if let Some(guess) = ranking.region {
            prop_assert!((0.0..=1.0 + 1e-4).contains(&guess.probability));
        }
    }

    #[test]
    fn no_character_of_probability_zero_is_ever_read(
        text in plate_text(),
        doubts in prop::collection::vec((0usize..12, 0usize..36, 0.0f32..0.45), 0..6),
        prior in prior(),
    ) {
        let doubts: Vec<_> = doubts
            .into_iter()
            .map(|(position, symbol, p)| (position % text.len(), char_of(symbol).unwrap(), p))
            .collect();
        let rows = characters(&text, &doubts);
        let options = RankOptions::default().with_strength(1.0).with_keep(100);
        let given = [Candidate::new(text.as_str(), 0.5).with_characters(rows.clone())];
        let ranking = bundled().rank(&given, &prior, &options, &mut Scratch::default());
        for candidate in &ranking.candidates {
            prop_assert_eq!(candidate.text.len(), text.len());
            if candidate.confidence > 0.0 && candidate.text != text {
                for (symbol, row) in candidate.text.chars().zip(&rows) {
                    prop_assert!(row.probability_of(symbol).is_some_and(|p| p > 0.0));
                }
            }
        }
    }

    #[test]
    fn no_reading_gains_more_than_the_documented_factor(
        given in candidates(),
        prior in prior(),
        strength in 0.01f32..=1.0,
    ) {
        // Distinct-glyph formats only: sharing between look-alikes moves probability by design.
        let given: Vec<(String, f32)> =
            given.into_iter().map(|(text, p)| (text.replace(['O', 'I'], "A"), p)).filter(|(_, p)| *p > 0.01).collect();
        let options = RankOptions::default().with_strength(strength).with_keep(10);
        let borrowed: Vec<(&str, f32)> = given.iter().map(|(text, p)| (text.as_str(), *p)).collect();
        let ranking = rank_with(&borrowed, &prior, &options);
        let bound = (options.max_lift / options.unknown_share * 1.01).powf(strength);
        for a in &ranking.candidates {
            for b in &ranking.candidates {
                let own = |ranked: &Candidate| given[usize::from(ranked.lines)].1;
                let change = (a.confidence / b.confidence) / (own(a) / own(b));
                prop_assert!(change <= bound, "{} over {}: {change} > {bound}", a.text, b.text);
            }
        }
    }

    #[test]
    fn any_text_is_survived_as_a_format_file(text in "[ -~\n]{0,200}") {
        let _ = PlateSyntax::from_toml(&text);
    }

    #[test]
    fn any_pattern_is_survived(pattern in "[A-Z0-9ldx\\[\\]\\^(){}|?<>, -]{0,40}") {
        let text = format!(
            "schema = 1\n[[region]]\ncode = \"XX\"\nname = \"x\"\nvehicles = 1\nsource = \"x\"\n\
             [[region.format]]\nname = \"x\"\npatterns = ['{pattern}']\nweight = 1\nexamples = [\"A\", \"B\"]\n"
        );
        let _ = PlateSyntax::from_toml(&text);
    }
}

#[test]
fn numbers_are_printed_with_groups_and_umlauts_where_that_is_settled() {
    let syntax = PlateSyntax::bundled();
    for (region, text, printed) in [
        ("DE", "WUXY123", Some("WÜ·XY 123")),
        ("DE", "HHXY1234", Some("HH·XY 1234")),
        ("DE", "TUXY12E", Some("TÜ·XY 12E")),
        // Bochum and the Börde: with and without.
        ("DE", "BOXY123", Some("BO·XY 123")),
        ("DE", "GOAB123", None),
        ("DE", "BAB123", None),
        ("GB", "AB12CDE", Some("AB12 CDE")),
        ("GB", "WUXY123", None),
    ] {
        let found = syntax.display(text, region.parse().unwrap());
        assert_eq!(found.as_deref(), printed, "{text} of {region}");
    }
    // Whatever is printed is the number and something between.
    for format in syntax.formats() {
        for text in &format.examples {
            if let Some(printed) = syntax.display(text, format.region) {
                let bare: String = printed
                    .chars()
                    .filter(char::is_ascii_alphanumeric)
                    .collect();
                let dots = printed.chars().filter(|c| "ÄÖÜ".contains(*c)).count();
                assert_eq!(bare.len() + dots, text.len(), "{text}: {printed}");
            }
        }
    }
}
