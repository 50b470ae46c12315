//! The people, the incident and the footage of the demonstration, all made up.

use std::collections::BTreeMap;

use platewarden_community::{Area, Error, Position, Proof, RequestForm, Resident, RetentionLaw};
use platewarden_policy::model::{
    AgencyKind, AgencyRef, Contact, Fact, Jurisdiction, PurposeKind, State, TimeWindow,
    parse_instant,
};

pub(super) fn form() -> Result<RequestForm, Error> {
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
        transfer_intended_to: Fact::Known(vec![AgencyRef::new(
            "sangamon-county-sheriff",
            AgencyKind::Local,
            State::Il,
        )]),
        retention_law: RetentionLaw {
            jurisdiction: Jurisdiction::State(State::Il),
            citation: "Local Records Act, 50 ILCS 205".into(),
            summary: "The agency may destroy it only with leave of the Local Records Commission."
                .into(),
        },
        responses_until: parse_instant("2026-11-29")?,
    })
}

pub(super) fn proof() -> Proof {
    Proof {
        verified_by: "onboarding-2".into(),
        evidence_account: "springfield-evidence".into(),
    }
}

pub(super) fn resident(number: u32) -> Result<Resident, Error> {
    Ok(Resident {
        account: format!("account-{number}"),
        address: format!("{number} Elm Street, Springfield"),
        email: format!("resident{number}@example.org"),
        location: Position {
            latitude: 39.79,
            longitude: -89.65,
        },
    })
}

pub(super) fn footage() -> BTreeMap<String, Vec<u8>> {
    [("porch.mp4".to_owned(), b"two minutes of video".to_vec())].into()
}
