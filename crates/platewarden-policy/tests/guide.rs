//! The guide for compliance staff says what the code does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use platewarden_policy::engine::Policy;
use platewarden_policy::model::{Outcome, PurposeKind, SearchRequest};
use platewarden_policy::packs::Unverified;

const START: &str = "<!-- purposes: written by the test `guide` with UPDATE_GUIDE=1 -->\n";
const END: &str = "<!-- /purposes -->";

fn guide() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy.md")
}

fn table() -> String {
    let mut out =
        String::from("| purpose | class | NIBRS groups | also understood |\n|---|---|---|---|\n");
    for kind in PurposeKind::ALL {
        let class = if kind.is_crime_or_danger() {
            "crime or danger"
        } else if kind.is_sensitive() {
            "sensitive"
        } else if *kind == PurposeKind::Other {
            "never permitted by itself"
        } else {
            "other than crime"
        };
        let also = PurposeKind::WORDS
            .iter()
            .filter(|(word, other)| other == kind && *word != kind.as_str());
        let also: Vec<&str> = also.map(|(word, _)| *word).collect();
        let line = format!(
            "| `{kind}` | {class} | {} | {} |\n",
            kind.nibrs_groups().join(", "),
            also.join(", ")
        );
        out.push_str(&line);
    }
    out
}

#[test]
fn the_closed_list_of_purposes_is_the_one_in_the_code() {
    let text = std::fs::read_to_string(guide()).unwrap();
    let (before, rest) = text
        .split_once(START)
        .expect("the guide has a place for the purposes");
    let (found, after) = rest.split_once(END).expect("the list of purposes ends");
    if std::env::var_os("UPDATE_GUIDE").is_some() {
        std::fs::write(guide(), format!("{before}{START}{}{END}{after}", table())).unwrap();
    } else {
        assert!(
            found == table(),
            "the list in docs/policy.md is stale: run this test with UPDATE_GUIDE=1"
        );
    }
}

#[test]
fn the_smallest_request_is_permitted_and_nothing_can_be_left_out() {
    let text = std::fs::read_to_string(guide()).unwrap();
    let (_, rest) = text
        .split_once("The smallest request that can be permitted")
        .unwrap();
    let (_, rest) = rest.split_once("```json\n").unwrap();
    let (json, _) = rest.split_once("```").unwrap();
    let policy = Policy::bundled(Unverified::Allow).unwrap();
    let outcome = |value: &serde_json::Value| {
        let request = SearchRequest::from_json(&value.to_string(), None).ok()?;
        Some(policy.decide(&request).outcome)
    };
    let permitted = |found: Option<Outcome>| {
        matches!(
            found,
            Some(Outcome::Permit | Outcome::PermitWithObligations)
        )
    };
    let whole: serde_json::Value = serde_json::from_str(json).unwrap();
    assert!(permitted(outcome(&whole)), "as it stands in the guide");
    let mut paths: Vec<Vec<String>> = Vec::new();
    walk(&whole, &mut Vec::new(), &mut paths);
    for path in paths {
        let mut less = whole.clone();
        remove(&mut less, &path);
        assert!(
            !permitted(outcome(&less)),
            "{} can be left out",
            path.join(".")
        );
    }
}

fn walk(value: &serde_json::Value, at: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    let Some(map) = value.as_object() else {
        if let Some(first) = value.as_array().and_then(|list| list.first()) {
            at.push("0".to_owned());
            walk(first, at, out);
            at.pop();
        }
        return;
    };
    for (key, inner) in map {
        at.push(key.clone());
        out.push(at.clone());
        walk(inner, at, out);
        at.pop();
    }
}

fn remove(value: &mut serde_json::Value, path: &[String]) {
    match (path, value) {
        ([last], serde_json::Value::Object(map)) => {
            map.remove(last);
        }
        ([first, rest @ ..], serde_json::Value::Object(map)) => {
            remove(map.get_mut(first).unwrap(), rest)
        }
        ([_, rest @ ..], serde_json::Value::Array(list)) => remove(&mut list[0], rest),
        _ => panic!("no such path"),
    }
}
