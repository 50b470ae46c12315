//! What a reason text gives away.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::token::token_enum;

token_enum! {
    /// What a term points to.
    pub enum SignalCategory ("signal category") {
        /// Immigration enforcement.
        Immigration = "immigration",
        /// Reproductive or other lawful health care.
        HealthCare = "health_care",
        /// Protest, worship, press, politics.
        ProtectedActivity = "protected_activity",
        /// A slur, or nationality as the only ground.
        EthnicTerm = "ethnic_term",
        /// A federal agency is named.
        FederalNexus = "federal_nexus",
        /// The text says nothing.
        Vague = "vague",
        /// Private use.
        Personal = "personal",
        /// A civil dispute.
        Civil = "civil",
        /// Training or a demonstration.
        Training = "training",
        /// The text holds a plate, date of birth or other personal data.
        PersonalData = "personal_data",
    }
}

token_enum! {
    /// How strong a signal is; ordered from weak to strong.
    pub enum Grade ("grade") {
        /// Permit, and let a reviewer see a sample.
        Low = "low",
        /// Hold for a person where a law speaks of the category, else permit and review.
        Medium = "medium",
        /// The text contradicts any other declared purpose.
        High = "high",
    }
}

/// One term that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// What it points to.
    pub category: SignalCategory,
    /// How strongly.
    pub grade: Grade,
    /// The lexicon's term.
    pub term: String,
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    /// Whether the spelling hides the term: look-alike letters, dots or spaces between letters.
    #[serde(default)]
    pub obfuscated: bool,
}

/// All that a text gives away.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Classification {
    /// The terms that fired, in order of the text.
    pub signals: Vec<Signal>,
}

impl Classification {
    /// The strongest grade of a category.
    #[must_use]
    pub fn grade(&self, category: SignalCategory) -> Option<Grade> {
        self.signals.iter().filter(|s| s.category == category).map(|s| s.grade).max()
    }
}
