use super::*;

fn name(cell: &str) -> AgencyName<'_> {
    AgencyName::parse(cell)
}

#[test]
fn names_of_real_style_are_understood() {
    use AgencyKind::{Campus, Federal, Local, Private, Prosecutor, State as StateBody, Tribal};
    for (cell, state, kind) in [
        ("Cook County IL SO", Some(State::Il), Some(Local)),
        ("Delaware County PA Sheriff", Some(State::Pa), Some(Local)),
        ("Illinois State Police", Some(State::Il), Some(StateBody)),
        ("Texas DPS", Some(State::Tx), Some(StateBody)),
        ("TX DPS", Some(State::Tx), Some(StateBody)),
        ("Kalamazoo MI DPS", Some(State::Mi), Some(Local)),
        (
            "North Carolina State Highway Patrol",
            Some(State::Nc),
            Some(StateBody),
        ),
        ("IN State Police", Some(State::In), Some(StateBody)),
        ("[Federal] HSI - Chicago [Inactive]", None, Some(Federal)),
        ("Rice University TX PD", Some(State::Tx), Some(Campus)),
        (
            "Washington State University PD",
            Some(State::Wa),
            Some(Campus),
        ),
        ("Justice IL PD", Some(State::Il), Some(Local)),
        ("Oak Hollow HOA", None, Some(Private)),
        (
            "Kane County IL State's Attorney",
            Some(State::Il),
            Some(Prosecutor),
        ),
        ("College Park MD PD", Some(State::Md), Some(Local)),
        ("State College PA PD", Some(State::Pa), Some(Local)),
        ("Federal Way WA PD", Some(State::Wa), Some(Local)),
        ("Pueblo CO PD", Some(State::Co), Some(Local)),
        ("Pueblo of Acoma NM PD", Some(State::Nm), Some(Tribal)),
        ("Navajo Nation Police", None, Some(Tribal)),
        ("Richmond, VA Police", Some(State::Va), Some(Local)),
        ("Springfield (IL) PD", Some(State::Il), Some(Local)),
        ("IL - Cook County SO", Some(State::Il), Some(Local)),
        ("peoria il pd", Some(State::Il), Some(Local)),
        ("Gary IN PD", Some(State::In), Some(Local)),
        ("LA PORTE IN PD", Some(State::In), Some(Local)),
        ("DE SOTO MO PD", Some(State::Mo), Some(Local)),
        ("Baton Rouge LA PD", Some(State::La), Some(Local)),
        ("Flock Safety", None, Some(Private)),
        ("NYPD", Some(State::Ny), Some(Local)),
        ("", None, None),
    ] {
        assert_eq!(
            (name(cell).state(), name(cell).kind()),
            (state, kind),
            "{cell}"
        );
    }
}

#[test]
fn two_capitals_are_a_state_by_their_place_alone() {
    for (cell, state) in [
        ("Kern County CA SD", State::Ca),
        ("Baldwin County AL SD", State::Al),
        ("Horry County SC SD", State::Sc),
        ("Minnehaha County SD SO", State::Sd),
        ("Sioux Falls SD PD", State::Sd),
        ("Weld County CO SO", State::Co),
        ("Aurora CO PD", State::Co),
        ("Cook CO IL SO", State::Il),
        ("Henrico County VA PD", State::Va),
        ("Multnomah County OR SO", State::Or),
        ("Duchesne County UT SO - Jail", State::Ut),
    ] {
        assert_eq!(name(cell).state(), Some(state), "{cell}");
    }
    // Nothing of a state in these.
    for cell in [
        "NOT IN USE",
        "Police IN Training",
        "DO NOT USE OR DELETE",
        "Metro Gang Task Force",
        "VA Police",
        "OK Corral HOA",
    ] {
        assert_eq!(*name(cell).state_reading(), StateReading::Absent, "{cell}");
    }
    // More than one reading: said, and not used.
    for cell in [
        "Rapid City SD",
        "Fairfax CO PD",
        "Cook CO SO",
        "LA PD",
        "SD Sheriff",
        "Delaware County Sheriff",
        "Kansas City PD",
        "Washington County SO",
        "Port Authority of NY & NJ PD",
        "Fort Washington Police",
    ] {
        let name = name(cell);
        assert!(
            matches!(name.state_reading(), StateReading::Doubtful(_)),
            "{cell}: {name:?}"
        );
        assert!(name.to_agency().jurisdiction.is_unknown(), "{cell}");
    }
}

#[test]
fn federal_bodies_are_known_in_any_spelling() {
    use FederalComponent::{Atf, Cbp, Dhs, Ero, Hsi, Ice, Military, Other, Usbp, Usms};
    for (cell, component) in [
        ("Chicago Office (Federal)", Other),
        ("Federal - Chicago Office", Other),
        ("Del Rio Sector", Usbp),
        ("U.S. Border Patrol - Tucson", Usbp),
        ("CBP Houston", Cbp),
        ("GSA Inspector General", Other),
        ("GSA OIG", Other),
        ("National Park Service", Other),
        ("TVA Police", Other),
        ("Tennessee Valley Authority", Other),
        ("Scott Air Force Base IL", Military),
        ("AFOSI Det 123", Military),
        ("U.S. Marshals Service - NDIL", Usms),
        ("Homeland Security Investigations St. Louis", Hsi),
        ("ICE Enforcement and Removal", Ero),
        ("DHS ICE", Ice),
        ("DHS", Dhs),
        ("Bureau of Alcohol, Tobacco, Firearms and Explosives", Atf),
        ("Marion VA Medical Center Police", Other),
        ("VA Police", Other),
    ] {
        assert_eq!(name(cell).component(), Some(component), "{cell}");
        assert_eq!(name(cell).kind(), Some(AgencyKind::Federal), "{cell}");
    }
    for cell in [
        "Federal Way WA PD",
        "National Park NJ PD",
        "Illinois DHS",
        "Venice FL PD",
        "Fire Marshal Dallas TX",
        "Richmond VA Police",
    ] {
        assert_eq!(name(cell).component(), None, "{cell}");
    }
}

#[test]
fn closed_accounts_and_nobody_are_known() {
    for cell in [
        "Reno NV PD (Inactive)",
        "Reno NV PD [INACTIVE]",
        "DNU - Reno NV PD",
        "Reno NV PD - Do Not Use",
        "DO NOT USE Reno NV PD",
        "Reno NV PD (revoked MOU)",
        "Reno NV PD - Closed",
        "NOT IN USE",
    ] {
        assert!(name(cell).is_closed(), "{cell}");
    }
    assert_eq!(name("DNU - Reno NV PD").name(), "Reno NV PD");
    assert_eq!(name("DO NOT USE Reno NV PD").state(), Some(State::Nv));
    assert!(!name("Closed Creek TX PD").is_closed());
    for cell in ["", "-", "N/A", "(agency not recorded)", "Unknown", "?"] {
        assert!(name(cell).is_nobody(), "{cell}");
        assert!(name(cell).to_agency().kind.is_unknown(), "{cell}");
    }
    assert!(!name("Unknown Creek TX PD").is_nobody());
    assert!(name("Flock Safety - Support").is_vendor());
    assert!(!name("Flock Hill NV PD").is_vendor());
}

#[test]
fn a_partial_entry_is_completed_and_never_erased() {
    let mut entry = Agency {
        kind: Fact::Known(AgencyKind::Campus),
        ..Agency::default()
    };
    name("Houston TX PD").complete(&mut entry);
    assert_eq!(entry.kind, Fact::Known(AgencyKind::Campus));
    assert_eq!(entry.jurisdiction, Fact::Known(State::Tx.into()));
    name("[Federal] Houston [Inactive]").complete(&mut entry);
    assert_eq!(entry.kind, Fact::Known(AgencyKind::Federal));
    assert_eq!(entry.status, Status::Inactive);
}
