//! What an agency's name in a log tells.

use platewarden_policy::model::{
    Agency, AgencyKind, Fact, FederalComponent, Jurisdiction, State, Status,
};

/// The `Org Name` cell, parted from its markers.
///
/// ```
/// use platewarden_audit::export::OrgName;
/// use platewarden_policy::model::{AgencyKind, State};
/// let org = OrgName::parse("Houston TX PD [Inactive]");
/// assert_eq!((org.name, org.inactive, org.federal), ("Houston TX PD", true, false));
/// assert_eq!(org.state(), Some(State::Tx));
/// assert_eq!(org.kind(), Some(AgencyKind::Local));
/// assert!(OrgName::parse("[Federal] US Border Patrol").federal);
/// // "police" holds the letters of ICE; it is no federal body.
/// assert_eq!(OrgName::parse("Springfield IL Police").component(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrgName<'a> {
    /// The name without markers.
    pub name: &'a str,
    /// Prefix `[Federal]`.
    pub federal: bool,
    /// Suffix `[Inactive]`.
    pub inactive: bool,
}

impl<'a> OrgName<'a> {
    /// Parts a cell.
    #[must_use]
    pub fn parse(cell: &'a str) -> Self {
        let mut org = Self {
            name: cell.trim(),
            federal: false,
            inactive: false,
        };
        loop {
            let before = org.name;
            for (marker, flag) in [
                ("[federal]", &mut org.federal),
                ("[inactive]", &mut org.inactive),
            ] {
                let length = marker.len();
                let (head, tail) = (
                    org.name.get(..length),
                    org.name
                        .len()
                        .checked_sub(length)
                        .and_then(|at| org.name.get(at..)),
                );
                if head.is_some_and(|h| h.eq_ignore_ascii_case(marker)) {
                    *flag = true;
                    org.name = org.name.get(length..).unwrap_or_default().trim();
                } else if tail.is_some_and(|t| t.eq_ignore_ascii_case(marker)) {
                    *flag = true;
                    org.name = org
                        .name
                        .get(..org.name.len() - length)
                        .unwrap_or_default()
                        .trim();
                }
            }
            if before == org.name {
                return org;
            }
        }
    }

    fn words(&self) -> impl DoubleEndedIterator<Item = &'a str> + Clone {
        self.name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|w| !w.is_empty())
    }

    /// The state that the name gives, by its code in capitals or its full name; the last one counts
    /// ("Delaware County PA SO").
    #[must_use]
    pub fn state(&self) -> Option<State> {
        let code = self
            .words()
            .rev()
            .filter(|w| w.len() == 2 && w.bytes().all(|b| b.is_ascii_uppercase()))
            .find_map(|w| {
                // A sheriff's office and a police department are no states; "CO" is also a county.
                if matches!(w, "SO" | "PD" | "US") {
                    None
                } else {
                    State::ALL.iter().find(|s| s.as_str() == w).copied()
                }
            });
        code.or_else(|| {
            let words: Vec<&str> = self.words().collect();
            words
                .windows(2)
                .rev()
                .find_map(|w| State::from_word(&w.concat()).filter(|_| w.concat().len() > 4))
                .or_else(|| {
                    words.iter().rev().find_map(|w| {
                        if w.len() > 3 {
                            State::from_word(w)
                        } else {
                            None
                        }
                    })
                })
        })
    }

    /// The federal body that the name gives.
    #[must_use]
    pub fn component(&self) -> Option<FederalComponent> {
        let has = |wanted: &str| self.words().any(|w| w.eq_ignore_ascii_case(wanted));
        let holds = |wanted: &str| self.name.to_ascii_lowercase().contains(wanted);
        Some(if has("ERO") || holds("enforcement and removal") {
            FederalComponent::Ero
        } else if has("HSI") || holds("homeland security investigations") {
            FederalComponent::Hsi
        } else if has("USBP") || holds("border patrol") {
            FederalComponent::Usbp
        } else if has("CBP") || holds("customs and border") {
            FederalComponent::Cbp
        } else if self.words().any(|w| w == "ICE") || holds("immigration and customs") {
            FederalComponent::Ice
        } else if has("DHS") && !holds("human services") {
            FederalComponent::Dhs
        } else if has("FBI") || holds("federal bureau of investigation") {
            FederalComponent::Fbi
        } else if has("DEA") || holds("drug enforcement administration") {
            FederalComponent::Dea
        } else if has("ATF") {
            FederalComponent::Atf
        } else if has("USMS") || holds("us marshal") || holds("u.s. marshal") {
            FederalComponent::Usms
        } else if has("USPIS") || holds("postal inspection") {
            FederalComponent::Uspis
        } else if has("USSS") || holds("secret service") {
            FederalComponent::Usss
        } else if self.federal {
            FederalComponent::Other
        } else {
            return None;
        })
    }

    /// The kind of body that the name gives.
    #[must_use]
    pub fn kind(&self) -> Option<AgencyKind> {
        let has = |list: &[&str]| {
            self.words()
                .any(|w| list.iter().any(|l| w.eq_ignore_ascii_case(l)))
        };
        Some(if self.federal || self.component().is_some() {
            AgencyKind::Federal
        } else if has(&[
            "university",
            "college",
            "campus",
            "isd",
            "school",
            "schools",
        ]) {
            AgencyKind::Campus
        } else if has(&["tribal", "tribe", "nation", "pueblo"]) {
            AgencyKind::Tribal
        } else if has(&["fusion", "rtcc", "intelligence"]) {
            AgencyKind::FusionCenter
        } else if has(&["attorney", "attorneys", "prosecutor", "prosecutors", "da"]) {
            AgencyKind::Prosecutor
        } else if has(&[
            "hoa",
            "mall",
            "llc",
            "inc",
            "lowes",
            "depot",
            "association",
            "apartments",
        ]) {
            AgencyKind::Private
        } else if has(&["patrol", "troopers", "dps", "state"])
            && has(&["police", "patrol", "dps", "highway", "troopers", "state"])
        {
            AgencyKind::State
        } else if has(&[
            "pd",
            "so",
            "police",
            "sheriff",
            "sheriffs",
            "county",
            "constable",
            "marshal",
            "city",
            "township",
            "village",
            "town",
            "precinct",
        ]) {
            AgencyKind::Local
        } else {
            return None;
        })
    }

    /// The agency as far as its name tells; what the name leaves open is unknown.
    #[must_use]
    pub fn to_agency(&self) -> Agency {
        let kind = self.kind();
        let jurisdiction = match kind {
            Some(AgencyKind::Federal) => Some(Jurisdiction::UnitedStates),
            _ => self.state().map(Jurisdiction::State),
        };
        Agency {
            id: self.name.into(),
            name: self.name.to_owned(),
            kind: kind.map_or(Fact::Unknown, Fact::Known),
            jurisdiction: jurisdiction.map_or(Fact::Unknown, Fact::Known),
            federal_component: self.component(),
            status: if self.inactive {
                Status::Inactive
            } else {
                Status::Active
            },
            ..Agency::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_real_style_are_understood() {
        for (cell, state, kind) in [
            (
                "Cook County IL SO",
                Some(State::Il),
                Some(AgencyKind::Local),
            ),
            (
                "Delaware County PA Sheriff",
                Some(State::Pa),
                Some(AgencyKind::Local),
            ),
            (
                "Illinois State Police",
                Some(State::Il),
                Some(AgencyKind::State),
            ),
            ("Texas DPS", Some(State::Tx), Some(AgencyKind::State)),
            (
                "North Carolina State Highway Patrol",
                Some(State::Nc),
                Some(AgencyKind::State),
            ),
            (
                "[Federal] HSI - Chicago [Inactive]",
                None,
                Some(AgencyKind::Federal),
            ),
            (
                "Rice University TX PD",
                Some(State::Tx),
                Some(AgencyKind::Campus),
            ),
            ("Justice IL PD", Some(State::Il), Some(AgencyKind::Local)),
            ("Oak Hollow HOA", None, Some(AgencyKind::Private)),
            ("", None, None),
        ] {
            let org = OrgName::parse(cell);
            assert_eq!((org.state(), org.kind()), (state, kind), "{cell}");
        }
        let org = OrgName::parse("[Federal] HSI - Chicago [Inactive]");
        assert_eq!(
            (org.name, org.component()),
            ("HSI - Chicago", Some(FederalComponent::Hsi))
        );
    }
}
