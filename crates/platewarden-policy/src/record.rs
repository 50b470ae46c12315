//! From requests and decisions to their records in the audit trail.
//!
//! The trail ([`platewarden_trail`]) holds texts and knows no law; what of a request or a decision goes into which field
//! is said here, on the side that knows both.

use platewarden_trail::{DecisionRecord, Digest, DisclosureRecord, ReasonRecord, RequestRecord};

use crate::model::{
    CaseRef, Court, Decision, Fact, LegalProcess, Obligation, Reason, SearchRequest, Suspicion,
    Target,
};

impl SearchRequest {
    /// Everything that the log duties ask of a request, taken from the request.
    ///
    /// ```
    /// use platewarden_policy::model::*;
    /// let police = Agency::new("springfield-pd", AgencyKind::Local, State::Il);
    /// let request = SearchRequest::builder(Actor::verified("officer-7", police), parse_instant("2026-11-22")?)
    ///     .plate("AB12345")
    ///     .purpose(Purpose::StolenVehicleOrPlate)
    ///     .case("26-001234")
    ///     .build();
    /// let record = request.to_record();
    /// assert_eq!(record.query_elements["plate"], "AB12345");
    /// assert_eq!(record.case_ref.as_deref(), Some("case 26-001234"));
    /// # Ok::<(), platewarden_policy::Error>(())
    /// ```
    #[must_use]
    pub fn to_record(&self) -> RequestRecord {
        let request = self;
        let actor = &request.actor;
        let contact = actor.contact.as_ref();
        let part = |text: &String| Some(text.clone()).filter(|text| !text.trim().is_empty());
        let agency_declarations = actor
            .agency
            .declarations
            .iter()
            .map(|declaration| &declaration.id);
        let certifications = request
            .certifications
            .iter()
            .map(|certification| &certification.id);
        let ids = agency_declarations
            .chain(certifications)
            .map(ToString::to_string);
        let jurisdictions = request
            .datasets
            .iter()
            .filter_map(|data| data.captured_in.known());
        let mut data_jurisdictions: Vec<String> = jurisdictions.map(ToString::to_string).collect();
        data_jurisdictions.sort();
        data_jurisdictions.dedup();
        RequestRecord {
            request_id: request.id.to_string(),
            user_id: actor.user.to_string(),
            person_id: part(&actor.credential.0),
            person_name: contact.and_then(|contact| part(&contact.name)),
            person_telephone: contact.and_then(|contact| part(&contact.telephone)),
            person_email: contact.and_then(|contact| part(&contact.email)),
            person_address: contact.and_then(|contact| part(&contact.address)),
            agency_id: actor.agency.id.to_string(),
            ori: actor.agency.ori.clone(),
            on_behalf_of: request
                .on_behalf_of
                .as_ref()
                .map(|agency| agency.id.to_string()),
            transfer_intended_to: request.transfer_intended_to.known().map_or_else(
                Vec::new,
                |agencies| {
                    agencies
                        .iter()
                        .map(|agency| agency.id.to_string())
                        .collect()
                },
            ),
            access_mode: request.mode.to_string(),
            query_elements: request.target.iter().map(target).collect(),
            window_from: request.window.map(|window| window.start),
            window_to: request.window.map(|window| window.end),
            datasets: request
                .datasets
                .iter()
                .map(|data| data.id.to_string())
                .collect(),
            data_jurisdictions,
            networks_count: request.networks_searched.map(u64::from),
            cameras_count: None,
            camera_locations: Vec::new(),
            purpose_code: match &request.purpose {
                Fact::Known(purpose) => purpose.kind().to_string(),
                Fact::Unknown => "unknown".to_owned(),
            },
            purpose_text: request.purpose_detail.clone(),
            offence_code: request.offence.as_ref().map(|offence| offence.code.clone()),
            offence_jurisdiction: request
                .offence
                .as_ref()
                .and_then(|offence| offence.jurisdiction.known())
                .map(ToString::to_string),
            case_ref: request.case_ref.as_ref().map(case_ref),
            suspicion: suspicion(&request.suspicion),
            legal_process: request.legal_process.as_ref().map(legal_process),
            declaration_ids: ids.filter(|id| !id.is_empty()).collect(),
        }
    }
}

impl Decision {
    /// What was decided on the request.
    #[must_use]
    pub fn to_record(&self, request: &SearchRequest) -> DecisionRecord {
        let decision = self;
        let purpose = decision
            .effective_purpose
            .map_or_else(|| "unknown".to_owned(), |purpose| purpose.to_string());
        // With several datasets, a rule's say belongs to one of them.
        let several = decision.per_dataset.len() > 1;
        let by_dataset = decision
            .per_dataset
            .iter()
            .flat_map(|one| one.reasons.iter().map(move |why| (Some(&one.dataset), why)));
        let whole = decision.reasons.iter().map(|why| (None, why));
        let reasons = if several {
            by_dataset
                .map(|(data, why)| reason(data.map(ToString::to_string), why))
                .collect()
        } else {
            whole
                .map(|(_, why): (Option<String>, &Reason)| reason(None, why))
                .collect()
        };
        DecisionRecord {
            request_id: decision.request.to_string(),
            agency_id: request.actor.agency.id.to_string(),
            purpose_code: purpose,
            outcome: decision.outcome.to_string(),
            per_dataset: decision
                .per_dataset
                .iter()
                .map(|one| (one.dataset.to_string(), one.outcome.to_string()))
                .collect(),
            reasons,
            obligations: decision.obligations.iter().map(json).collect(),
            cures: decision.cures.iter().map(json).collect(),
            packs: decision
                .packs
                .iter()
                .map(|pack| format!("{}@{}", pack.id, pack.version))
                .collect(),
            as_of: Some(decision.as_of),
            input_sha256: Some(Digest::from_bytes(decision.input_sha256)),
        }
    }

    /// Reads handed out under the decision: `result_count` of them, to the asking agency and whoever was named besides.
    #[must_use]
    pub fn to_disclosure(&self, request: &SearchRequest, result_count: u64) -> DisclosureRecord {
        let decision = self;
        let named = request
            .transfer_intended_to
            .known()
            .into_iter()
            .flatten()
            .chain(&request.on_behalf_of);
        let mut recipients = vec![request.actor.agency.id.to_string()];
        recipients.extend(named.map(|agency| agency.id.to_string()));
        recipients.sort();
        recipients.dedup();
        let attached = decision.obligations.iter().filter_map(|duty| match duty {
            Obligation::AttachDeclaration { id } if !id.is_empty() => Some(id.clone()),
            _ => None,
        });
        DisclosureRecord {
            request_id: decision.request.to_string(),
            agency_id: request.actor.agency.id.to_string(),
            datasets: decision.permitted().map(ToString::to_string).collect(),
            result_count,
            recipients,
            declaration_ids: attached.collect(),
            retention_faults: decision
                .per_dataset
                .iter()
                .map(|one| one.faults.len() as u64)
                .sum(),
        }
    }
}

fn reason(dataset: Option<String>, why: &Reason) -> ReasonRecord {
    ReasonRecord {
        rule: why.rule.to_string(),
        effect: why.effect.to_string(),
        citation: why.authority.citation.clone(),
        authority_kind: why.authority.kind.to_string(),
        dataset,
        message: why.message.to_string(),
    }
}

fn target(target: &Target) -> (String, String) {
    let (name, text) = match target {
        Target::Plate { text } => ("plate", text),
        Target::PartialPlate { text } => ("partial_plate", text),
        Target::Description { text } => ("description", text),
        Target::Prompt { text } => ("prompt", text),
        Target::Area { text } => ("area", text),
    };
    (name.to_owned(), text.clone())
}

fn case_ref(case: &CaseRef) -> String {
    let kind = match case {
        CaseRef::Case { .. } => "case",
        CaseRef::CallForService { .. } => "call for service",
        CaseRef::HotlistEntry { .. } => "hotlist entry",
    };
    format!("{kind} {}", case.id())
}

fn suspicion(suspicion: &Suspicion) -> Option<String> {
    match suspicion {
        Suspicion::None => None,
        Suspicion::ArticulableFacts { facts } => Some(format!("articulable facts: {facts}")),
        Suspicion::ReasonableSuspicion { facts } => Some(format!("reasonable suspicion: {facts}")),
        Suspicion::ProbableCause { facts } => Some(format!("probable cause: {facts}")),
    }
}

fn legal_process(process: &LegalProcess) -> String {
    let court = |court: &Fact<Court>| match court {
        Fact::Known(Court::Federal) => "federal court".to_owned(),
        Fact::Known(Court::State { state }) => format!("court of {state}"),
        Fact::Known(Court::Foreign) => "foreign court".to_owned(),
        Fact::Unknown => "court not stated".to_owned(),
    };
    match process {
        LegalProcess::JudicialWarrant { court: of, id } => {
            format!("judicial warrant {id}, {}", court(of))
        }
        LegalProcess::CourtOrder { court: of, id } => format!("court order {id}, {}", court(of)),
        LegalProcess::Subpoena { id } => format!("subpoena {id}"),
        LegalProcess::AdministrativeWarrant { form } => format!("administrative warrant {form}"),
    }
}

/// Duties and cures as their JSON: they have parts, and the words of their kinds are published.
#[allow(
    clippy::expect_used,
    reason = "an empty text in the trail would be a duty that nobody can read"
)]
fn json<T: serde::Serialize>(part: &T) -> String {
    serde_json::to_string(part)
        .expect("duties and cures hold texts, numbers and lists, which JSON can write")
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test stops at the first surprise"
    )]
    use crate::engine::Policy;
    use crate::model::*;
    use crate::packs::Unverified;
    use platewarden_trail::{MemoryStore, Record, Trail, TrailOptions, TrailWriter};

    #[test]
    fn a_search_is_written_down_whole() {
        let police = Agency {
            ori: Some("IL0840100".into()),
            ..Agency::new("springfield-pd", AgencyKind::Local, State::Il)
        };
        let contact = Contact {
            name: "J. Doe".into(),
            telephone: "1".into(),
            email: "j@example.org".into(),
            address: "1 Main St".into(),
        };
        let own = Dataset::new("own", police.to_ref(), State::Il);
        let other = Dataset::new(
            "va",
            AgencyRef::new("richmond-pd", AgencyKind::Local, State::Va),
            State::Va,
        )
        .with_share(ShareGrant::Network);
        let request = SearchRequest::builder(
            Actor::verified("officer-7", police).with_contact(contact),
            parse_instant("2026-11-22").unwrap(),
        )
        .id("r-1")
        .plate("AB12345")
        .purpose(Purpose::StolenVehicleOrPlate)
        .reason("stolen Kia")
        .case("26-001234")
        .offence(Offence::new(
            "240",
            OffenceLevel::Felony,
            OffenceJurisdiction::State,
        ))
        .suspicion(Suspicion::ReasonableSuspicion {
            facts: "seen".into(),
        })
        .legal_process(LegalProcess::JudicialWarrant {
            court: Fact::Known(Court::State { state: State::Il }),
            id: "W-9".into(),
        })
        .transfer_to(vec![AgencyRef::new("isp", AgencyKind::State, State::Il)])
        .dataset(own)
        .dataset(other)
        .build();
        let record = request
            .to_record()
            .with_cameras(12, vec!["Elm & 4th".into()]);
        assert_eq!(record.data_jurisdictions, ["US-IL", "US-VA"]);
        assert_eq!(
            record.legal_process.as_deref(),
            Some("judicial warrant W-9, court of IL")
        );
        assert_eq!(
            (record.person_address.as_deref(), record.cameras_count),
            (Some("1 Main St"), Some(12))
        );

        let decision = Policy::bundled(Unverified::Allow).unwrap().decide(&request);
        let written = decision.to_record(&request);
        assert_eq!(written.per_dataset.len(), 2);
        assert_eq!(written.outcome, "partial");
        assert!(
            written
                .reasons
                .iter()
                .any(|why| why.dataset.as_deref() == Some("va") && why.effect.starts_with("deny"))
        );
        assert!(written.packs.iter().any(|pack| pack.starts_with("us-il@")));
        let disclosure = decision.to_disclosure(&request, 3);
        assert_eq!(disclosure.recipients, ["isp", "springfield-pd"]);
        assert_eq!(disclosure.datasets, ["own"]);
        let written = [Record::from(record), written.into(), disclosure.into()];
        let store = MemoryStore::default();
        let mut trail = TrailWriter::open(store.clone(), TrailOptions::default()).unwrap();
        for record in &written {
            trail.append(record.clone()).unwrap();
        }
        let back: Vec<Record> = Trail::new(store)
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().record().unwrap())
            .collect();
        assert_eq!(back, written);
    }
}
