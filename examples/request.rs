//! A request to residents for footage: verified, drafted, moderated, published.
//!
//!     cargo run --release --example request
//!
//! Residents, consent and the sealed hand-over: `platewarden request`. Everything in it is made up.

use std::error::Error;

use platewarden_community::{
    Area, Error as RequestError, Moderation, Position, Proof, RequestForm, RequestService,
    RetentionLaw,
};
use platewarden_policy::model::{
    Agency, AgencyKind, Contact, Fact, Jurisdiction, PurposeKind, State, TimeWindow, parse_instant,
};
use platewarden_trail::{MemoryStore, TrailOptions, TrailWriter};

fn main() -> Result<(), Box<dyn Error>> {
    let now = parse_instant("2026-11-22T15:00:00Z")?;
    // Each step is in the audit trail before it takes effect.
    let trail = TrailWriter::open(MemoryStore::default(), TrailOptions::default())?;
    let mut service = RequestService::new(trail, *b"a secret of 32 bytes, kept apart");

    let police = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    let proof = Proof {
        verified_by: "onboarding-2".into(),
        evidence_account: "springfield-evidence".into(),
    };
    let agency = service.verify(&police, &proof, now)?;
    let draft = service.draft(&agency, form()?, "det-4", now)?;
    println!("drafted: investigation code {}", draft.code());
    let submitted = service
        .submit(draft, "det-4", now)
        .map_err(RequestError::from)?;
    let request = service
        .publish(submitted, Moderation::new("moderator-1"), now)
        .map_err(RequestError::from)?;
    println!("published by {}", request.stage().moderator);
    Ok(())
}

fn form() -> Result<RequestForm, RequestError> {
    let corner = |latitude, longitude| Position {
        latitude,
        longitude,
    };
    let outline = vec![
        corner(39.78, -89.66),
        corner(39.78, -89.64),
        corner(39.80, -89.64),
        corner(39.80, -89.66),
    ];
    Ok(RequestForm {
        case_number: "26-001234".into(),
        purpose: PurposeKind::HitAndRunOrSeriousCrash,
        incident: "A grey van struck a cyclist on Elm Street and left.".into(),
        area: Area::new("Elm Street", outline)?,
        window: TimeWindow {
            start: parse_instant("2026-11-21T18:00:00Z")?,
            end: parse_instant("2026-11-22T06:00:00Z")?,
        },
        investigator: Contact {
            name: "Det. Roe".into(),
            telephone: "217-555-0100".into(),
            ..Contact::default()
        },
        on_behalf_of: None,
        transfer_intended_to: Fact::Known(Vec::new()),
        retention_law: RetentionLaw {
            jurisdiction: Jurisdiction::State(State::Il),
            citation: "Local Records Act, 50 ILCS 205".into(),
            summary: "The agency may destroy it only with leave of the Local Records Commission."
                .into(),
        },
        responses_until: parse_instant("2026-11-29")?,
    })
}
