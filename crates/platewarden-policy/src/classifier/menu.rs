//! The offence-type menu whose value precedes the free text since early 2026.

use crate::model::PurposeKind;

use super::Grade;

/// A value of the offence-type menu, as seen in public search logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MenuValue {
    /// The exact spelling in exports.
    pub text: &'static str,
    /// What a search under this value is for.
    pub purpose: PurposeKind,
}

/// A menu value at the beginning of a cell and the place where the free text begins.
pub(super) struct Split {
    pub(super) value: MenuValue,
    pub(super) free_text_at: usize,
}

macro_rules! menu {
    ($($text:literal => $purpose:ident,)*) => {
        /// All menu values known to this version. The list seen in public logs is incomplete.
        pub const MENU: &[MenuValue] = &[$(MenuValue { text: $text, purpose: PurposeKind::$purpose },)*];
    };
}

// The first block was seen in public logs; the second follows the NIBRS group names that the menu is
// said to be based on, in the same style.
menu! {
    "Assault/Battery Offenses" => ViolentCrime,
    "Assault/Battery Offenses (Domestic)" => ViolentCrime,
    "Auto Theft / VCD Investigation" => StolenVehicleOrPlate,
    "Burglary/Breaking & Entering" => PropertyOrFraud,
    "Counterfeiting/Forgery" => PropertyOrFraud,
    "Criminal Motor Vehicle Offense (incl. Road Rage/Reckless)" => OtherCriminal,
    "Destruction/Damage/Vandalism of Property" => PropertyOrFraud,
    "Drugs/Narcotics" => Drug,
    "Hit and Run/Car Accident" => HitAndRunOrSeriousCrash,
    "Homicide/Death Investigation" => ViolentCrime,
    "Immigration (civil/administrative)" => CivilImmigration,
    "Immigration (criminal)" => CriminalImmigration,
    "Larceny/Theft Offenses" => PropertyOrFraud,
    "Motor Vehicle Theft/Stolen" => StolenVehicleOrPlate,
    "Obstructing the Police (Fleeing/Eluding)" => Fleeing,
    "Sex Offenses" => ViolentCrime,
    "Stolen Property Offenses" => PropertyOrFraud,
    "Traffic Infraction" => TrafficOrParking,
    "Wanted Person (Arrest Warrant/Fugitive)" => WantedPerson,
    "Weapons Offense (Guns/Shots Fired)" => Weapons,
    "Welfare Check" => WelfareCheck,

    "Animal Cruelty" => OtherCriminal,
    "Arson" => ViolentCrime,
    "Bribery" => OtherCriminal,
    "Burglary" => PropertyOrFraud,
    "Child Exploitation" => ChildExploitation,
    "Drug/Narcotic Offenses" => Drug,
    "Embezzlement" => PropertyOrFraud,
    "Extortion/Blackmail" => ViolentCrime,
    "Fraud Offenses" => PropertyOrFraud,
    "Gambling Offenses" => OtherCriminal,
    "Homicide Offenses" => ViolentCrime,
    "Human Trafficking" => HumanTrafficking,
    "Human Trafficking Offenses" => HumanTrafficking,
    "Kidnapping/Abduction" => ViolentCrime,
    "Missing Person" => MissingOrEndangered,
    "Missing/Endangered Person" => MissingOrEndangered,
    "Motor Vehicle Theft" => StolenVehicleOrPlate,
    "Pornography/Obscene Material" => ChildExploitation,
    "Prostitution Offenses" => OtherCriminal,
    "Robbery" => ViolentCrime,
    "Terrorism" => TerrorismOrThreat,
    "Trespass of Real Property" => PropertyOrFraud,
    "Weapon Law Violations" => Weapons,
}

impl MenuValue {
    /// The menu value of this exact text, letter case and outer blanks apart.
    ///
    /// ```
    /// use platewarden_policy::classifier::MenuValue;
    /// use platewarden_policy::model::PurposeKind;
    /// let value = MenuValue::from_text("drugs/narcotics").map(|v| v.purpose);
    /// assert_eq!(value, Some(PurposeKind::Drug));
    /// ```
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        MENU.iter()
            .find(|value| value.text.eq_ignore_ascii_case(text))
            .copied()
    }

    /// How strongly the choice itself speaks for immigration enforcement: civil is the prohibited
    /// purpose by name, criminal is arguable and needs a person.
    pub(super) const fn immigration_grade(self) -> Option<Grade> {
        match self.purpose {
            PurposeKind::CivilImmigration => Some(Grade::High),
            PurposeKind::CriminalImmigration => Some(Grade::Medium),
            _ => None,
        }
    }
}

/// Splits `<menu value> - <free text>`; a cell that is only a menu value has empty free text.
pub(super) fn split(text: &str) -> Option<Split> {
    let lead = text.len() - text.trim_start().len();
    let rest = text.get(lead..)?;
    // All values begin with an upper-case letter of this set: most cells leave here.
    if !rest
        .as_bytes()
        .first()
        .is_some_and(|b| b"ABCDEFGHIKLMOPRSTW".contains(&b.to_ascii_uppercase()))
    {
        return None;
    }
    let mut best: Option<(MenuValue, usize)> = None;
    for value in MENU {
        let Some(head) = rest.get(..value.text.len()) else {
            continue;
        };
        if !head.eq_ignore_ascii_case(value.text) {
            continue;
        }
        let tail = rest.get(value.text.len()..).unwrap_or_default();
        let gap = tail.trim_start();
        // A bare one-word value ("Arson", "Robbery") is taken only with the dash: alone it is free text
        // that means the same.
        let consumed = if gap.is_empty() {
            tail.len()
        } else if let Some(after) = gap
            .strip_prefix(['-', '–', '—'])
            .filter(|after| tail.len() > gap.len() && (after.is_empty() || after.starts_with(' ')))
        {
            tail.len() - after.trim_start().len()
        } else {
            continue;
        };
        if best.is_none_or(|(old, _)| old.text.len() < value.text.len()) {
            best = Some((*value, lead + value.text.len() + consumed));
        }
    }
    best.map(|(value, free_text_at)| Split {
        value,
        free_text_at,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_two_halves_of_a_cell_are_told_apart() {
        let text = "Assault/Battery Offenses (Domestic) - see report";
        let split = split(text).unwrap();
        assert_eq!(split.value.text, "Assault/Battery Offenses (Domestic)");
        assert_eq!(text.get(split.free_text_at..), Some("see report"));
        for (text, free) in [
            ("Drugs/Narcotics - ", ""),
            ("Drugs/Narcotics", ""),
            ("Drugs/Narcotics -", ""),
            ("Immigration (criminal) - x", "x"),
        ] {
            assert_eq!(
                text.get(super::split(text).unwrap().free_text_at..),
                Some(free),
                "{text}"
            );
        }
        for text in [
            "Immigration violation",
            "Drugs/Narcotics-ish",
            "Robbery suspect",
            "",
            "Arson-like",
        ] {
            assert!(super::split(text).is_none(), "{text}");
        }
    }
}
