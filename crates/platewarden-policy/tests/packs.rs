//! The loader and the lint: what is refused, and that the message names file, line and remedy.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests"
)]

use platewarden_policy::engine::Policy;
use platewarden_policy::model::*;
use platewarden_policy::packs::{NotEnacted, Pack, PackKind, PackSet, Unverified};

const HEADER: &str = "[pack]\nid = \"us-tx\"\ntitle = \"Texas\"\nversion = \"1\"\nkind = \"law\"\njurisdictions = [\"US-TX\"]\nverified_on = \"\"\n";

/// A pack of one rule, which starts at line 8.
fn with(rule: &str) -> String {
    format!("{HEADER}{rule}")
}

const AUTHORITY: &str =
    "authority = { cite = \"Tex. Code 1\", kind = \"statute\", confidence = \"text\" }\n";

fn rule(lines: &str) -> String {
    with(&format!(
        "[[rule]]\nid = \"r\"\nside = \"holder\"\nmessage = \"m\"\n{lines}{AUTHORITY}"
    ))
}

#[track_caller]
fn refused(text: &str, parts: &[&str]) {
    let error = Pack::parse("us-tx.toml", text)
        .expect_err("the pack must be refused")
        .to_string();
    assert!(error.starts_with("us-tx.toml:"), "{error}");
    for part in parts {
        assert!(error.contains(part), "no `{part}` in: {error}");
    }
}

#[test]
fn a_plain_pack_loads() {
    let pack = Pack::parse(
        "us-tx.toml",
        &rule("effect = \"deny\"\nwhen = { purpose = [\"personal\"] }\n"),
    )
    .unwrap();
    assert_eq!(
        (pack.id(), pack.kind(), pack.rule_count()),
        ("us-tx", PackKind::Law, 1)
    );
    assert!(!pack.version().verified);
}

#[test]
fn unknown_words_are_refused_with_their_line() {
    refused(
        &rule("effect = \"deny\"\ncolour = 1\n"),
        &["us-tx.toml:13", "unknown field `colour`", "docs/policy.md"],
    );
    refused(
        &rule("effect = \"deny\"\nwhen = { porpoise = [] }\n"),
        &["us-tx.toml:13", "unknown field `porpoise`"],
    );
    refused(
        &rule("effect = \"deny\"\nwhen = { purpose = [\"fun\"] }\n"),
        &["us-tx.toml:13", "unknown purpose `fun`", "use one of"],
    );
    refused(
        &rule("effect = \"deny\"\nwhen = { predicate = [\"full_moon\"] }\n"),
        &[
            "us-tx.toml:13",
            "unknown predicate `full_moon`",
            "use one of",
        ],
    );
    refused(
        &rule("effect = \"deny\"\nwhen = { requester = [\"cousin\"] }\n"),
        &["unknown relation `cousin`"],
    );
    refused(
        &rule("effect = \"deny_unless\"\nneeds = [{ suspicion = \"hunch\" }]\n"),
        &["unknown suspicion `hunch`"],
    );
    refused(
        &with(
            "[[retention]]\nid = \"c\"\ncap = \"a while\"\nmessage = \"m\"\nauthority = { cite = \"x\", kind = \"statute\", confidence = \"text\" }\n",
        ),
        &["us-tx.toml:10", "a while", "21 days"],
    );
    refused(
        &HEADER.replace("US-TX", "US-ZZ"),
        &["us-tx.toml:6", "US-ZZ"],
    );
}

#[test]
fn rules_need_a_citation() {
    let bare =
        with("[[rule]]\nid = \"r\"\nside = \"holder\"\neffect = \"deny\"\nmessage = \"m\"\n");
    refused(
        &bare,
        &["us-tx.toml:8", "rule `r` has no citation", "add `authority"],
    );
    let empty = bare + "authority = { cite = \" \", kind = \"statute\", confidence = \"text\" }\n";
    refused(&empty, &["us-tx.toml:13", "empty citation"]);
}

#[test]
fn overlapping_versions_are_refused() {
    let version = |from: &str, to: &str| {
        format!(
            "[[rule]]\nid = \"r\"\nside = \"holder\"\neffect = \"deny\"\nmessage = \"m\"\nauthority = {{ cite = \"x\", kind = \"statute\", confidence = \"text\", from = \"{from}\"{to} }}\n"
        )
    };
    let ended = version("2020-01-01", ", to = \"2024-01-01\"");
    assert!(Pack::parse("us-tx.toml", &with(&(ended + &version("2024-01-01", "")))).is_ok());
    let open = version("2020-01-01", "");
    refused(
        &with(&(open + &version("2024-01-01", ""))),
        &["overlaps in time", "line 8", "give the earlier one a `to`"],
    );
    refused(
        &with(&version("2024-01-01", ", to = \"2023-01-01\"")),
        &["ends before it starts"],
    );
}

#[test]
fn checks_that_could_do_nothing_are_refused() {
    refused(&rule("effect = \"deny_unless\"\n"), &["needs nothing"]);
    refused(&rule("effect = \"oblige\"\n"), &["lists no obligation"]);
    refused(
        &rule("effect = \"deny\"\nwaivable = true\n"),
        &["lets an emergency waive a statute"],
    );
    refused(
        &rule("effect = \"deny_unless\"\nneeds = [{ declaration = \"TX\" }]\n"),
        &["too short"],
    );
    refused(
        &rule("effect = \"deny\"\n").replace("side = \"holder\"\n", ""),
        &["whose law"],
    );
    refused(
        &HEADER.replace("verified_on = \"\"", "verified_on = \"2026-11-22\""),
        &["us-tx.toml:7", "verified_by"],
    );
}

#[test]
fn bills_that_were_not_enacted_are_warned_of_and_load() {
    let list = NotEnacted::bundled();
    let lint = |text: &str| list.lint(&Pack::parse("p.toml", text).unwrap());
    for (id, cite) in [
        ("us-il", "SB 3257"),
        ("us-il", "HB 5151"),
        ("us-il", "HB 5231"),
        ("us-ca", "SB 274"),
        ("us-ca", "SB 1013"),
        ("us-co", "SB26-070"),
        ("us-co", "SB26-071"),
    ] {
        let text = rule("effect = \"deny\"\n")
            .replace("us-tx", id)
            .replace("Tex. Code 1", cite);
        let findings = lint(&text);
        assert_eq!(findings.len(), 1, "{cite}");
        assert!(
            findings[0].problem.contains("a bill that is not law"),
            "{cite}"
        );
        let later = text.replace(
            "kind = \"statute\"",
            "kind = \"statute\", from = \"2027-07-01\"",
        );
        assert!(
            lint(&later).is_empty(),
            "a statute of 2027 may bear the same number: {cite}"
        );
    }
    let minnesota = rule("effect = \"deny\"\n")
        .replace("us-tx", "us-mn")
        .replace(
            "kind = \"statute\"",
            "kind = \"statute\", from = \"2026-08-01\"",
        );
    assert!(lint(&minnesota)[0].problem.contains("Minnesota"));
    let other = rule("effect = \"deny\"\n")
        .replace("us-tx", "us-il")
        .replace("Tex. Code 1", "SB 32570");
    assert!(lint(&other).is_empty(), "another number");
}

#[test]
fn no_bundled_pack_rests_on_a_bill_that_was_not_enacted() {
    let list = NotEnacted::bundled();
    for pack in PackSet::bundled(Unverified::Allow).unwrap().iter() {
        assert_eq!(list.lint(pack), [], "{}", pack.id());
    }
}

#[test]
fn unverified_packs_load_only_by_choice() {
    let error = PackSet::bundled(Unverified::Refuse)
        .expect_err("none is verified")
        .to_string();
    assert!(
        error.contains("unverified") && error.contains("Unverified::Allow"),
        "{error}"
    );
    let packs = PackSet::bundled(Unverified::Allow).unwrap();
    assert!(
        packs.iter().all(|p| !p.version().verified),
        "no bundled pack claims to be verified"
    );
}

#[test]
fn every_state_has_a_pack_and_every_listed_jurisdiction_its_own() {
    let packs = PackSet::bundled(Unverified::Allow).unwrap();
    for state in State::ALL {
        assert!(packs.has_law(Jurisdiction::State(*state)), "{state}");
        let laws = packs
            .covering(Jurisdiction::State(*state))
            .filter(|p| p.kind() == PackKind::Law)
            .count();
        assert_eq!(laws, 1, "{state} is in more than one law pack");
    }
    for id in [
        "us-il",
        "us-ca",
        "us-va",
        "us-md",
        "us-wa",
        "us-nm",
        "us-nj",
        "us-or",
        "us-ct",
        "us-nh",
        "us-me",
        "us-mn",
        "us-ne",
        "us-vt",
        "us-mt",
        "us-nc",
        "us-ut",
        "us-ga",
        "us-id",
        "us-ky",
        "us-ar",
        "us-tn",
        "us-ia",
        "us-fl",
        "us-ny",
        "us-co",
        "us-federal",
        "de",
        "gb",
        "eu-led",
        "engine",
        "agency-default",
    ] {
        assert!(packs.get(id).is_some(), "{id}");
    }
    assert!(
        !packs.has_law("CH".parse().unwrap()),
        "Switzerland has no pack"
    );
}

#[test]
fn a_folder_of_packs_stands_alone_but_for_the_engine() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("us-tx.toml"),
        rule("effect = \"deny\"\nwhen = { purpose = [\"drug\"] }\n"),
    )
    .unwrap();
    std::fs::write(dir.path().join("notes.txt"), "not a pack").unwrap();
    let policy = Policy::new(PackSet::from_dir(dir.path(), Unverified::Allow).unwrap());
    let police = Agency::new("pd", AgencyKind::Local, State::Tx);
    let ask = |state: State, purpose: Purpose| {
        let reads = Dataset::new("d", police.to_ref(), state);
        let actor = Actor::verified("u", police.clone());
        let as_of = parse_instant("2026-11-22").unwrap();
        policy
            .decide(
                &SearchRequest::builder(actor, as_of)
                    .purpose(purpose)
                    .case("1")
                    .dataset(reads)
                    .build(),
            )
            .outcome
    };
    assert_eq!(ask(State::Tx, Purpose::Drug), Outcome::Deny);
    assert_eq!(ask(State::Tx, Purpose::Weapons), Outcome::Permit);
    assert_eq!(
        ask(State::Il, Purpose::Weapons),
        Outcome::DenyCurable,
        "Illinois law is unknown here"
    );
    std::fs::write(dir.path().join("bad.toml"), "[pack]\n").unwrap();
    let error = PackSet::from_dir(dir.path(), Unverified::Allow)
        .expect_err("a broken pack")
        .to_string();
    assert!(
        error.contains("bad.toml:1") && error.contains("missing field"),
        "{error}"
    );
}
