//! Why a search was refused.

use std::fmt;

use platewarden_policy::model::{Cure, Decision, Reason};
use serde::Serialize;

/// Why a search was refused, and what would turn it round. It is made of the request, the law and the searcher's own
/// history alone, and so says nothing about what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
        let cures: Vec<String> = self.cures.iter().map(Cure::to_string).collect();
        if !cures.is_empty() {
            write!(f, "; what would help: {}", cures.join(", or "))?;
        }
        Ok(())
    }
}
