//! What binds officers of New York and Vermont wherever they search, and what Florida's guidelines ask for.

use platewarden_policy::model::*;

use crate::support::*;

/// Whether a rule denies, or would but for a paper.
fn denies(request: &SearchRequest, rule: &str) -> bool {
    let decision = policy().decide(request);
    let mut reasons = decision.reasons.iter();
    reasons.any(|reason| &*reason.rule == rule && reason.effect.denies())
}

#[test]
fn officers_take_their_own_law_along() {
    for (home, purpose, rule, before) in [
        (
            State::Ny,
            Purpose::CivilImmigration,
            "ny-civil-arrest",
            "2018-11-01",
        ),
        (
            State::Vt,
            Purpose::CivilImmigration,
            "vt-fair-policing",
            "2024-04-01",
        ),
        (
            State::Vt,
            Purpose::CriminalImmigration,
            "vt-fair-policing-entry",
            "2025-03-01",
        ),
    ] {
        let texan = || data(State::Tx);
        let now = ask(police(home), purpose.clone()).dataset(texan()).build();
        assert!(denies(&now, rule), "{rule}");
        let earlier = ask_on(before, police(home), purpose.clone())
            .dataset(texan())
            .build();
        assert!(!denies(&earlier, rule), "{rule} before its first day");
        let theft = ask(police(home), Purpose::StolenVehicleOrPlate)
            .dataset(texan())
            .build();
        assert!(!denies(&theft, rule), "{rule} speaks of immigration alone");
        let other = ask(police(State::Tx), purpose).dataset(texan()).build();
        assert!(!denies(&other, rule), "{rule} binds its own officers alone");
    }
}

#[test]
fn floridas_guidelines_ask_for_a_logged_case() {
    let own = ask(police(State::Fl), Purpose::StolenVehicleOrPlate)
        .dataset(data(State::Fl))
        .build();
    let decision = expect(
        "FL: own reads",
        &own,
        Outcome::PermitWithObligations,
        &["CJJIS Council", "316.0777(3)"],
    );
    assert!(owes(&decision, "log"));
}
