//! Putting a request together.

use jiff::Timestamp;

use super::{
    AccessMode, AccessScope, CaseRef, CertificationRef, Exigency, LegalProcess, MatchList, Offence,
    SearchRequest, Suspicion, Target, TimeWindow,
};
use crate::model::{AgencyRef, Dataset, Fact, Purpose, RequestId};

/// Builds a [`SearchRequest`]; what is not said stays unknown.
#[derive(Debug, Clone)]
#[must_use = "call `build` to get the request"]
pub struct SearchRequestBuilder {
    pub(super) request: SearchRequest,
}

impl SearchRequestBuilder {
    /// The request's id.
    pub fn id(mut self, id: impl Into<RequestId>) -> Self {
        self.request.id = id.into();
        self
    }

    /// A full plate to look for.
    pub fn plate(mut self, text: impl Into<String>) -> Self {
        self.request.target = Some(Target::Plate { text: text.into() });
        self
    }

    /// What to look for.
    pub fn target(mut self, target: Target) -> Self {
        self.request.target = Some(target);
        self
    }

    /// How reads are reached.
    pub fn mode(mut self, mode: AccessMode) -> Self {
        self.request.mode = mode;
        self
    }

    /// From when to when; the end is not included.
    pub fn window(mut self, start: Timestamp, end: Timestamp) -> Self {
        self.request.window = Some(TimeWindow { start, end });
        self
    }

    /// Whether the access ends with this search.
    pub fn scope(mut self, scope: AccessScope) -> Self {
        self.request.scope = scope;
        self
    }

    /// Why, from the closed list.
    pub fn purpose(mut self, purpose: Purpose) -> Self {
        self.request.purpose = Fact::Known(purpose);
        self
    }

    /// The menu value as the platform recorded it.
    pub fn menu(mut self, text: impl Into<String>) -> Self {
        self.request.purpose_menu = Some(text.into());
        self
    }

    /// Why, in free text.
    pub fn reason(mut self, text: impl Into<String>) -> Self {
        self.request.purpose_detail = Some(text.into());
        self
    }

    /// The offence under investigation.
    pub fn offence(mut self, offence: Offence) -> Self {
        self.request.offence = Some(offence);
        self
    }

    /// The case, by its number.
    pub fn case(mut self, id: impl Into<String>) -> Self {
        self.request.case_ref = Some(CaseRef::case(id));
        self
    }

    /// The case, call or hotlist entry.
    pub fn case_ref(mut self, case: CaseRef) -> Self {
        self.request.case_ref = Some(case);
        self
    }

    /// How much is known against the subject.
    pub fn suspicion(mut self, suspicion: Suspicion) -> Self {
        self.request.suspicion = suspicion;
        self
    }

    /// A warrant, order or subpoena.
    pub fn legal_process(mut self, process: LegalProcess) -> Self {
        self.request.legal_process = Some(process);
        self
    }

    /// An emergency.
    pub fn exigency(mut self, exigency: Exigency) -> Self {
        self.request.exigency = Some(exigency);
        self
    }

    /// One more certification.
    pub fn certification(mut self, certification: CertificationRef) -> Self {
        self.request.certifications.push(certification);
        self
    }

    /// For whom, if not for the actor's own agency.
    pub fn on_behalf_of(mut self, agency: AgencyRef) -> Self {
        self.request.on_behalf_of = Some(agency);
        self
    }

    /// To whom results will be passed on; an empty list says to nobody.
    pub fn transfer_to(mut self, agencies: Vec<AgencyRef>) -> Self {
        self.request.transfer_intended_to = Fact::Known(agencies);
        self
    }

    /// For a hotlist match: against which list.
    pub fn match_list(mut self, list: MatchList) -> Self {
        self.request.match_list = Fact::Known(list);
        self
    }

    /// How many networks the search would touch.
    pub fn networks_searched(mut self, count: u32) -> Self {
        self.request.networks_searched = Some(count);
        self
    }

    /// One more dataset.
    pub fn dataset(mut self, dataset: Dataset) -> Self {
        self.request.datasets.push(dataset);
        self
    }

    /// The request.
    #[must_use]
    pub fn build(self) -> SearchRequest {
        self.request
    }
}
