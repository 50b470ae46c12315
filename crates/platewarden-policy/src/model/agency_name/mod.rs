//! What an agency's name in a log or a sharing list says.

mod kind;
mod marks;
mod state;
#[cfg(test)]
mod tests;
mod vocabulary;
mod words;

use super::{Agency, AgencyKind, Fact, FederalComponent, Jurisdiction, State, Status};
use vocabulary::VOCABULARY;
use words::{Word, words};

pub use state::StateReading;

/// An agency's name, parted from its marks and read.
///
/// A state is taken only where the grammar of the name leaves no other reading; doubt is said as doubt.
///
/// ```
/// use platewarden_policy::model::{AgencyKind, AgencyName, FederalComponent, State, StateReading};
/// let name = AgencyName::parse("Houston TX PD [Inactive]");
/// assert_eq!((name.name(), name.is_closed(), name.is_federal()), ("Houston TX PD", true, false));
/// assert_eq!(name.state(), Some(State::Tx));
/// assert_eq!(name.kind(), Some(AgencyKind::Local));
/// // Right behind a state, SD is a sheriff's department.
/// assert_eq!(AgencyName::parse("Kern County CA SD").state(), Some(State::Ca));
/// assert!(matches!(AgencyName::parse("Rapid City SD").state_reading(), StateReading::Doubtful(_)));
/// // "police" holds the letters of ICE; it is no federal body.
/// assert_eq!(AgencyName::parse("Springfield IL Police").component(), None);
/// assert_eq!(AgencyName::parse("Tucson Sector (Federal)").component(), Some(FederalComponent::Usbp));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgencyName<'a> {
    name: &'a str,
    closed: bool,
    nobody: bool,
    vendor: bool,
    state: StateReading,
    component: Option<FederalComponent>,
    kind: Option<AgencyKind>,
}

impl<'a> AgencyName<'a> {
    /// Reads a cell.
    #[must_use]
    pub fn parse(cell: &'a str) -> Self {
        let marked = marks::part(cell);
        let words = words(marked.name);
        let state = state::read(&words);
        let component = kind::component(&words, marked.federal, &state);
        let kind = match component {
            Some(_) => Some(AgencyKind::Federal),
            None => kind::kind(&words, &state),
        };
        Self {
            name: marked.name,
            closed: marked.closed,
            nobody: nobody(&words),
            vendor: VOCABULARY.vendor.find(&words).is_some(),
            state,
            component,
            kind,
        }
    }

    /// The name without its marks.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// Whether the name says that the account is closed: `[Inactive]`, `DNU`, `Do Not Use`, `revoked MOU`.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the name is of a federal body, by a mark or in words.
    #[must_use]
    pub const fn is_federal(&self) -> bool {
        self.component.is_some()
    }

    /// Whether the text names no agency: blank, a sign, `N/A`, `unknown`, `(agency not recorded)`.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        self.nobody
    }

    /// Whether it is a company that runs a network, or its staff.
    #[must_use]
    pub const fn is_vendor(&self) -> bool {
        self.vendor
    }

    /// The state, where the name leaves no other reading.
    #[must_use]
    pub const fn state(&self) -> Option<State> {
        match &self.state {
            StateReading::Certain(state) => Some(*state),
            StateReading::Absent | StateReading::Doubtful(_) => None,
        }
    }

    /// What the name says of the state, doubt included.
    #[must_use]
    pub const fn state_reading(&self) -> &StateReading {
        &self.state
    }

    /// The federal body.
    #[must_use]
    pub const fn component(&self) -> Option<FederalComponent> {
        self.component
    }

    /// The kind of body.
    #[must_use]
    pub const fn kind(&self) -> Option<AgencyKind> {
        self.kind
    }

    /// The agency as far as its name says; what the name leaves open is unknown.
    #[must_use]
    pub fn to_agency(&self) -> Agency {
        let mut agency = Agency {
            id: self.name.into(),
            name: self.name.to_owned(),
            ..Agency::default()
        };
        self.complete(&mut agency);
        agency
    }

    /// Adds what the name says to what is known of the agency: a partial entry is completed, never erased. The marks
    /// of the network, federal and closed, outrank the entry.
    pub fn complete(&self, agency: &mut Agency) {
        if self.nobody {
            return;
        }
        if agency.kind.is_unknown() || self.is_federal() {
            agency.kind = self.kind.map_or(agency.kind, Fact::Known);
        }
        if self.is_federal() {
            agency.jurisdiction = Fact::Known(Jurisdiction::UnitedStates);
            agency.federal_component = agency.federal_component.or(self.component);
        } else if agency.jurisdiction.is_unknown() && agency.federal_component.is_none() {
            agency.jurisdiction = self.state().map_or(Fact::Unknown, |state| {
                Fact::Known(Jurisdiction::State(state))
            });
        }
        if self.closed && agency.status == Status::Active {
            agency.status = Status::Inactive;
        }
    }
}

/// A text without a letter or digit, or one of the texts that stand for nobody.
fn nobody(words: &[Word]) -> bool {
    words.is_empty()
        || VOCABULARY.nobody.is(words)
        || words.iter().all(|word| word.folded.len() < 2)
}
