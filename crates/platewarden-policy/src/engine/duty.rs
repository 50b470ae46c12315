//! From the duties of a rule to the obligations of a decision.

use super::context::Context;
use crate::model::{CertificationKind, LegalProcess, Obligation, Site};
use crate::packs::Duty;

impl Duty {
    /// The obligation that it comes to for this request, if any.
    pub(super) fn obligation(&self, c: &Context<'_>) -> Option<Obligation> {
        match self {
            Self::Fixed(obligation) => Some(obligation.clone()),
            Self::AttachDeclaration => Some(Obligation::AttachDeclaration {
                id: declaration(c).unwrap_or_default(),
            }),
            Self::AttachProcess => c.request.legal_process.as_ref().map(|process| {
                let (LegalProcess::JudicialWarrant { id, .. }
                | LegalProcess::CourtOrder { id, .. }
                | LegalProcess::Subpoena { id }
                | LegalProcess::AdministrativeWarrant { form: id }) = process;
                Obligation::AttachProcess { id: id.clone() }
            }),
            Self::RecordFederalNexus => c.federal_nexus().map(|agency| {
                let agency = agency.to_owned();
                Obligation::RecordFederalNexus { agency }
            }),
            Self::SuppressSites => {
                let of_reads = c.data.reads.iter().flat_map(|read| read.site.iter());
                let all = c.data.sensitive_places.iter().chain(of_reads);
                let mut sites: Vec<Site> = all.copied().collect();
                sites.sort_unstable();
                sites.dedup();
                (!sites.is_empty()).then_some(Obligation::SuppressSites { sites })
            }
        }
    }
}

/// The id of the declaration on file for the place of capture, else of the certification attached.
fn declaration(c: &Context<'_>) -> Option<String> {
    let request = c.request;
    let mut filed = request.actor.agency.declarations.iter();
    let on_file = filed
        .find(|paper| c.data.captured_in.is(&paper.jurisdiction) && paper.in_force(request.as_of));
    let mut papers = request.certifications.iter();
    let attached = papers.find(|paper| paper.kind == CertificationKind::WrittenCertification);
    on_file
        .map(|paper| &paper.id)
        .or(attached.map(|paper| &paper.id))
        .map(|id| id.0.clone())
}
