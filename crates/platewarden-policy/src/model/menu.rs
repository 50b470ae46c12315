//! Offence menus of search platforms.

use super::PurposeKind;

/// Menu values seen in public search logs, and the purpose that each stands for.
///
/// The list is incomplete: platforms change it. An unknown value maps to nothing and is treated as
/// free text.
const MENU: &[(&str, PurposeKind)] = &[
    ("Assault/Battery Offenses", PurposeKind::ViolentCrime),
    ("Assault/Battery Offenses (Domestic)", PurposeKind::ViolentCrime),
    ("Auto Theft / VCD Investigation", PurposeKind::StolenVehicleOrPlate),
    ("Burglary/Breaking & Entering", PurposeKind::PropertyOrFraud),
    ("Counterfeiting/Forgery", PurposeKind::PropertyOrFraud),
    ("Criminal Motor Vehicle Offense (incl. Road Rage/Reckless)", PurposeKind::HitAndRunOrSeriousCrash),
    ("Criminal Motor Vehicle Offense", PurposeKind::HitAndRunOrSeriousCrash),
    ("Destruction/Damage/Vandalism of Property", PurposeKind::PropertyOrFraud),
    ("Drugs/Narcotics", PurposeKind::Drug),
    ("Hit and Run/Car Accident", PurposeKind::HitAndRunOrSeriousCrash),
    ("Homicide/Death Investigation", PurposeKind::ViolentCrime),
    ("Immigration (civil/administrative)", PurposeKind::CivilImmigration),
    ("Immigration (criminal)", PurposeKind::CriminalImmigration),
    ("Larceny/Theft Offenses", PurposeKind::PropertyOrFraud),
    ("Motor Vehicle Theft/Stolen", PurposeKind::StolenVehicleOrPlate),
    ("Obstructing the Police (Fleeing/Eluding)", PurposeKind::Fleeing),
    ("Sex Offenses", PurposeKind::ViolentCrime),
    ("Stolen Property Offenses", PurposeKind::PropertyOrFraud),
    ("Traffic Infraction", PurposeKind::TrafficOrParking),
    ("Wanted Person (Arrest Warrant/Fugitive)", PurposeKind::WantedPerson),
    ("Weapons Offense (Guns/Shots Fired)", PurposeKind::Weapons),
    ("Welfare Check", PurposeKind::WelfareCheck),
];

impl PurposeKind {
    /// The purpose behind an offence-menu value of a search platform.
    ///
    /// ```
    /// use platewarden_policy::model::PurposeKind;
    /// let kind = PurposeKind::from_menu("Immigration (civil/administrative)");
    /// assert_eq!(kind, Some(PurposeKind::CivilImmigration));
    /// ```
    #[must_use]
    pub fn from_menu(value: &str) -> Option<Self> {
        let value = value.trim().trim_end_matches('-').trim_end();
        MENU.iter().find(|(word, _)| word.eq_ignore_ascii_case(value)).map(|(_, kind)| *kind)
    }

    /// Splits a reason of the form `<menu value> - <free text>`; the text is often empty.
    ///
    /// Returns the purpose of the menu half, if there is one, and the rest as free text.
    ///
    /// ```
    /// use platewarden_policy::model::PurposeKind;
    /// let (kind, text) = PurposeKind::split_menu("Drugs/Narcotics - follow-up");
    /// assert_eq!((kind, text), (Some(PurposeKind::Drug), "follow-up"));
    /// assert_eq!(PurposeKind::split_menu("stolen - again"), (None, "stolen - again"));
    /// ```
    #[must_use]
    pub fn split_menu(reason: &str) -> (Option<Self>, &str) {
        if let Some(kind) = Self::from_menu(reason) {
            return (Some(kind), "");
        }
        if let Some((head, tail)) = reason.split_once(" - ")
            && let Some(kind) = Self::from_menu(head)
        {
            return (Some(kind), tail.trim());
        }
        (None, reason)
    }
}
