//! What the texts of a request give away, folded into sets.

use enumset::EnumSet;

use super::purposes::Purposes;
use crate::classifier::{Classification, Grade, Signal, SignalCategory};
use crate::model::{CaseRef, Purpose, PurposeKind, SearchRequest, Target};

/// The strongest grade of each category over all texts of a request.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    grades: [Option<Grade>; SignalCategory::ALL.len()],
    /// The text says nothing.
    pub(crate) vague: bool,
    /// The term that names a federal agency.
    pub(crate) nexus_term: Option<String>,
}

impl Signals {
    pub(crate) fn grade(&self, category: SignalCategory) -> Option<Grade> {
        self.grades.get(category as usize).copied().flatten()
    }

    pub(crate) fn at_least(&self, category: SignalCategory, grade: Grade) -> bool {
        self.grade(category).is_some_and(|found| found >= grade)
    }

    /// Whether a reviewer should see the search although nothing denies it.
    pub(crate) fn wants_review(&self) -> bool {
        SignalCategory::ALL.iter().any(|category| match category {
            SignalCategory::Vague | SignalCategory::PersonalData => false,
            SignalCategory::Immigration
            | SignalCategory::HealthCare
            | SignalCategory::ProtectedActivity
            | SignalCategory::EthnicTerm
            | SignalCategory::FederalNexus
            | SignalCategory::Personal
            | SignalCategory::Civil
            | SignalCategory::Training => self.grade(*category).is_some(),
        })
    }

    fn raise(&mut self, category: SignalCategory, grade: Grade) {
        if let Some(slot) = self.grades.get_mut(category as usize) {
            *slot = (*slot).max(Some(grade));
        }
    }

    fn add(
        &mut self,
        declared: EnumSet<PurposeKind>,
        found: Classification,
    ) -> EnumSet<PurposeKind> {
        let mut purposes = EnumSet::empty();
        for signal in found.signals {
            self.raise(signal.category, signal.grade);
            if signal.grade == Grade::High {
                purposes |= purpose_of(&signal, declared);
            }
            match signal.category {
                SignalCategory::Vague => self.vague = true,
                SignalCategory::FederalNexus if self.nexus_term.is_none() => {
                    self.nexus_term = Some(signal.term)
                }
                _ => {}
            }
        }
        purposes
    }
}

/// The purpose that a strong signal stands for.
fn purpose_of(signal: &Signal, declared: EnumSet<PurposeKind>) -> EnumSet<PurposeKind> {
    match signal.category {
        // An immigration crime under its own name contradicts nothing; under another it is a disguise.
        SignalCategory::Immigration
            if declared.contains(PurposeKind::CriminalImmigration) && signal.names_crime =>
        {
            EnumSet::only(PurposeKind::CriminalImmigration)
        }
        SignalCategory::Immigration => EnumSet::only(PurposeKind::CivilImmigration),
        SignalCategory::HealthCare => EnumSet::only(PurposeKind::LawfulHealthCare),
        SignalCategory::ProtectedActivity => EnumSet::only(PurposeKind::ProtectedActivity),
        SignalCategory::Personal => EnumSet::only(PurposeKind::Personal),
        SignalCategory::Civil => EnumSet::only(PurposeKind::CivilProcess),
        SignalCategory::Training => EnumSet::only(PurposeKind::AuditOrTraining),
        SignalCategory::EthnicTerm
        | SignalCategory::FederalNexus
        | SignalCategory::Vague
        | SignalCategory::PersonalData => EnumSet::empty(),
    }
}

/// Reads all texts of a request.
pub(super) fn read(
    request: &SearchRequest,
    mut classify: impl FnMut(&str) -> Classification,
) -> (Signals, Purposes) {
    let mut signals = Signals::default();
    let mut chosen: EnumSet<PurposeKind> = request
        .purpose
        .known()
        .map(Purpose::kind)
        .into_iter()
        .collect();
    // A look-up that an alert opens inherits the purpose under which the plate was listed.
    if let Some(CaseRef::HotlistEntry { purpose, .. }) = &request.case_ref {
        chosen.extend(purpose.known().copied());
    }
    let mut all = chosen;
    let mut read = |text: &str, signals: &mut Signals| {
        if text.trim().is_empty() {
            return;
        }
        let found = classify(text);
        chosen.extend(found.menu_purpose);
        all |= chosen;
        all |= signals.add(all, found);
    };
    if let Some(menu) = &request.purpose_menu {
        read(menu, &mut signals);
    }
    // Beside a menu value a terse text is normal, not vague.
    let vague = signals.vague;
    if let Some(reason) = &request.purpose_detail {
        read(reason, &mut signals);
    }
    if request.purpose_menu.is_some() {
        signals.vague = vague;
    }
    if let Some(Target::Prompt { text }) = &request.target {
        read(text, &mut signals);
    }
    if let Some(Purpose::Other(detail)) = request.purpose.known() {
        read(detail, &mut signals);
    }
    (signals, Purposes { all, chosen })
}
