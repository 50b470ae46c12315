//! What a reason text gives away.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::PurposeKind;
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

/// How a term was written. Ordered from the plain form to the most deliberate disguise.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// As the lexicon has it.
    #[default]
    Plain,
    /// An abbreviation with full stops: `H.S.I.`. Ordinary, no disguise.
    Dotted,
    /// Repaired from a misspelling.
    Misspelt,
    /// Run together with another word.
    RunTogether,
    /// In letters or fragments with blanks, dashes or stops between them, abbreviations with full stops apart.
    Spaced,
    /// With digits, signs or letters of another alphabet, or with characters that cannot be seen.
    LookAlike,
}

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonalDataKind {
    /// A registration number.
    Plate,
    /// A date of birth.
    DateOfBirth,
    /// A US social security number.
    SocialSecurityNumber,
    /// A telephone number.
    Telephone,
    /// An e-mail address.
    Email,
    /// A person's name that is all the text says.
    Name,
}

/// One finding in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// What it is about.
    pub category: SignalCategory,
    /// How strongly.
    pub grade: Grade,
    /// The lexicon's name of the term that fired.
    pub term: String,
    /// Byte range of the original text.
    pub span: Range<usize>,
    /// Whether the spelling hides the term: look-alike letters, hidden characters, spaces between letters.
    /// The grade already takes it into account.
    #[serde(default)]
    pub obfuscated: bool,
    /// How the term was written.
    #[serde(default)]
    pub spelling: Spelling,
    /// Whether the term names an immigration crime (8 USC 1324, 1326, 1327, 1328) rather than status. Entry under
    /// section 1325 counts as status: the laws that bar immigration enforcement mean it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub names_crime: bool,
    /// Why the context changed the term's own grade, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// The kind of personal data, for [`SignalCategory::PersonalData`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal: Option<PersonalDataKind>,
}

/// What a reason text says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Classification {
    /// Findings: sensitive ones first, the strictest first among them.
    pub signals: Vec<Signal>,
    /// The offence-type menu value at the beginning of the cell, if one stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menu: Option<String>,
    /// What a search under that menu value is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menu_purpose: Option<PurposeKind>,
    /// What the free text says the search is for, where it names a crime or another purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_purpose: Option<PurposeKind>,
}

impl SignalCategory {
    /// Whether the category names a purpose that law or policy may prohibit.
    #[must_use]
    pub const fn is_sensitive(self) -> bool {
        matches!(
            self,
            Self::Immigration
                | Self::HealthCare
                | Self::ProtectedActivity
                | Self::EthnicTerm
                | Self::Personal
                | Self::Civil
        )
    }
}

impl Classification {
    /// The strictest sensitive signal; a cell without one grades low if anything else fired.
    #[must_use]
    pub fn overall(&self) -> Option<Grade> {
        let strictest = self.signals.first()?;
        Some(if strictest.category.is_sensitive() {
            strictest.grade
        } else {
            Grade::Low
        })
    }

    /// The category of the strictest signal.
    #[must_use]
    pub fn category(&self) -> Option<SignalCategory> {
        self.signals.first().map(|signal| signal.category)
    }

    /// The strictest grade of one category.
    #[must_use]
    pub fn grade(&self, category: SignalCategory) -> Option<Grade> {
        self.signals
            .iter()
            .filter(|s| s.category == category)
            .map(|s| s.grade)
            .max()
    }

    /// Whether the reason says nothing.
    #[must_use]
    pub fn is_vague(&self) -> bool {
        self.grade(SignalCategory::Vague).is_some()
    }

    /// Byte ranges to black out where the text is published.
    pub fn redactions(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.signals
            .iter()
            .filter(|s| s.category == SignalCategory::PersonalData)
            .map(|s| s.span.clone())
    }
}
