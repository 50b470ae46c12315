//! What the stages that see no pixels are given.

use platewarden::Candidate;
use platewarden_policy::model::{
    Actor, Agency, AgencyKind, Dataset, Offence, OffenceJurisdiction, OffenceLevel, Purpose,
    ReadMeta, SearchRequest, SearchRequestBuilder, ShareGrant, State, Suspicion, parse_instant,
};

use crate::Outcome;

/// Five texts of one plate, with look-alikes in the place of one another.
#[must_use]
pub fn candidates() -> Vec<Candidate> {
    ["LB07O7K", "LB07OTK", "LBO7OTK", "L807O7K", "LB0707K"]
        .into_iter()
        .zip([0.5, 0.3, 0.1, 0.06, 0.04])
        .map(|(text, p)| Candidate::new(text, p))
        .collect()
}

fn agency(state: State) -> Agency {
    Agency::new(format!("{state}-pd"), AgencyKind::Local, state)
}

/// A complete request of a local agency for one plate, as yet without a dataset.
///
/// # Errors
/// None, unless the date it is made with is none.
pub fn request(state: State) -> Outcome<SearchRequestBuilder> {
    let as_of = parse_instant("2026-11-22")?;
    Ok(
        SearchRequest::builder(Actor::verified("officer-7", agency(state)), as_of)
            .plate("AB12345")
            .purpose(Purpose::PropertyOrFraud)
            .offence(Offence::new(
                "18.2-91",
                OffenceLevel::Felony,
                OffenceJurisdiction::State,
            ))
            .suspicion(Suspicion::ReasonableSuspicion {
                facts: "seen leaving the scene".to_owned(),
            })
            .case("26-001234"),
    )
}

/// Reads of the agency that asks, three days old, shared with its network.
#[must_use]
pub fn dataset(state: State) -> Dataset {
    Dataset::new(format!("{state}-reads"), agency(state).to_ref(), state)
        .with_share(ShareGrant::Network)
        .with_read(ReadMeta::aged(3))
}
