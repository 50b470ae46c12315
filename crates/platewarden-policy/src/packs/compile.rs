//! From the TOML form to compiled rules, refusing whatever is not understood.

mod source;

use std::sync::Arc;

use jiff::{Timestamp, civil::Date, tz};

use sha2::{Digest, Sha256};
use toml::Spanned;

use self::source::Source;
use super::format::{
    PackKind, RawAuthority, RawEffect, RawNeed, RawObligation, RawPack, RawRetention, RawRule, Side,
};
use super::rule::{Duty, InForce, Need, RetentionClause, Rule, RuleEffect};
use super::{LawState, Length, Pack, Scope};
use crate::error::Error;
use crate::model::{Authority, Country, DateRange, Jurisdiction, Obligation, PackId, PackVersion};

/// One pack out of its text; `file` names it in errors.
pub(super) fn compile(file: &str, text: &str) -> Result<Pack, Error> {
    let source = Source { file, text };
    let raw: RawPack = toml::from_str(text).map_err(|e| source.toml(&e))?;
    let header = &raw.pack;
    let verified_on = parse_verified(&source, header)?;
    let verified_by = Some(header.verified_by.clone()).filter(|by| !by.is_empty());
    let offset = tz::Offset::from_hours(header.utc_offset_hours).map_err(|e| {
        source.at_start(
            format!("`utc_offset_hours` is out of range: {e}"),
            "use standard time, such as -6",
        )
    })?;
    let context = Context {
        source: &source,
        offset,
        verified_on,
        verified_by: verified_by.as_deref(),
        header,
    };

    let scopes = context.scopes()?;
    let mut rules = Vec::with_capacity(raw.rule.len());
    for spanned in &raw.rule {
        rules.push(context.rule(spanned.get_ref(), spanned.span().start)?);
    }
    let mut retention = Vec::with_capacity(raw.retention.len());
    for spanned in &raw.retention {
        retention.push(context.retention(spanned.get_ref(), spanned.span().start)?);
    }
    context.refuse_overlaps(&rules, &retention)?;
    Ok(Pack {
        id: Arc::from(header.id.as_str()),
        title: header.title.clone(),
        kind: header.kind,
        note: header.note.clone(),
        scopes,
        rules,
        retention,
        holder_law: header.holder_law.unwrap_or(LawState::NotRead),
        actor_law: header.actor_law.unwrap_or(LawState::NotRead),
        version: Arc::new(PackVersion {
            id: PackId(header.id.clone()),
            version: header.version.clone(),
            sha256: hex::encode(Sha256::digest(text.as_bytes())),
            verified: verified_on.is_some(),
        }),
    })
}

fn parse_verified(
    source: &Source<'_>,
    header: &super::format::RawHeader,
) -> Result<Option<Date>, Error> {
    if header.verified_on.is_empty() {
        return Ok(None);
    }
    if header.verified_by.is_empty() {
        return Err(source.at_key(
            "verified_on",
            "`verified_on` is set but `verified_by` is empty".to_owned(),
            "name the person who read the rules at the official source, or leave `verified_on` empty",
        ));
    }
    header.verified_on.parse().map(Some).map_err(|_| {
        source.at_key(
            "verified_on",
            format!("`verified_on` is `{}`, not a date", header.verified_on),
            "write a date such as \"2026-11-22\", or leave it empty",
        )
    })
}

struct Context<'a> {
    source: &'a Source<'a>,
    offset: tz::Offset,
    verified_on: Option<Date>,
    verified_by: Option<&'a str>,
    header: &'a super::format::RawHeader,
}

impl Context<'_> {
    fn scopes(&self) -> Result<Vec<Scope>, Error> {
        let needs_scope = matches!(self.header.kind, PackKind::Law | PackKind::Supplement);
        if needs_scope == self.header.jurisdictions.is_empty() {
            let (problem, remedy) = if needs_scope {
                (
                    "a law pack names no jurisdiction",
                    "add `jurisdictions = [\"US-IL\"]`",
                )
            } else {
                (
                    "an engine or overlay pack names jurisdictions",
                    "remove `jurisdictions`, or make it a law pack",
                )
            };
            return Err(self
                .source
                .at_key("jurisdictions", problem.to_owned(), remedy));
        }
        let mut scopes = Vec::new();
        for word in &self.header.jurisdictions {
            match word.as_str() {
                "US-*" => scopes.push(Scope::AllStates),
                "EU" => {
                    scopes.push(Scope::EuropeanUnion);
                    scopes.extend(
                        Country::from_code("EU").map(|c| Scope::One(Jurisdiction::Country(c))),
                    );
                }
                code => scopes.push(Scope::One(code.parse().map_err(|e: Error| {
                    self.source.at_key(
                        "jurisdictions",
                        e.to_string(),
                        "write codes such as \"US-IL\", \"DE\", \"EU\"",
                    )
                })?)),
            }
        }
        Ok(scopes)
    }

    fn instant(&self, date: Date) -> Timestamp {
        self.offset
            .to_timestamp(date.at(0, 0, 0, 0))
            .unwrap_or(Timestamp::MAX)
    }

    fn authority(
        &self,
        what: &str,
        raw: Option<&RawAuthority>,
        offset: usize,
    ) -> Result<(Arc<Authority>, InForce), Error> {
        let remedy = "add `authority = { cite = \"625 ILCS 5/2-130(b)\", kind = \"statute\", confidence = \"text\" }`";
        let missing = || {
            self.source
                .at(offset, format!("{what} has no citation"), remedy)
        };
        let raw = raw.ok_or_else(missing)?;
        let cite = raw.cite.as_ref().ok_or_else(missing)?;
        if cite.get_ref().trim().is_empty() {
            return Err(self.source.at(
                cite.span().start,
                format!("{what} has an empty citation"),
                remedy,
            ));
        }
        let in_force = InForce {
            from: raw.from.map_or(Timestamp::MIN, |date| self.instant(date)),
            to: raw.to.map_or(Timestamp::MAX, |date| self.instant(date)),
        };
        if in_force.from >= in_force.to {
            return Err(self.source.at(
                offset,
                format!("{what} ends before it starts"),
                "`from` is the first day in force, `to` the first day no longer in force",
            ));
        }
        let authority = Authority {
            citation: cite.get_ref().trim().to_owned(),
            kind: raw.kind,
            url: raw.url.clone(),
            quote_sha256: raw.quote_sha256.clone(),
            effective: DateRange {
                from: raw.from,
                to: raw.to,
            },
            verified_on: self.verified_on,
            verified_by: self.verified_by.map(str::to_owned),
            confidence: raw.confidence,
        };
        Ok((Arc::new(authority), in_force))
    }

    fn rule(&self, raw: &RawRule, offset: usize) -> Result<Rule, Error> {
        let what = format!("rule `{}`", raw.id);
        let (authority, in_force) = self.authority(&what, raw.authority.as_ref(), offset)?;
        let side = match (self.header.kind, raw.side) {
            (PackKind::Law | PackKind::Supplement, None) => {
                return Err(self.source.at(
                    offset,
                    format!("{what} does not say whose law it is"),
                    "add `side = \"holder\"` (law of the data) or `side = \"actor\"` (law of the officer)",
                ));
            }
            (PackKind::Law | PackKind::Supplement, Some(Side::Any))
            | (PackKind::Engine | PackKind::Overlay, Some(Side::Holder | Side::Actor)) => {
                return Err(self.source.at(
                    offset,
                    format!("{what} has a side that its pack kind does not know"),
                    "law packs use `holder` or `actor`; engine and overlay packs use `any` or nothing",
                ));
            }
            (_, side) => side.unwrap_or(Side::Any),
        };
        self.shape(&what, raw, offset)?;
        let needs = raw
            .needs
            .iter()
            .map(|need| self.need(&what, need, offset))
            .collect::<Result<_, _>>()?;
        Ok(Rule {
            id: Arc::from(raw.id.as_str()),
            side,
            effect: match raw.effect {
                RawEffect::Deny => RuleEffect::Deny,
                RawEffect::DenyUnless => RuleEffect::DenyUnless,
                RawEffect::Oblige => RuleEffect::Oblige,
                RawEffect::Permit => RuleEffect::Permit,
            },
            asks_the_law: raw.when.asks_the_law(),
            when: raw.when.clone(),
            needs,
            cures: raw.cures.clone(),
            duties: raw.obligations.iter().map(duty).collect(),
            waivable: raw.waivable,
            message: Arc::from(raw.message.trim()),
            authority,
            in_force,
            line: self.source.line(offset),
        })
    }

    /// Refuses rules whose parts do not fit together: a check that could not do anything.
    fn shape(&self, what: &str, raw: &RawRule, offset: usize) -> Result<(), Error> {
        let fail = |problem: &str, remedy: &str| {
            Err(self.source.at(offset, format!("{what} {problem}"), remedy))
        };
        match raw.effect {
            RawEffect::DenyUnless if raw.needs.is_empty() => fail(
                "is `deny_unless` but needs nothing",
                "add `needs`, or make it `deny`",
            ),
            RawEffect::Deny | RawEffect::Oblige | RawEffect::Permit if !raw.needs.is_empty() => {
                fail(
                    "has `needs`, which only `deny_unless` reads",
                    "make it `deny_unless`, or remove `needs`",
                )
            }
            RawEffect::Oblige if raw.obligations.is_empty() => {
                fail("is `oblige` but lists no obligation", "add `obligations`")
            }
            RawEffect::Deny | RawEffect::Permit if !raw.obligations.is_empty() => fail(
                "lists obligations that nobody would read",
                "make it `oblige`, or remove them",
            ),
            RawEffect::Oblige | RawEffect::Permit if !raw.cures.is_empty() => {
                fail("lists cures but never denies", "remove `cures`")
            }
            RawEffect::Oblige | RawEffect::Permit if raw.waivable => {
                fail("is waivable but never denies", "remove `waivable`")
            }
            _ if raw.waivable
                && raw
                    .authority
                    .as_ref()
                    .is_some_and(|a| a.kind == crate::model::AuthorityKind::Statute) =>
            {
                fail(
                    "lets an emergency waive a statute",
                    "remove `waivable`: only policy can be waived",
                )
            }
            _ if raw.message.trim().is_empty() => {
                fail("has no message", "say in one sentence what it means")
            }
            _ if raw.id.trim().is_empty() => {
                fail("has no id", "give it an id such as \"il-2-130-b2\"")
            }
            _ => Ok(()),
        }
    }

    fn unknown(
        &self,
        what: &str,
        word: &Spanned<String>,
        known: impl Iterator<Item = &'static str>,
    ) -> Error {
        self.source.at(
            word.span().start,
            format!("unknown {what} `{}`", word.get_ref()),
            format!("use one of {}", known.collect::<Vec<_>>().join(", ")),
        )
    }

    fn need(&self, what: &str, raw: &RawNeed, offset: usize) -> Result<Need, Error> {
        let given = usize::from(raw.declaration.is_some())
            + usize::from(raw.certification.is_some())
            + usize::from(raw.process.is_some())
            + usize::from(raw.suspicion.is_some())
            + usize::from(raw.predicate.is_some())
            + usize::from(!raw.any.is_empty());
        if given != 1 || (!raw.courts.is_empty() && raw.process.is_none()) {
            return Err(self.source.at(
                offset,
                format!("a need of {what} does not have exactly one key"),
                "use one of declaration, certification, process (with courts), suspicion, predicate, any",
            ));
        }
        if let Some(statute) = &raw.declaration {
            return self.declaration(statute);
        }
        if let Some(kind) = raw.certification {
            return Ok(Need::Certification(kind));
        }
        if let Some(process) = &raw.process {
            return self.process(process, &raw.courts);
        }
        if let Some(degree) = &raw.suspicion {
            let level = match degree.get_ref().as_str() {
                "articulable_facts" => 1,
                "reasonable_suspicion" => 2,
                "probable_cause" => 3,
                _ => {
                    let known = [
                        "articulable_facts",
                        "reasonable_suspicion",
                        "probable_cause",
                    ];
                    return Err(self.unknown("suspicion", degree, known.into_iter()));
                }
            };
            return Ok(Need::Suspicion {
                name: Arc::from(degree.get_ref().as_str()),
                level,
            });
        }
        if let Some(predicate) = &raw.predicate {
            return Ok(Need::Predicate(predicate.0));
        }
        raw.any
            .iter()
            .map(|need| self.need(what, need, offset))
            .collect::<Result<_, _>>()
            .map(Need::Any)
    }

    fn declaration(&self, statute: &Spanned<String>) -> Result<Need, Error> {
        let only = match self.header.jurisdictions.as_slice() {
            [one] => one.parse::<Jurisdiction>().ok(),
            _ => None,
        };
        let Some(jurisdiction) = only else {
            return Err(self.source.at(
                statute.span().start,
                "a declaration is needed in a pack that is not of exactly one jurisdiction"
                    .to_owned(),
                "move the rule to the pack of the jurisdiction that asks for it",
            ));
        };
        let spellings: Vec<&str> = statute.get_ref().split('|').map(str::trim).collect();
        let keys: Vec<String> = spellings
            .iter()
            .map(|s| crate::predicates::statute_key(s))
            .collect();
        if keys.iter().any(|key| key.len() < 4) {
            return Err(self.source.at(
                statute.span().start,
                format!(
                    "the statute `{}` is too short to tell statutes apart",
                    statute.get_ref()
                ),
                "write at least four letters or digits for each spelling",
            ));
        }
        Ok(Need::Declaration {
            jurisdiction,
            code: Arc::from(jurisdiction.to_string()),
            statute: Arc::from(spellings.first().copied().unwrap_or_default()),
            keys,
        })
    }

    fn process(
        &self,
        process: &Spanned<String>,
        courts: &[Spanned<String>],
    ) -> Result<Need, Error> {
        let warrant_only = match process.get_ref().as_str() {
            "judicial_warrant" => true,
            "warrant_or_order" => false,
            _ => {
                return Err(self.unknown(
                    "process",
                    process,
                    ["judicial_warrant", "warrant_or_order"].into_iter(),
                ));
            }
        };
        let mut state_courts = Vec::new();
        let mut federal_court = false;
        for court in courts {
            match court.get_ref().as_str() {
                "federal" => federal_court = true,
                word => match word.parse::<Jurisdiction>() {
                    Ok(Jurisdiction::State(state)) => state_courts.push(state),
                    _ => {
                        return Err(self.unknown(
                            "court",
                            court,
                            ["federal", "US-MD (any state)"].into_iter(),
                        ));
                    }
                },
            }
        }
        let mut name = process.get_ref().replace('_', " ");
        if !courts.is_empty() {
            let list: Vec<&str> = courts.iter().map(|c| c.get_ref().as_str()).collect();
            name = format!("{name} of a court of: {}", list.join(", "));
        }
        Ok(Need::Process {
            name: Arc::from(name),
            warrant_only,
            federal_court,
            state_courts,
            any_court: courts.is_empty(),
        })
    }

    fn length(&self, text: &Spanned<String>) -> Result<Length, Error> {
        Length::parse(text.get_ref()).ok_or_else(|| {
            self.source.at(
                text.span().start,
                format!("cannot read the length `{}`", text.get_ref()),
                "write a number and a unit, such as \"21 days\", \"30 months\", \"3 minutes\"",
            )
        })
    }

    fn retention(&self, raw: &RawRetention, offset: usize) -> Result<RetentionClause, Error> {
        let what = format!("retention clause `{}`", raw.id);
        let (authority, in_force) = self.authority(&what, raw.authority.as_ref(), offset)?;
        let cap = if raw.cap.get_ref() == "none" {
            None
        } else {
            Some(self.length(&raw.cap)?)
        };
        Ok(RetentionClause {
            id: Arc::from(raw.id.as_str()),
            cap,
            operator: raw.operator,
            owner: raw.owner.clone(),
            matched_exempt: raw.matched_exempt,
            holds: raw.holds.clone(),
            sworn_preservation_max: raw
                .sworn_preservation_max
                .as_ref()
                .map(|t| self.length(t))
                .transpose()?,
            message: Arc::from(raw.message.trim()),
            authority,
            in_force,
            line: self.source.line(offset),
        })
    }

    /// One id may recur (a rule amended over time), but never with two versions in force at once.
    fn refuse_overlaps(&self, rules: &[Rule], retention: &[RetentionClause]) -> Result<(), Error> {
        let remedy = "give the earlier one a `to` no later than the later one's `from`, or give them different ids";
        for (i, later) in rules.iter().enumerate() {
            if let Some(earlier) = rules
                .iter()
                .take(i)
                .find(|r| r.id == later.id && r.in_force.overlaps(later.in_force))
            {
                let problem = format!(
                    "rule `{}` overlaps in time with its other version at line {}",
                    later.id, earlier.line
                );
                return Err(self.source.error(Some(later.line), problem, remedy));
            }
        }
        for (i, later) in retention.iter().enumerate() {
            let same = |c: &&RetentionClause| {
                c.operator == later.operator
                    && c.owner == later.owner
                    && c.in_force.overlaps(later.in_force)
            };
            if let Some(earlier) = retention.iter().take(i).find(same) {
                let problem = format!(
                    "retention clause `{}` overlaps in time with the one at line {}",
                    later.id, earlier.line
                );
                return Err(self.source.error(Some(later.line), problem, remedy));
            }
        }
        Ok(())
    }
}

fn duty(raw: &RawObligation) -> Duty {
    let fixed = match raw {
        RawObligation::AttachDeclaration => return Duty::AttachDeclaration,
        RawObligation::AttachProcess => return Duty::AttachProcess,
        RawObligation::RecordFederalNexus => return Duty::RecordFederalNexus,
        RawObligation::SuppressSites => return Duty::SuppressSites,
        RawObligation::Log { fields } => Obligation::Log {
            fields: Arc::from(fields.as_slice()),
        },
        RawObligation::KeepAuditTrail { days } => Obligation::KeepAuditTrail { days: *days },
        RawObligation::PerjuryStatement => Obligation::PerjuryStatement,
        RawObligation::NotifyOwner => Obligation::NotifyOwner,
        RawObligation::NoOnwardTransfer { except } => Obligation::NoOnwardTransfer {
            except: Arc::from(except.as_str()),
        },
        RawObligation::CaseSpecificOnly => Obligation::CaseSpecificOnly,
        RawObligation::HumanVerifyBeforeStop => Obligation::HumanVerifyBeforeStop,
        RawObligation::MatchAloneIsNotSuspicion => Obligation::MatchAloneIsNotSuspicion,
        RawObligation::PurgeManualEntryAtShiftEnd => Obligation::PurgeManualEntryAtShiftEnd,
        RawObligation::SupervisorReview { within_hours } => Obligation::SupervisorReview {
            within_hours: *within_hours,
        },
        RawObligation::CompleteCaseRef { within_hours } => Obligation::CompleteCaseRef {
            within_hours: *within_hours,
        },
        RawObligation::CountInReport { report, field } => Obligation::CountInReport {
            report: Arc::from(report.as_str()),
            field: Arc::from(field.as_str()),
        },
        RawObligation::PublishAudit { within_days } => Obligation::PublishAudit {
            within_days: *within_days,
        },
        RawObligation::DeleteCopiesAfter { days } => Obligation::DeleteCopiesAfter { days: *days },
        RawObligation::RedactReasonOnPublish => Obligation::RedactReasonOnPublish,
        RawObligation::KeepConfidential => Obligation::KeepConfidential,
    };
    Duty::Fixed(fixed)
}
