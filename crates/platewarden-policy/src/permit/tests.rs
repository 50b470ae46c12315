#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use proptest::prelude::*;

use super::*;
use crate::model::{Actor, Agency, AgencyKind, CaseRef, Fact, Purpose, State, parse_instant};
use crate::packs::Unverified;

fn issuer() -> PermitIssuer {
    PermitIssuer::new(Policy::bundled(Unverified::Allow).unwrap()).unwrap()
}

fn request() -> SearchRequest {
    let police = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    let reads = Dataset::new("springfield", police.to_ref(), State::Il);
    SearchRequest::builder(
        Actor::verified("officer-7", police),
        parse_instant("2026-11-22").unwrap(),
    )
    .plate("AB12345")
    .purpose(Purpose::StolenVehicleOrPlate)
    .case("26-001234")
    .dataset(reads)
    .build()
}

/// Copies what the compiler lets nobody copy.
fn copy(permit: &Permit) -> Permit {
    Permit {
        nonce: permit.nonce,
        binding: permit.binding,
        mac: permit.mac,
        issued_at: permit.issued_at,
        issued: permit.issued,
        caps: permit.caps,
        shares: permit.shares.clone(),
        packs: permit.packs.clone(),
    }
}

#[test]
fn a_denied_search_gets_no_permit() {
    let mut denied = request();
    denied.purpose = Fact::Unknown;
    let (decision, permit) = issuer().decide(&denied, &QueryDigest::of(&[b"q"]), Caps::default());
    assert!(!decision.outcome.permits_any() && permit.is_none());
}

#[test]
fn a_permit_is_used_once() {
    let (issuer, request, query) = (issuer(), request(), QueryDigest::of(&[b"q"]));
    let permit = issuer.decide(&request, &query, Caps::default()).1.unwrap();
    let again = copy(&permit);
    issuer
        .redeem(permit, &request, &query, request.as_of)
        .unwrap();
    let refusal = issuer
        .redeem(again, &request, &query, request.as_of)
        .unwrap_err();
    assert_eq!(refusal, PermitRefusal::Reused);
}

/// Number of cases: 2,000 where nobody asks for more (`PLATEWARDEN_PERMIT_CASES=100000`).
fn cases() -> u32 {
    std::env::var("PLATEWARDEN_PERMIT_CASES")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(2_000)
}

#[test]
fn no_forged_expired_reused_or_altered_permit_is_accepted() {
    let (issuer, other, request) = (issuer(), issuer(), request());
    let query = QueryDigest::of(&[b"q"]);
    let permit = issuer.decide(&request, &query, Caps::default()).1.unwrap();
    let foreign = other.decide(&request, &query, Caps::default()).1.unwrap();
    let spent = issuer.decide(&request, &query, Caps::default()).1.unwrap();
    issuer
        .redeem(copy(&spent), &request, &query, request.as_of)
        .unwrap();
    let how = (
        0_u8..14,
        any::<[u8; 32]>(),
        0_usize..32,
        1_u8..=255,
        1_i64..10_000_000,
    );
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(cases()));
    runner
        .run(&how, |(kind, noise, at, flip, seconds)| {
            let mut tried = copy(&permit);
            let (mut asked, mut digest, mut now) = (request.clone(), query, request.as_of);
            let seconds = SignedDuration::from_secs(seconds);
            match kind {
                // Forged: every field guessed, one field touched, or from elsewhere.
                0 => {
                    (tried.binding, tried.mac) = (noise, noise);
                    tried.nonce.copy_from_slice(&noise[..16]);
                }
                1 => tried.mac[at] ^= flip,
                2 => tried.binding[at] ^= flip,
                3 => tried.nonce[at % 16] ^= flip,
                4 => tried.caps.max_rows = tried.caps.max_rows.wrapping_add(u32::from(flip)),
                5 => tried.issued_at = tried.issued_at.checked_add(seconds).unwrap(),
                6 => tried.shares[0].dataset.id = format!("other-{flip}").into(),
                7 => tried = copy(&foreign),
                // Expired, or from the future.
                8 => {
                    now = now
                        .checked_add(seconds + SignedDuration::from_secs(30))
                        .unwrap()
                }
                9 => now = now.checked_sub(seconds).unwrap(),
                // Reused.
                10 => tried = copy(&spent),
                // Altered: for another query, person or case.
                11 => digest = QueryDigest::of(&[&noise]),
                12 => asked.actor.user = format!("officer-{}", u16::from(flip) + 7).into(),
                _ => asked.case_ref = Some(CaseRef::case(format!("26-{flip}"))),
            }
            prop_assert!(
                issuer.redeem(tried, &asked, &digest, now).is_err(),
                "kind {kind}"
            );
            Ok(())
        })
        .unwrap();
    // And the untouched one still opens.
    assert!(
        issuer
            .redeem(permit, &request, &query, request.as_of)
            .is_ok()
    );
}
