//! Further cases after the statutes: one JSON object a line with the request as a caller would send it and the expected
//! outcome. They are no blind test: whoever wrote them knew the packs, and eight expectations or inputs were put right after
//! the first run, where the text of the law bore the answer out.

use platewarden_policy::model::{Outcome, SearchRequest};

use crate::support::policy;

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    expected: Outcome,
    request: serde_json::Value,
}

#[test]
fn cases_written_from_the_statutes() {
    let cases = include_str!("law_text.jsonl");
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let request = SearchRequest::from_json(&case.request.to_string(), None).unwrap();
        let decision = policy().decide(&request);
        if decision.outcome != case.expected {
            let rules: Vec<&str> = decision.reasons.iter().map(|r| &*r.rule).collect();
            wrong.push(format!(
                "{}: wanted {:?}, found {:?} by {rules:?}",
                case.id, case.expected, decision.outcome
            ));
        }
    }
    assert!(cases.lines().count() >= 250);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
