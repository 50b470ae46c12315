//! How a party stands to data.

use enumset::EnumSet;

use crate::model::{AgencyKind, Fact, Jurisdiction};
use crate::predicates::Relation;

/// How a party stands to data captured in `place` and owned by `owner`.
pub(super) fn relation(
    id: &str,
    kind: Fact<AgencyKind>,
    home: Fact<Jurisdiction>,
    owner: &str,
    place: Fact<Jurisdiction>,
) -> EnumSet<Relation> {
    let own = if !id.is_empty() && id == owner {
        EnumSet::only(Relation::Own)
    } else {
        EnumSet::empty()
    };
    // A federal body is federal wherever it sits.
    let home = if kind.is(&AgencyKind::Federal) {
        Fact::Known(Jurisdiction::UnitedStates)
    } else {
        home
    };
    let (Fact::Known(kind), Fact::Known(home)) = (kind, home) else {
        return own | Relation::Unknown;
    };
    if kind == AgencyKind::Private {
        return own | Relation::Private;
    }
    if kind == AgencyKind::Federal || home == Jurisdiction::UnitedStates {
        let abroad = place.known().is_some_and(|place| !place.is_us());
        return own
            | if abroad {
                Relation::Foreign
            } else {
                Relation::Federal
            };
    }
    let Fact::Known(place) = place else {
        return own | Relation::Unknown;
    };
    let police = kind.is_state_or_local_le();
    own | match (home == place, home.is_us() && place.is_us(), police) {
        (true, _, true) => Relation::InState | Relation::InStateLea,
        (true, _, false) => EnumSet::only(Relation::InState),
        (false, true, true) => Relation::OutOfState | Relation::OutOfStateLea,
        (false, true, false) => EnumSet::only(Relation::OutOfState),
        (false, false, _) => EnumSet::only(Relation::Foreign),
    }
}
