//! A decision in words.

use std::fmt::{self, Write as _};

use super::{Cure, Decision, Effect, Obligation, Outcome, Reason};

impl Decision {
    /// The decision in words, for people: outcome, reasons with citations, cures, duties.
    ///
    /// ```
    /// # use platewarden_policy::{engine::Policy, model::*, packs::Unverified};
    /// # let policy = Policy::bundled(Unverified::Allow)?;
    /// # let police = Agency::new("pd", AgencyKind::Local, State::Tx);
    /// # let reads = Dataset::new("il", AgencyRef::new("il-pd", AgencyKind::Local, State::Il), State::Il)
    /// #     .with_share(ShareGrant::Network);
    /// # let request = SearchRequest::builder(Actor::verified("u", police), parse_instant("2026-11-22")?)
    /// #     .purpose(Purpose::ViolentCrime).case("1").dataset(reads).build();
    /// let text = policy.decide(&request).explain().to_string();
    /// assert!(text.contains("625 ILCS 5/2-130(c)"));
    /// assert!(text.contains("file a declaration"));
    /// # Ok::<(), platewarden_policy::Error>(())
    /// ```
    #[must_use]
    pub fn explain(&self) -> impl fmt::Display + '_ {
        Explained(self)
    }
}

struct Explained<'a>(&'a Decision);

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decision = self.0;
        let id = if decision.request.0.is_empty() {
            String::new()
        } else {
            format!("Request {}: ", decision.request)
        };
        writeln!(f, "{id}{}", headline(decision.outcome))?;
        let purpose = decision
            .effective_purpose
            .map_or("unknown", super::PurposeKind::as_str);
        writeln!(
            f,
            "  law as of {}, purpose {}",
            decision.as_of,
            plain(purpose)
        )?;
        for one in &decision.per_dataset {
            writeln!(f, "  {}: {}", one.dataset, headline(one.outcome))?;
            for reason in &one.reasons {
                reason_line(f, reason)?;
            }
            for cure in &one.cures {
                writeln!(f, "    to do: {cure}")?;
            }
            for obligation in &one.obligations {
                writeln!(f, "    owed: {obligation}")?;
            }
            for fault in &one.faults {
                writeln!(
                    f,
                    "    fault: read {} had to be deleted by {} ({})",
                    fault.read, fault.delete_by, fault.rule
                )?;
            }
        }
        if decision.per_dataset.is_empty() {
            for reason in &decision.reasons {
                reason_line(f, reason)?;
            }
        }
        let unverified: Vec<&str> = decision
            .packs
            .iter()
            .filter(|p| !p.verified)
            .map(|p| p.id.as_str())
            .collect();
        if !unverified.is_empty() {
            writeln!(f, "  unverified packs: {}", unverified.join(", "))?;
        }
        Ok(())
    }
}

fn headline(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Permit => "PERMITTED",
        Outcome::PermitWithObligations => "PERMITTED, with duties",
        Outcome::Partial => "PARTLY PERMITTED",
        Outcome::DenyCurable => "DENIED, can be cured",
        Outcome::Deny => "DENIED",
    }
}

fn reason_line(f: &mut fmt::Formatter<'_>, reason: &Reason) -> fmt::Result {
    let mark = match reason.effect {
        Effect::Permit => "+",
        Effect::Oblige => "*",
        Effect::DenyCurable => "?",
        Effect::Deny => "-",
    };
    writeln!(
        f,
        "    {mark} {} [{}; {}]",
        reason.message,
        reason.authority.citation,
        plain(reason.authority.kind.as_str())
    )?;
    if !reason.facts.is_empty() && reason.effect.denies() {
        let mut facts = String::new();
        for (i, fact) in reason.facts.iter().enumerate() {
            write!(
                facts,
                "{}{} = {}",
                if i == 0 { "" } else { ", " },
                fact.field,
                fact.value
            )?;
        }
        writeln!(f, "      because {facts}")?;
    }
    Ok(())
}

fn plain(word: &str) -> String {
    word.replace('_', " ")
}

/// In words: `state `case_ref``.
impl fmt::Display for Cure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&cure_text(self))
    }
}

/// In words: `a supervisor reviews within 72 hours`.
impl fmt::Display for Obligation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&obligation_text(self))
    }
}

fn cure_text(cure: &Cure) -> String {
    match cure {
        Cure::StateFact { field } => format!("state `{field}`"),
        Cure::FileDeclaration {
            jurisdiction,
            statute,
        } => {
            format!("file a declaration towards {jurisdiction} that affirms {statute}")
        }
        Cure::AttachCertification { certification } => {
            format!("attach a {}", plain(certification.as_str()))
        }
        Cure::ObtainProcess { process } => format!("obtain process: {process}"),
        Cure::StateSuspicion { degree } => format!("state facts that amount to {}", plain(degree)),
        Cure::NarrowScope { how } => format!("ask for less: {how}"),
        Cure::Act { what } => what.to_string(),
        Cure::NoCure => "nothing would help".to_owned(),
    }
}

fn obligation_text(obligation: &Obligation) -> String {
    match obligation {
        Obligation::Log { fields } => {
            let fields: Vec<String> = fields.iter().map(|field| plain(field.as_str())).collect();
            format!("log {}", fields.join(", "))
        }
        Obligation::KeepAuditTrail { days } => format!("keep the audit trail for {days} days"),
        Obligation::AttachDeclaration { id } => format!("log the declaration {id}"),
        Obligation::PerjuryStatement => "keep the statement under penalty of perjury".to_owned(),
        Obligation::RecordFederalNexus { agency } => format!("record that {agency} is involved"),
        Obligation::NotifyOwner => "tell the owner of the data".to_owned(),
        Obligation::NoOnwardTransfer { except } => format!("pass nothing on, except: {except}"),
        Obligation::CaseSpecificOnly => "use results for the stated case only".to_owned(),
        Obligation::ClipWindow { from } => format!("return nothing captured before {from}"),
        Obligation::SuppressSites { sites } => {
            let sites: Vec<String> = sites.iter().map(|site| plain(site.as_str())).collect();
            format!("return nothing captured at: {}", sites.join(", "))
        }
        Obligation::HumanVerifyBeforeStop => {
            "a person compares image and plate before a stop".to_owned()
        }
        Obligation::MatchAloneIsNotSuspicion => "a match alone is no ground for a stop".to_owned(),
        Obligation::PurgeManualEntryAtShiftEnd => {
            "remove the entry at the end of the shift".to_owned()
        }
        Obligation::SupervisorReview { within_hours } => {
            format!("a supervisor reviews within {within_hours} hours")
        }
        Obligation::CompleteCaseRef { within_hours } => {
            format!("supply the case number within {within_hours} hours")
        }
        Obligation::CountInReport { report, field } => format!("count in {report}: {field}"),
        Obligation::PublishAudit { within_days } => {
            format!("publish the audit within {within_days} days")
        }
        Obligation::DeleteCopiesAfter { days } => format!("delete copies after {days} days"),
        Obligation::RedactReasonOnPublish => {
            "redact the reason wherever the log is published".to_owned()
        }
        Obligation::AttachProcess { id } => format!("keep the process {id} with the log"),
        Obligation::AttachPreservation { id } => format!("log the hold {id}"),
        Obligation::KeepConfidential => "keep results confidential".to_owned(),
    }
}
