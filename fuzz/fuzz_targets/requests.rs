//! A request that can be read is decided, with a reason, and its decision survives JSON.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use platewarden_policy::engine::Policy;
use platewarden_policy::model::{Decision, SearchRequest};
use platewarden_policy::packs::Unverified;

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| Policy::bundled(Unverified::Allow).expect("the bundled packs load"));

fuzz_target!(|text: &str| {
    let Ok(request) = SearchRequest::from_json(text, None) else {
        return;
    };
    let decision = POLICY.decide(&request);
    assert!(!decision.reasons.is_empty());
    let json = serde_json::to_string(&decision).expect("a decision can be written");
    assert_eq!(
        serde_json::from_str::<Decision>(&json).expect("and read"),
        decision
    );
});
