//! Why a search was refused.

use std::fmt;

use platewarden_policy::model::{Cure, Decision, Reason};

/// Why a search was refused, and what would turn it round. It is made of the request, the law and the searcher's own
/// history alone, and so says nothing about what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denial {
    /// The rules that deny, with citations.
    pub reasons: Vec<Reason>,
    /// What would help.
    pub cures: Vec<Cure>,
}

impl Denial {
    pub(crate) fn of(decision: &Decision) -> Self {
        Self {
            reasons: decision
                .reasons
                .iter()
                .filter(|reason| reason.effect.denies())
                .cloned()
                .collect(),
            cures: decision.cures.clone(),
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, reason) in self.reasons.iter().enumerate() {
            let comma = if at == 0 { "" } else { " " };
            write!(
                f,
                "{comma}{} [{}]",
                reason.message, reason.authority.citation
            )?;
        }
        let cures: Vec<String> = self.cures.iter().map(describe).collect();
        if !cures.is_empty() {
            write!(f, "; what would help: {}", cures.join(", or "))?;
        }
        Ok(())
    }
}

fn describe(cure: &Cure) -> String {
    match cure {
        Cure::StateFact { field } => format!("state {field}"),
        Cure::FileDeclaration {
            jurisdiction,
            statute,
        } => {
            format!("file a declaration for {jurisdiction} ({statute})")
        }
        Cure::AttachCertification { certification } => format!("attach {certification}"),
        Cure::ObtainProcess { process } => format!("obtain {process}"),
        Cure::StateSuspicion { degree } => format!("state {degree}"),
        Cure::NarrowScope { how } => how.to_string(),
        Cure::Act { what } => what.to_string(),
        Cure::NoCure => "nothing".to_owned(),
    }
}
