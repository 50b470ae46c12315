//! Decides one search: an officer of another state asks for reads of Illinois.
//!
//!     cargo run --release --example decide
//!
//! Searches as JSON lines: `platewarden decide`.

use std::error::Error;

use platewarden_policy::{
    engine::Policy,
    model::{
        Actor, Agency, AgencyKind, Dataset, Purpose, SearchRequest, ShareGrant, State,
        parse_instant,
    },
    packs::Unverified,
};

fn main() -> Result<(), Box<dyn Error>> {
    // No lawyer has verified the bundled rule packs; a program says that it accepts that.
    let policy = Policy::bundled(Unverified::Allow)?;
    let springfield = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    let reads = Dataset::new("springfield-reads", springfield.to_ref(), State::Il)
        .with_share(ShareGrant::Network);
    let as_of = parse_instant("2026-11-22")?;
    for (purpose, agency) in [
        (Purpose::ViolentCrime, springfield),
        (
            Purpose::ViolentCrime,
            Agency::new("houston-pd", AgencyKind::Local, State::Tx),
        ),
    ] {
        let actor = Actor::verified("officer-7", agency);
        let request = SearchRequest::builder(actor, as_of)
            .plate("AB12345")
            .purpose(purpose)
            .case("26-001234")
            .dataset(reads.clone())
            .build();
        let decision = policy.decide(&request);
        // For programs, the same as JSON: `serde_json::to_string(&decision)`.
        println!("{}\n", decision.explain());
    }
    Ok(())
}
